//! Provider clients with a bug in them, between a fleet and the simulator.

use jiff::Timestamp;
use policy::class::Class;
use policy::ids::{SendId, SessionId};
use policy::sends::Action;
use policy::sends::by_hand::SentInvitations;
use policy::sends::call::{ReadBack, Receipt, Request, Started, Trace};
use policy::sends::sight::Sight;
use policy::session::Session;
use provider::{Answered, Cause, HostedLink, LinkRequest, Owner, Page, Provider, ProviderError};
use reqwest::Client;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use tests::provider::KEY;

/// The bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twist {
    /// What the provider shows of a message is held against our clock, give or take two minutes.
    ComparesClocks,
    /// What the provider shows of a message is held against what was said, sign by sign.
    ComparesTexts,
    /// What the provider says of its own trouble is taken for a refusal of the account.
    BlamesAccounts,
    /// A template leaves as it was written.
    LeavesPlaceholders,
}

/// The simulator behind it, told once it runs.
pub(super) type Base = Arc<OnceLock<String>>;

/// A client with that bug.
pub(super) struct Twisted {
    inner: Arc<dyn Provider>,
    twist: Twist,
    base: Base,
    client: Client,
    /// Our clock before each call.
    called_at: Mutex<HashMap<SendId, Timestamp>>,
}

impl Twisted {
    pub(super) fn new(inner: Arc<dyn Provider>, twist: Twist, base: Base) -> Self {
        let client = Client::builder().no_proxy().build().expect("a client");
        Self {
            inner,
            twist,
            base,
            client,
            called_at: Mutex::default(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.get().expect("told"))
    }

    async fn get(&self, path: &str) -> Option<Value> {
        let asked = self.client.get(self.url(path)).header("X-API-KEY", KEY);
        let answer = asked.send().await.ok()?.error_for_status().ok()?;
        answer.json().await.ok()
    }

    /// The simulator's clock is ours; what it shows of it to others may be wrong.
    async fn now(&self) -> Option<Timestamp> {
        let view = self.get("/control/clock").await?;
        view["now"].as_str()?.parse().ok()
    }

    /// Whether a message of that person's chat is the one that was said, by the bug's rule.
    async fn shows(&self, said: &Request) -> Option<bool> {
        let (session, target) = (&said.session.0, &said.target);
        let chats = format!("/api/v1/chat_attendees/{target}/chats?account_id={session}");
        let Some(chats) = self.get(&chats).await else {
            return Some(false);
        };
        let chat = chats["items"][0]["id"].as_str()?;
        let list = format!("/api/v1/chats/{chat}/messages?account_id={session}");
        let list = self.get(&list).await?;
        let called_at = *self.called_at.lock().ok()?.get(&said.send)?;
        let is_it = |item: &Value| match self.twist {
            Twist::ComparesClocks => {
                let at: Option<Timestamp> =
                    item["timestamp"].as_str().and_then(|at| at.parse().ok());
                at.is_some_and(|at| at.duration_since(called_at).as_secs().abs() <= 120)
            }
            _ => item["text"].as_str() == said.body.as_deref(),
        };
        Some(list["items"].as_array()?.iter().any(is_it))
    }

    async fn leave_unrendered(&self, said: &Request) -> Result<Receipt, ProviderError> {
        let body = json!({
            "account_id": said.session.0, "provider_id": said.target, "message": "Dear {{first_name}}",
        });
        let asked = self.client.post(self.url("/api/v1/users/invite"));
        let sent = asked.header("X-API-KEY", KEY).json(&body).send().await;
        sent.map(|_| Receipt::default())
            .map_err(|_| blamed("nobody answers"))
    }
}

/// As if the provider had said no in its own words.
fn blamed(why: &str) -> ProviderError {
    ProviderError {
        status: Some(422),
        kind: Some("errors/service_unavailable".into()),
        ..ProviderError::new("POST /chats", Class::Unknown, Cause::Refused(why.into()))
    }
}

impl Provider for Twisted {
    fn list_sessions<'a>(&'a self, cursor: Option<&'a str>, limit: u16) -> Answered<'a, Page> {
        self.inner.list_sessions(cursor, limit)
    }

    fn get_session<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Session> {
        self.inner.get_session(id)
    }

    fn restart<'a>(&'a self, id: &'a SessionId) -> Answered<'a, ()> {
        self.inner.restart(id)
    }

    fn hosted_link<'a>(&'a self, request: &'a LinkRequest) -> Answered<'a, HostedLink> {
        self.inner.hosted_link(request)
    }

    fn me<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Owner> {
        self.inner.me(id)
    }

    fn send(&self, started: Started) -> Answered<'_, Receipt> {
        Box::pin(async move {
            let said = started.request().clone();
            if let Some(now) = self.now().await {
                let mut called_at = self.called_at.lock().expect("nobody panics with it");
                called_at.insert(said.send, now);
            }
            if self.twist == Twist::LeavesPlaceholders && said.action == Action::Invite {
                return self.leave_unrendered(&said).await;
            }
            let sent = self.inner.send(started).await;
            match sent {
                Err(error) if self.twist == Twist::BlamesAccounts && error.status >= Some(500) => {
                    Err(blamed("the provider's own trouble"))
                }
                sent => sent,
            }
        })
    }

    fn read_back<'a>(&'a self, asked: &'a ReadBack) -> Answered<'a, Sight> {
        let is_naive = matches!(self.twist, Twist::ComparesClocks | Twist::ComparesTexts);
        if !is_naive || asked.request.action != Action::Message {
            return self.inner.read_back(asked);
        }
        Box::pin(async move {
            let trace = match self.shows(&asked.request).await {
                Some(true) => Trace::Found(Receipt::default()),
                Some(false) => Trace::Absent,
                None => Trace::Unclear {
                    why: "it cannot be read".to_owned(),
                },
            };
            Ok(Sight::State(trace))
        })
    }

    fn sent_invitations<'a>(
        &'a self,
        id: &'a SessionId,
        since: Timestamp,
    ) -> Answered<'a, SentInvitations> {
        self.inner.sent_invitations(id, since)
    }

    fn clock(&self) -> Option<Timestamp> {
        self.inner.clock()
    }
}
