//! Changes of attempts and of what they brought, as decided.

use crate::ids::{AccountId, AttemptId, SessionId};
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
    /// Logins that landed, by what told of them.
    pub landed: Vec<LandedBy>,
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
