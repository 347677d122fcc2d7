//! Losses that the breaker stopped, as looks change them (R-WAT-3). What runs do to them is set-based:
//! `store/sql/stops`.

use crate::account::{Cause, Status};
use crate::ids::{AccountId, SessionId, StopId};
use jiff::Timestamp;

crate::words! {
    /// State of a loss that was stopped.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum StopState {
        /// Nobody has answered it.
        Open = "open",
        /// It goes on with the next job that applies it.
        Accepted = "accepted",
        /// An operator does not believe it.
        Refused = "refused",
        /// Its account has that status.
        Applied = "applied",
        /// The session is well, or the account moved on.
        Withdrawn = "withdrawn",
    }
}

/// Part of a decision about losses that were stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StopChanges {
    /// Losses that a look found over the limit.
    pub stopped: Vec<NewStop>,
    /// Looks at accounts whose loss is stopped.
    pub looks: Vec<StopLook>,
}

/// Stop a loss; an account with one that is open or accepted gets no second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStop {
    /// Account that is lost.
    pub account: AccountId,
    /// Its linked session.
    pub session: SessionId,
    /// `status_version` of the row that was looked at.
    pub version: i64,
    /// Status of that row.
    pub from: Status,
    /// Status to have.
    pub to: Status,
    /// Reason of the loss.
    pub cause: Cause,
    /// Before the session was asked.
    pub observed_at: Timestamp,
    /// The provider's own words for the session's sources.
    pub words: Vec<String>,
}

/// Answer of a session whose loss is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopLook {
    /// Account that was looked at.
    pub account: AccountId,
    /// The stopped loss; one that moved on keeps what it has.
    pub stop: StopId,
    /// Before the session was asked.
    pub observed_at: Timestamp,
    /// Whether it said the same as the runs.
    pub agrees: bool,
}

/// Stop that stands for an account when it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandingStop {
    /// The stopped loss.
    pub stop: StopId,
    /// Open, accepted, or refused and in force.
    pub state: StopState,
    /// Status that was proposed.
    pub to: Status,
    /// Reason that was proposed.
    pub cause: Cause,
    /// Runs in a row that said the same.
    pub runs: i32,
}
