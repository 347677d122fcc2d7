//! The deletion interlock (docs/removals.md): six gates, each of which alone stops a removal.
//!
//! The database judges a removal under a lock (`relink.judge_removal`, V0011); [`judge`] is a second, independent
//! judgement over the facts that it judged on. A permit exists only where both say yes to all six.

mod confirmation;
mod facts;
mod gates;
mod guards;
mod look;
mod outcome;
mod prove;
#[cfg(test)]
mod samples;
mod watchman;

pub use facts::{Basis, FlagFacts, GateFacts, LookFacts, Seen};
pub use gates::{Gate, Verdict, judge, refused};
pub use guards::guards_alert;
pub use look::{AfterLook, LookedAt, RemovalLook, after_look};
pub use outcome::{Outcome, Proof, settle};
pub use prove::proved;
pub use watchman::{Reading, clock_disagrees};

use crate::ids::RemovalId;
use jiff::SignedDuration;

/// Looks in a row that confirm (gate 3).
pub const LOOKS: usize = 3;
/// Least time between the end of a look and the start of the next (gate 3).
pub const SPACING_MIN: SignedDuration = SignedDuration::from_secs(60);
/// The newest look may be so old (gate 3).
pub const LOOK_AGE_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Sessions proposed or found gone within 24 hours, above which nothing is removed (gate 2).
pub const SUSPECTS_MAX: i64 = 5;
/// Removals begun in any 24 hours (gate 4).
pub const PER_DAY: i64 = 3;
/// The longest life of the flag (gate 5).
pub const FLAG_LIFE_MAX: SignedDuration = SignedDuration::from_hours(4);
/// The longest life of a warrant (R-DEL-4).
pub const WARRANT_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// How long a removal may wait for its looks.
pub const REQUEST_AGE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Part of a decision about removals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemovalChanges {
    /// Steps in the order in which they are written; ends of looks come first.
    pub steps: Vec<RemovalStep>,
}

/// One step of a removal, to be written with its audit row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemovalStep {
    /// A look has ended. The database stamps when.
    Looked(RemovalLook),
    /// The removal is given up before it was permitted.
    Withdrawn {
        /// Which.
        removal: RemovalId,
        /// Why, for people.
        why: String,
    },
    /// A permitted removal has ended, or is proved.
    Settled {
        /// Which.
        removal: RemovalId,
        /// How.
        proof: Proof,
        /// What was seen, for people.
        note: String,
    },
}
