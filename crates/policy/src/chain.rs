//! Long work in steps, each decided, committed and repeated by itself (R-WAT-1).

use crate::decision::Decision;

/// One step of a chain; `C` is the checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<C> {
    /// Effects of the step, committed in one transaction with the job of the next.
    pub decision: Decision,
    /// Checkpoint that the next step goes on from; `None` after the last.
    pub next: Option<C>,
    /// Rows or items that the step looked at.
    pub seen: u64,
}

impl<C> Step<C> {
    /// A last step that looked at nothing.
    pub fn last(decision: Decision) -> Self {
        Self {
            decision,
            next: None,
            seen: 0,
        }
    }
}
