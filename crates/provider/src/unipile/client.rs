//! The client: what can be asked of a provider, in v1's routes.

use super::decode::{self, Lacks};
use super::http::Http;
use super::reply::{Reply, named, same, shape};
use super::routes;
use super::{link, read_back, send, session};
use crate::{
    Answered, Cause, Class, Config, ConfigError, HostedLink, LIMIT_MAX, LinkRequest, Owner, Page,
    Provider, ProviderError,
};
use jiff::Timestamp;
use policy::ids::SessionId;
use policy::sends::by_hand::SentInvitations;
use policy::sends::call::{ReadBack, Receipt, Started};
use policy::sends::sight::Sight;
use policy::session::Session;
use std::fmt;

/// Unipile's v1. Cheap to share behind an `Arc`; holds a pool of connections.
pub struct Unipile {
    pub(super) http: Http,
}

impl Unipile {
    /// A client; nothing is sent yet. Proxies named in the environment are not used.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        Ok(Self {
            http: Http::new(config)?,
        })
    }

    async fn page(&self, cursor: Option<&str>, limit: u16) -> Result<Page, ProviderError> {
        let route = &routes::LIST;
        let mut request = self
            .http
            .request(route, "")?
            .query(&[("limit", limit.clamp(1, LIMIT_MAX))]);
        if let Some(cursor) = cursor {
            request = request.query(&[("cursor", cursor)]);
        }
        let read = |reply: &Reply<'_>| {
            let lacks = |Lacks(what)| shape(route, reply.status, what);
            let page = match reply.cut() {
                Some(cut) if limit <= 1 => session::page_of_one(cut),
                _ => session::page(&reply.text(route)?),
            };
            let answered_at = reply.date;
            page.map(|page| Page {
                answered_at,
                ..page
            })
            .map_err(lacks)
        };
        self.http.call_reading(route, request, read).await
    }

    async fn session(&self, id: &SessionId) -> Result<Session, ProviderError> {
        let route = &routes::GET;
        let (status, value) = self
            .http
            .call(route, self.http.request(route, &id.0)?)
            .await?;
        // This answer is evidence for or against a removal, so here only a 200 will do (R-DEL gate 3).
        if status != 200 {
            return Err(shape(route, status, "status 200"));
        }
        let session = session::session(&value).map_err(|Lacks(what)| shape(route, status, what))?;
        same(route, status, id, Some(&session.id.0))?;
        Ok(session)
    }

    async fn restarted(&self, id: &SessionId) -> Result<(), ProviderError> {
        let route = &routes::RESTART;
        let (status, value) = self
            .http
            .call(route, self.http.request(route, &id.0)?)
            .await?;
        same(route, status, id, named(&value))?;
        if decode::restarted(&value).map_err(|Lacks(what)| shape(route, status, what))? {
            return Ok(());
        }
        let cause = Cause::Refused("AccountFailedToRestart".into());
        let error = ProviderError::new(route.name, Class::Transient, cause);
        Err(ProviderError {
            status: Some(status),
            ..error
        })
    }

    async fn link(&self, wanted: &LinkRequest) -> Result<HostedLink, ProviderError> {
        let route = &routes::LINK;
        let request = self
            .http
            .request(route, "")?
            .json(&link::body(wanted, &self.http.base));
        let (status, value) = self.http.call(route, request).await?;
        decode::hosted_link(&value).map_err(|Lacks(what)| shape(route, status, what))
    }

    async fn owner(&self, id: &SessionId) -> Result<Owner, ProviderError> {
        let route = &routes::ME;
        let request = self
            .http
            .request(route, "")?
            .query(&[("account_id", &id.0)]);
        let (status, value) = self.http.call(route, request).await?;
        same(route, status, id, named(&value))?;
        decode::owner(&value).map_err(|Lacks(what)| shape(route, status, what))
    }
}

impl Provider for Unipile {
    fn list_sessions<'a>(&'a self, cursor: Option<&'a str>, limit: u16) -> Answered<'a, Page> {
        Box::pin(self.page(cursor, limit))
    }

    fn get_session<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Session> {
        Box::pin(self.session(id))
    }

    fn restart<'a>(&'a self, id: &'a SessionId) -> Answered<'a, ()> {
        Box::pin(self.restarted(id))
    }

    fn hosted_link<'a>(&'a self, request: &'a LinkRequest) -> Answered<'a, HostedLink> {
        Box::pin(self.link(request))
    }

    fn me<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Owner> {
        Box::pin(self.owner(id))
    }

    fn send(&self, started: Started) -> Answered<'_, Receipt> {
        Box::pin(send::send(&self.http, started))
    }

    fn read_back<'a>(&'a self, asked: &'a ReadBack) -> Answered<'a, Sight> {
        Box::pin(async { Ok(read_back::read_back(&self.http, asked).await) })
    }

    fn sent_invitations<'a>(
        &'a self,
        id: &'a SessionId,
        since: Timestamp,
    ) -> Answered<'a, SentInvitations> {
        Box::pin(async move { Ok(read_back::sent_invitations(&self.http, id, since).await) })
    }

    fn clock(&self) -> Option<Timestamp> {
        self.http.clock()
    }
}

impl fmt::Debug for Unipile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.http.base.as_str();
        f.debug_struct("Unipile")
            .field("base", &base)
            .finish_non_exhaustive()
    }
}
