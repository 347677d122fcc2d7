//! A caller with a bug: it sends once more what it heard no answer to.

use jiff::Timestamp;
use policy::ids::SessionId;
use policy::sends::by_hand::SentInvitations;
use policy::sends::call::{ReadBack, Receipt, Started};
use policy::sends::sight::Sight;
use policy::session::Session;
use provider::{Answered, HostedLink, LinkRequest, Owner, Page, Provider};
use std::sync::Arc;

/// Asks again when it hears nothing.
pub(super) struct Resends(pub(super) Arc<dyn Provider>);

impl Provider for Resends {
    fn list_sessions<'a>(&'a self, cursor: Option<&'a str>, limit: u16) -> Answered<'a, Page> {
        self.0.list_sessions(cursor, limit)
    }

    fn get_session<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Session> {
        self.0.get_session(id)
    }

    fn restart<'a>(&'a self, id: &'a SessionId) -> Answered<'a, ()> {
        self.0.restart(id)
    }

    fn hosted_link<'a>(&'a self, request: &'a LinkRequest) -> Answered<'a, HostedLink> {
        self.0.hosted_link(request)
    }

    fn me<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Owner> {
        self.0.me(id)
    }

    fn send(&self, started: Started) -> Answered<'_, Receipt> {
        Box::pin(async move {
            let again = Started::of_row(started.request().clone());
            match self.0.send(started).await {
                Ok(receipt) => Ok(receipt),
                Err(_) => self.0.send(again).await,
            }
        })
    }

    fn read_back<'a>(&'a self, asked: &'a ReadBack) -> Answered<'a, Sight> {
        self.0.read_back(asked)
    }

    fn sent_invitations<'a>(
        &'a self,
        id: &'a SessionId,
        since: Timestamp,
    ) -> Answered<'a, SentInvitations> {
        self.0.sent_invitations(id, since)
    }

    fn clock(&self) -> Option<Timestamp> {
        self.0.clock()
    }
}
