//! The provider, with a span for each call. It says which call and how it ended, and nothing of what was said.

use crate::trace::{begin, current};
use jiff::Timestamp;
use policy::ids::SessionId;
use policy::sends::by_hand::SentInvitations;
use policy::sends::call::{ReadBack, Receipt, Started};
use policy::sends::sight::Sight;
use policy::session::Session;
use provider::{Answered, HostedLink, LinkRequest, Owner, Page, Provider, ProviderError};
use std::sync::Arc;
use telemetry::{Details, Kind, Span};

/// Passes every call on.
pub(crate) struct Traced(pub(crate) Arc<dyn Provider>);

/// Begins the span of a call to the provider below the current one. For calls that go past [`Provider`].
pub fn calling(name: &'static str) -> Span {
    begin(current(), || Details {
        name: format!("provider {name}"),
        kind: Kind::Client,
        links: vec![],
        attributes: vec![
            ("peer.service", "provider".into()),
            ("relink.provider.call", name.into()),
        ],
    })
}

async fn traced<T>(name: &'static str, call: Answered<'_, T>) -> Result<T, ProviderError> {
    let mut span = calling(name);
    let answer = call.await;
    if let Err(error) = &answer {
        if let Some(status) = error.status {
            span.set("http.response.status_code", i64::from(status));
        }
        span.fail(error.class().as_str());
    }
    answer
}

impl Provider for Traced {
    fn list_sessions<'a>(&'a self, cursor: Option<&'a str>, limit: u16) -> Answered<'a, Page> {
        Box::pin(traced("list_sessions", self.0.list_sessions(cursor, limit)))
    }

    fn get_session<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Session> {
        Box::pin(traced("get_session", self.0.get_session(id)))
    }

    fn restart<'a>(&'a self, id: &'a SessionId) -> Answered<'a, ()> {
        Box::pin(traced("restart", self.0.restart(id)))
    }

    fn hosted_link<'a>(&'a self, request: &'a LinkRequest) -> Answered<'a, HostedLink> {
        Box::pin(traced("hosted_link", self.0.hosted_link(request)))
    }

    fn me<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Owner> {
        Box::pin(traced("me", self.0.me(id)))
    }

    fn send(&self, started: Started) -> Answered<'_, Receipt> {
        Box::pin(traced("send", self.0.send(started)))
    }

    fn read_back<'a>(&'a self, asked: &'a ReadBack) -> Answered<'a, Sight> {
        Box::pin(traced("read_back", self.0.read_back(asked)))
    }

    fn sent_invitations<'a>(
        &'a self,
        id: &'a SessionId,
        since: Timestamp,
    ) -> Answered<'a, SentInvitations> {
        let call = self.0.sent_invitations(id, since);
        Box::pin(traced("sent_invitations", call))
    }

    fn clock(&self) -> Option<Timestamp> {
        self.0.clock()
    }
}
