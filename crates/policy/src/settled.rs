//! Ends of outward calls, whatever was called.

use crate::decision::Decision;

/// What is decided, and what becomes of the job.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// What to commit.
    pub decision: Decision,
    /// The job becomes a dead letter, with this reason.
    pub dead: Option<String>,
}
