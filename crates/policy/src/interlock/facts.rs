//! What the database judged a removal on, as it told it (`relink.removal_gates`).

use crate::ids::SessionId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything that the six gates look at, read in one transaction under the global lock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateFacts {
    /// The instant, by the database's clock.
    pub at: Timestamp,
    /// The session that is to be removed.
    pub session: SessionId,
    /// What the asking process said of its kill switch (gate 1).
    pub switch: bool,
    /// Why nothing is removed until a person clears it; none: not tripped (gate 2).
    pub latch: Option<String>,
    /// Accounts with a linked session; asked for no removal, counted no further than to 1,001 (gate 2).
    pub fleet: i64,
    /// Distinct sessions found gone, or asked to be removed, within 24 hours, this one included (gate 2).
    pub suspects: i64,
    /// On what it rests (gate 3).
    pub basis: Basis,
    /// Status of the account that this session is linked to, as our table has it (gate 3).
    pub linked: Option<String>,
    /// An open link attempt waits for this very session (gate 3).
    pub awaited: bool,
    /// The newest looks, newest first, at most three (gate 3).
    pub looks: Vec<LookFacts>,
    /// Intents of other removals within 24 hours and some minutes, fleet-wide (gate 4).
    pub intents: i64,
    /// The newest flag `removals` that nobody ended (gate 5).
    pub flag: Option<FlagFacts>,
    /// What of the record's guards is missing or switched off, and what the process's self-test found (gate 6).
    pub guards: Vec<String>,
}

/// On what a removal rests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Basis {
    /// A case of a session that is gone.
    Case {
        /// Its verdict is `confirmed`.
        confirmed: bool,
        /// It is about this very session.
        same_session: bool,
    },
    /// Two operators' permission for an inert duplicate (R-DEL-4).
    Warrant {
        /// It names this very session.
        same_session: bool,
        /// Who issued it.
        issued_by: String,
        /// When.
        issued_at: Timestamp,
        /// Who approved it.
        approved_by: Option<String>,
        /// When it dies.
        ends_at: Timestamp,
        /// Somebody revoked it.
        revoked: bool,
    },
}

/// One look, with the times that the database stamped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookFacts {
    /// Its number within the removal, from 1.
    pub number: i32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none: it has not.
    pub finished_at: Option<Timestamp>,
    /// What was seen of the session.
    pub seen: Option<Seen>,
    /// The session asked beside it: one known good, or the linked twin of a duplicate.
    pub control: Option<SessionId>,
    /// Whether that one answered as it must.
    pub control_good: bool,
    /// Whether that one is linked to a connected account now.
    pub control_linked: bool,
    /// Whether a worker's role wrote it, and nobody else.
    pub by_worker: bool,
}

crate::words! {
    serde:
    /// What a look saw of the session.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub enum Seen {
        /// Exactly the provider's words for gone.
        Gone = "gone",
        /// It answers, and is the same person as the control, which is linked.
        Duplicate = "duplicate",
        /// It answers, and is no duplicate.
        Present = "present",
        /// Says nothing.
        Inconclusive = "inconclusive",
    }
}

/// The database's flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlagFacts {
    /// When it was enabled.
    pub enabled_at: Timestamp,
    /// When it ends by itself.
    pub ends_at: Timestamp,
    /// By whom.
    pub by: String,
}

#[cfg(test)]
mod tests;
