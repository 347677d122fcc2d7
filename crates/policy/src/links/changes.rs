//! Changes of attempts and of what they brought, as decided.

use crate::ids::{AccountId, AttemptId, SessionId};
use crate::life::NAME_LIFE;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

crate::words! {
    /// Reason for which a login is not bound (R-LNK-4, R-LNK-5). Of several the last counts.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum LinkRefusal {
        /// Another person than the known or the declared one signed in.
        WrongAccount = "wrong_account",
        /// The person is another account's of the workspace, which lives.
        IdentityKnown = "identity_known",
        /// The session is another account's.
        SessionTaken = "session_taken",
        /// The session or the person is another workspace's; an owner hears no more than that it cannot be linked.
        Elsewhere = "elsewhere",
    }
}

crate::words! {
    serde:
    /// Messenger of a login that has ended.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum LandedBy {
        /// The attempt's own callback.
        Callback = "callback",
        /// News of the session.
        Webhook = "webhook",
        /// A look of ours at an open attempt.
        Look = "look",
        /// The watch, or the watch for orphans: the net below.
        #[default]
        Watcher = "watcher",
    }
}

crate::words! {
    /// What became of a stored event.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum EventVerdict {
        /// An account was called connected because of it.
        Landed = "landed",
        /// A login was not bound.
        Refused = "refused",
        /// The page said that the login failed.
        Failed = "failed",
        /// The session is noted, and asked again until it proves something.
        Verifying = "verifying",
        /// The session of a superseded attempt is noted.
        Noted = "noted",
        /// A look was asked for.
        Looked = "looked",
        /// It waits for the end of its attempt's minting, or for what a login that was left proves.
        Waits = "waits",
        /// Nothing came of it: it was known already, or is of nobody.
        Nothing = "nothing",
    }
}

/// Part of a decision about attempts, and about the events and sessions that they brought. All of it is of accounts that the
/// decision names, which are locked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkChanges {
    /// Attempts whose callback named a session that proves nothing yet.
    pub answered: Vec<AnsweredAttempt>,
    /// Attempts whose login is not bound.
    pub refused: Vec<RefusedAttempt>,
    /// Sessions of superseded attempts.
    pub candidates: Vec<CandidateSession>,
    /// Accounts that turned out to be an earlier one's person.
    pub merges: Vec<Merge>,
    /// Stored events that are dealt with.
    pub events: Vec<EventEnd>,
    /// Logins that landed.
    pub landed: Vec<LandedLogin>,
    /// Stored events that nobody needs any more; null where nothing is said of them.
    pub forgets: Option<ForgottenEvents>,
}

/// Time for which what the provider told is kept.
const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Events that go at a time: more than come in a minute, day by day.
const FORGOTTEN_MAX: i32 = 2_000;

/// Stored events that go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForgottenEvents {
    /// Instant before which they came.
    pub before: Timestamp,
    /// At most so many; the others go the next time.
    pub limit: i32,
}

impl ForgottenEvents {
    /// Events that are old enough at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            before: now.checked_sub(EVENTS_KEPT).unwrap_or(Timestamp::MIN),
            limit: FORGOTTEN_MAX,
        }
    }
}

/// Login that landed, as far as it is told how soon (R-LNK-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LandedLogin {
    /// Messenger of it; of an attempt whose callback came, that, whoever looked last.
    pub by: LandedBy,
    /// When its callback was kept; null where none came.
    pub told_at: Option<Timestamp>,
    /// When its session was made, by the provider's clock; null of a session that was there before.
    pub login_at: Option<Timestamp>,
}

impl LandedLogin {
    /// Login of which that was told; nothing is known of when.
    pub const fn by(by: LandedBy) -> Self {
        Self {
            by,
            told_at: None,
            login_at: None,
        }
    }

    /// Adds that its session is new and was made at that instant. One that is older than any name was made by
    /// no attempt that could have landed it now.
    #[must_use]
    pub fn made(self, created_at: Timestamp, now: Timestamp) -> Self {
        let age = now.duration_since(created_at);
        Self {
            login_at: (age < NAME_LIFE).then_some(created_at),
            ..self
        }
    }

    /// Times that it took, each from what the promise counts from; a clock that is ahead of ours makes none negative.
    pub fn took(self, now: Timestamp) -> impl Iterator<Item = (LandedSince, SignedDuration)> {
        let Self {
            by: _,
            told_at,
            login_at,
        } = self;
        let begins = [
            (LandedSince::Callback, told_at),
            (LandedSince::Login, login_at),
        ];
        begins.into_iter().filter_map(move |(since, began)| {
            let took = now.duration_since(began?);
            Some((since, took.max(SignedDuration::ZERO)))
        })
    }
}

crate::words! {
    /// Begin of the time that a login took to land.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum LandedSince {
        /// Callback that was kept: `connected` within 5 s for 99 of 100, with a provider that answers in 300 ms.
        Callback = "callback",
        /// Session that was made: `connected` within 60 s, whoever tells of it.
        Login = "login",
    }
}

/// Attempt whose login has ended, and whose session is being verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredAttempt {
    /// Account of the attempt.
    pub account: AccountId,
    /// The attempt; one that is closed, or has named another session, stays as it is.
    pub attempt: AttemptId,
    /// Session that its callback named.
    pub session: SessionId,
}

/// Attempt that ends because its login may not be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedAttempt {
    /// Account of the attempt.
    pub account: AccountId,
    /// The attempt.
    pub attempt: AttemptId,
    /// Reason, for its owner's page.
    pub why: LinkRefusal,
}

/// Session that a superseded attempt made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateSession {
    /// Account of the attempt.
    pub account: AccountId,
    /// The attempt.
    pub attempt: AttemptId,
    /// The session.
    pub session: SessionId,
}

/// Account that gave its login to an earlier row of the same person (R-LNK-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The account that ends.
    pub account: AccountId,
    /// Earlier row, which has settings, places and archive.
    pub into: AccountId,
}

/// End of a stored event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventEnd {
    /// Row of `provider_events`.
    pub event: Uuid,
    /// What became of it.
    pub verdict: EventVerdict,
}
