//! No dead ends (R-ST-5): for every status and every answer of the provider what happens, and the way out.
//!
//! One table. The status watch, single looks, verifications and the ends of attempts read it; `docs/transitions.md` prints
//! it; a test walks every cell for every kind of account, and a model walks accounts through it.

mod attempt;
mod ends;
mod looks;
mod minting;
mod opening;
mod page;
mod remedy;
mod steps;
mod ways;

pub use attempt::{
    ATTEMPT_GRACE, AttemptState, CHECKPOINT_PATIENCE, LINK_LIFE, NewestAttempt, attempt_state,
};
pub use ends::{Ended, Unended, end_attempts};
pub use looks::first_looks;
pub use minting::{
    ANSWER_PATIENCE, DEAD_MAX, DEAD_WITHIN, Intent, LINK_HELD, LastLink, LinkTarget, MINT_LEASE,
    MintFacts, MintRefusal, MintStep, NAME_LIFE, NewestMint, mint_step,
};
pub use opening::{MintedFacts, Opening, opening};
pub use page::page_markdown;
pub use remedy::{Remedy, remedy};
pub use steps::{Step, time_out};
pub use ways::{OwnerAct, RECOVERY_PATIENCE, Until, Way, WayOut};

use crate::account::Status;
use crate::session::Health;

crate::words! {
    /// Answer of the provider about an account's linked session, as far as it differs for the account.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Answer {
        /// The session runs.
        Ok = "ok",
        /// The session connects.
        Connecting = "connecting",
        /// The session was stopped.
        Stopped = "stopped",
        /// The session failed.
        Error = "error",
        /// The session lacks permissions.
        Permissions = "permissions",
        /// The session lacks credentials.
        Credentials = "credentials",
        /// A word that we do not know, and none beside it that tells of a loss (R-ST-3).
        Unknown = "unknown",
        /// A complete list does not hold the session.
        Absent = "absent",
        /// Asked for by name, it is exactly the provider's words for gone.
        Gone = "gone",
        /// Anything that proves nothing: no answer, an outage, our own key.
        Silence = "silence",
        /// The session answers, and its owner's profile says that it may not act.
        Refused = "refused",
        /// A checkpoint: the provider wants a confirmation of its owner.
        Checkpoint = "checkpoint",
        /// The checkpoint that its owner left unanswered before.
        SameCheckpoint = "same_checkpoint",
        /// Another person than the known one is behind the session (R-ST-6).
        Stranger = "stranger",
    }
}

impl From<Health> for Answer {
    fn from(health: Health) -> Self {
        match health {
            Health::Ok => Self::Ok,
            Health::Connecting => Self::Connecting,
            Health::Stopped => Self::Stopped,
            Health::Error => Self::Error,
            Health::Permissions => Self::Permissions,
            Health::Credentials => Self::Credentials,
            Health::Unknown => Self::Unknown,
        }
    }
}

/// One cell of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What is done at this answer.
    pub step: Step,
    /// How it goes on from there.
    pub way: Way,
}

/// What an answer means for an account of that status, and the way out (R-ST-5).
///
/// Kinds of account differ in what an owner does, never in what is done: [`OwnerAct::in_words`].
pub fn cell(status: Status, attempt: AttemptState, answer: Answer) -> Cell {
    let step = steps::step(status, attempt, answer);
    let way = ways::way(status, attempt, answer, step);
    Cell { step, way }
}

#[cfg(test)]
mod tests;
