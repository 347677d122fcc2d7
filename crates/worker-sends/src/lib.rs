//! What is done on the queue `sends`: outward actions, and looking for those whose outcome nobody knows.

mod sends_execute;
mod sends_resolve;

use fleet::{Entry, act, decide};

/// Every job of this queue.
pub const ROSTER: &[Entry] = &[
    act::<sends_execute::SendsExecute>(),
    decide::<sends_resolve::SendsResolve>(),
];
