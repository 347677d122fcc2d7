//! A provider that costs nothing, so that what is measured is the database's part of a sweep.

use clap::Args;
use jiff::Timestamp;
use policy::ids::{Identity, SessionId};
use policy::sends::by_hand::SentInvitations;
use policy::sends::call::{ReadBack, Receipt, Started};
use policy::sends::sight::Sight;
use policy::session::{Health, Session};
use provider::{
    Answered, Cause, Class, HostedLink, LinkRequest, Owner, Page, Provider, ProviderError,
};
use std::sync::atomic::{AtomicU32, Ordering};

/// Of so many sessions one is lost.
pub(crate) const LOST_ONE_IN: u32 = 100;

/// Sessions by number, made up while they are listed.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Listing {
    /// How many sessions there are.
    #[arg(long, default_value_t = 0)]
    pub(crate) sessions: u32,
}

/// One reading of all sessions, by its number from 1 on. In the first all are well; each later one is like the second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading(pub(crate) u32);

impl Reading {
    /// How many of that many sessions are lost in it.
    pub(crate) fn lost_of(self, sessions: u32) -> u32 {
        if self.0 == 1 {
            0
        } else {
            sessions.div_ceil(LOST_ONE_IN)
        }
    }

    fn is_lost(self, number: u32) -> bool {
        self.0 > 1 && number.is_multiple_of(LOST_ONE_IN)
    }

    /// Id and word of a session, as the list has them.
    pub(crate) fn row(self, number: u32) -> (String, &'static str) {
        let word = if self.is_lost(number) {
            "CREDENTIALS"
        } else {
            "OK"
        };
        (session_of(number), word)
    }

    fn session(self, number: u32) -> Session {
        let health = if self.is_lost(number) {
            Health::Credentials
        } else {
            Health::Ok
        };
        let (id, word) = self.row(number);
        Session {
            id: SessionId(id),
            kind: "LINKEDIN".to_owned(),
            name: format!("Person {number}"),
            health,
            words: vec![word.to_owned()],
            odd: vec![],
            side: None,
            identity: Some(Identity(identity_of(number))),
            handle: Some(format!("person-{number}")),
            created_at: Timestamp::UNIX_EPOCH,
        }
    }
}

/// The session of account `number`. As random as the provider's: neighbours in the list are none in an index.
pub(crate) fn session_of(number: u32) -> String {
    format!("s{:021x}", mixed(u64::from(number)))
}

/// The person behind account `number`.
pub(crate) fn identity_of(number: u32) -> String {
    format!("ACoAAA{:016x}", mixed(u64::from(number) << 32))
}

/// The finalizer of splitmix64: a bijection, so no two numbers share a session.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The provider, and how often its list was begun.
#[derive(Debug)]
pub(crate) struct Lists {
    listing: Listing,
    begun: AtomicU32,
}

impl Lists {
    pub(crate) fn of(listing: Listing) -> Self {
        Self {
            listing,
            begun: AtomicU32::new(0),
        }
    }

    fn reading(&self, is_first_page: bool) -> Reading {
        let begun = u32::from(is_first_page);
        Reading(self.begun.fetch_add(begun, Ordering::Relaxed) + begun)
    }
}

impl Provider for Lists {
    fn list_sessions<'a>(&'a self, cursor: Option<&'a str>, limit: u16) -> Answered<'a, Page> {
        let first = cursor.map_or(Ok(0), str::parse);
        Box::pin(async move {
            let (sessions, reading) = (self.listing.sessions, self.reading(cursor.is_none()));
            let first: u32 = first.map_err(|_| unasked("GET /accounts"))?;
            let next = first.saturating_add(u32::from(limit)).min(sessions);
            Ok(Page {
                sessions: (first..next)
                    .map(|number| reading.session(number))
                    .collect(),
                cursor: (next < sessions).then(|| next.to_string()),
                unreadable: vec![],
                answered_at: None,
            })
        })
    }

    fn get_session<'a>(&'a self, _: &'a SessionId) -> Answered<'a, Session> {
        refused("GET /accounts/{id}")
    }

    fn restart<'a>(&'a self, _: &'a SessionId) -> Answered<'a, ()> {
        refused("POST /accounts/{id}/restart")
    }

    fn hosted_link<'a>(&'a self, _: &'a LinkRequest) -> Answered<'a, HostedLink> {
        refused("POST /hosted/accounts/link")
    }

    fn me<'a>(&'a self, _: &'a SessionId) -> Answered<'a, Owner> {
        refused("GET /users/me")
    }

    fn send(&self, _: Started) -> Answered<'_, Receipt> {
        refused("POST")
    }

    fn read_back<'a>(&'a self, _: &'a ReadBack) -> Answered<'a, Sight> {
        refused("GET")
    }

    fn sent_invitations<'a>(
        &'a self,
        _: &'a SessionId,
        _: Timestamp,
    ) -> Answered<'a, SentInvitations> {
        refused("GET")
    }

    fn clock(&self) -> Option<Timestamp> {
        None
    }
}

fn refused<'a, T: Send + 'a>(route: &'static str) -> Answered<'a, T> {
    Box::pin(async move { Err(unasked(route)) })
}

/// The sweeps that are measured ask for nothing but the list.
fn unasked(route: &'static str) -> ProviderError {
    ProviderError {
        class: Class::Transient,
        status: None,
        kind: None,
        checkpoint: None,
        not_found: None,
        route,
        retry_after: None,
        cause: Cause::NotSent("the bench has no such answer"),
    }
}
