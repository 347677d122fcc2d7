//! What is done on the queue `sends`: outward actions, and looking for those whose outcome nobody knows, and for what was done
//! by hand.

mod sends_compare;
mod sends_execute;
mod sends_resolve;

use fleet::Entry;
use fleet::acting;
use fleet::deciding;

/// Every job of this queue.
pub const ROSTER: &[Entry] = &[
    acting::<sends_execute::SendsExecute>(),
    deciding::<sends_resolve::SendsResolve>(),
    deciding::<sends_compare::SendsCompare>(),
];
