//! Sessions whose link never landed, and the accounts that wait for them (R-ORP-1, R-ORP-2, R-LNK-4, R-LNK-5).

mod link;
mod matches;

use crate::decision::Alert;
use crate::ids::{AccountId, AttemptId, Identity, SessionId, WorkspaceId};
use crate::session::Session;
use crate::verify::AccountRow;
use jiff::Timestamp;

pub use link::link;
pub use matches::matches;

/// An account that waits for its link to land.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its row.
    pub row: AccountRow,
    /// Who its owner said to be: public profile identifier or mailbox address, lower case.
    pub declared: Option<String>,
    /// Its newest attempt: only that one may link it (R-LNK-3).
    pub attempt: Option<Attempt>,
}

/// One try to link an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The attempt.
    pub id: AttemptId,
    /// When it was started.
    pub started_at: Timestamp,
    /// The last instant at which it may be answered.
    pub ends_at: Timestamp,
    /// The session that its own callback or 202 answer named.
    pub session: Option<SessionId>,
}

/// A live session, and who else has a claim to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclaimed {
    /// The session.
    pub session: Session,
    /// When it was listed.
    pub seen_at: Timestamp,
    /// The account that it is linked to, if any.
    pub claimed_by: Option<(WorkspaceId, AccountId)>,
    /// The account that is known to be the person behind it, if any.
    pub identity_owner: Option<(WorkspaceId, AccountId)>,
}

/// Accounts and sessions that could belong together: complete, or "exactly one" means nothing. Each account and each
/// session is in it once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbourhood {
    /// Every waiting account that any of the sessions could fit, however short it has waited.
    pub waiting: Vec<Waiting>,
    /// Every session that could fit any of the accounts.
    pub sessions: Vec<Unclaimed>,
}

crate::words! {
    /// Why a session is known to be an account's; nothing else is proof (R-ORP-2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Proof {
        /// The attempt's own callback or 202 answer named it.
        Attempt = "attempt",
        /// It is the account's earlier session, or the same person's.
        SameIdentity = "same_identity",
        /// A first link: it and the account fit nobody else inside the attempt's time, and the declared identity agrees.
        Declared = "declared",
    }
}

/// What was found for one waiting account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Its session, proven, but not verified yet.
    Match {
        /// The account.
        account: AccountId,
        /// Its session.
        session: SessionId,
        /// How that is known.
        proof: Proof,
    },
    /// Sessions that could be its own, none of them proven.
    Ambiguous {
        /// The account.
        account: AccountId,
        /// The sessions.
        candidates: Vec<SessionId>,
    },
    /// A session that would be its own, but may not be.
    Refused {
        /// The account.
        account: AccountId,
        /// Why not.
        why: Refusal,
    },
}

/// Why a session may not be linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Other accounts have a claim to it or to the person behind it, in this workspace or in another (R-LNK-5).
    SessionClaimed {
        /// The session.
        session: SessionId,
        /// Who else claims it.
        by: Vec<(WorkspaceId, AccountId)>,
    },
    /// Another person than the account's is behind it (R-LNK-4).
    WrongAccount {
        /// The session.
        session: SessionId,
        /// The account's person.
        expected: Identity,
        /// The session's person.
        seen: Identity,
    },
}

/// The one alert about sessions that have had no account for more than a day (R-ORP-3). They are billed; nothing
/// deletes them by itself.
pub fn ghosts_alert(count: i64, sample: &[String]) -> Alert {
    Alert {
        code: "ghost_sessions",
        subject: "provider".to_owned(),
        detail: serde_json::json!({ "sessions": count, "oldest": sample }),
    }
}

#[cfg(test)]
mod samples;
