//! Sessions whose link never landed, and the accounts that wait for them (R-ORP-1, R-ORP-2, R-LNK-4, R-LNK-5).
//!
//! Finding and verifying are apart: [`find`] looks at many accounts and asks for one job an account, [`link`] decides on
//! one of them after its session and its owner were asked.

mod alerts;
mod asked;
mod find;
mod fit;
mod link;
mod matches;

use crate::account::Status;
use crate::ids::{AccountId, AttemptId, Identity, SessionId, WorkspaceId};
use crate::session::Session;
use crate::verify::AccountRow;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use alerts::{EarlierAlert, claimed, ghosts_alert, masked};
pub use asked::LinkOrphan;
pub use find::{OrphanSearch, find};
pub use link::{LinkFacts, link, person_to_link, session_to_verify};
pub use matches::{finding, matches};

/// An account that waits for its link to land.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its row.
    pub row: AccountRow,
    /// Kind of account that its owner asked to link, `LINKEDIN`.
    pub kind: String,
    /// Handle of whom its owner said to be, as [`crate::identity::handle`] writes it.
    pub declared: Option<String>,
    /// Session that it kept when its owner disconnected it (R-DIS-4).
    pub kept: Option<SessionId>,
    /// Its newest attempt, while it may still bind: no other may link it by itself (R-LNK-3).
    pub attempt: Option<Attempt>,
    /// Times of its attempts whose names are good, whatever became of them: a login made in one of them is the account's by
    /// its person alone.
    pub tries: Vec<LinkTime>,
}

impl Waiting {
    /// Whether its owner is waited for now, and not only what an attempt that is over may have left is looked for.
    fn is_at_it(&self) -> bool {
        self.row.status == Status::Connecting || self.attempt.is_some() || self.kept.is_some()
    }
}

/// Time in which a hosted link could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkTime {
    /// Begin of its attempt.
    pub opens_at: Timestamp,
    /// End of the link: a login begun later is not its answer.
    pub closes_at: Timestamp,
}

/// One try to link an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The attempt; none for a wait of which no attempt was noted.
    pub id: Option<AttemptId>,
    /// When it was started.
    pub started_at: Timestamp,
    /// The session that its own callback or 202 answer named.
    pub session: Option<SessionId>,
}

crate::words! {
    /// What makes an account an owner of a session.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Claim {
        /// It is linked to it.
        Session = "session",
        /// It kept it when it was disconnected (R-DIS-4).
        Kept = "kept",
        /// Its newest attempt named it.
        Attempt = "attempt",
        /// It is the person behind it, known by identity or by another session.
        Person = "person",
    }
}

/// An account, in whatever status, that has a claim to a session or to the person behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The account.
    pub account: AccountId,
    /// Its status.
    pub status: Status,
    /// What its claim is.
    pub claim: Claim,
}

impl Owner {
    /// Whether the claim keeps another account from the session. The person of a disconnected account may come back by
    /// another row of its own workspace; a session that was kept, and another workspace's person, may not (R-LNK-5, R-DIS-4).
    pub fn keeps_off(&self, row: &AccountRow) -> bool {
        self.account != row.account && !self.is_earlier(row)
    }

    /// Whether it is a disconnected account of the same person in the same workspace.
    pub fn is_earlier(&self, row: &AccountRow) -> bool {
        self.account != row.account
            && self.claim == Claim::Person
            && self.status == Status::Disconnected
            && self.workspace == row.workspace
    }
}

/// A live session, and who else has a claim to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclaimed {
    /// The session.
    pub session: Session,
    /// When a list last showed it changed.
    pub seen_at: Timestamp,
    /// Every account with a claim to it: all of them, for one left out would be linked across.
    pub owners: Vec<Owner>,
}

/// Accounts and sessions that could belong together: complete, or "exactly one" means nothing. Each account and each
/// session is in it once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbourhood {
    /// Every waiting account that any of the sessions could fit, however short it has waited, whatever it declared.
    pub waiting: Vec<Waiting>,
    /// Every session that could fit any of the accounts.
    pub sessions: Vec<Unclaimed>,
    /// How far the provider's clock was ahead of ours when it listed them; none: nobody measured it.
    pub clock_lead: Option<SignedDuration>,
    /// What operators were told of these accounts before.
    pub told: Vec<EarlierAlert>,
}

crate::words! {
    serde:
    /// Why a session is known to be an account's; nothing else is proof (R-ORP-2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum Proof {
        /// It is the account's own, from before.
        Own = "own",
        /// The attempt's own callback or 202 answer named it.
        Attempt = "attempt",
        /// It is the same person's.
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

impl Finding {
    /// The account that it is about.
    pub const fn account(&self) -> AccountId {
        match self {
            Self::Match { account, .. }
            | Self::Ambiguous { account, .. }
            | Self::Refused { account, .. } => *account,
        }
    }
}

/// Why a session may not be linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Other accounts have a claim to it or to the person behind it, in this workspace or in another (R-LNK-5).
    SessionClaimed {
        /// The session.
        session: SessionId,
        /// Who else claims it, whatever their status.
        by: Vec<Owner>,
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

#[cfg(test)]
mod samples;
