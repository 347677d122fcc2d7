//! Ends of attempts, as decided.

use crate::ids::AttemptId;

crate::words! {
    /// How an attempt ended.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum AttemptOutcome {
        /// Its account was linked by it.
        Linked = "linked",
        /// Its account came back in another way.
        Repaired = "repaired",
        /// The provider or its page said that it failed.
        Failed = "failed",
        /// A newer one took its place.
        Superseded = "superseded",
        /// Its name is not valid any more.
        Expired = "expired",
        /// Its account was disconnected, or the caller took it back.
        Cancelled = "cancelled",
    }
}

/// End of an attempt; one that is closed already keeps its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptEnd {
    /// Attempt to close.
    pub attempt: AttemptId,
    /// What came of it.
    pub outcome: AttemptOutcome,
}
