//! What is done on the queue `confirmations`: three polls before a session is called missing. Nothing here deletes.

mod confirm_poll;

use fleet::{Entry, decide};

/// Every job of this queue.
pub const ROSTER: &[Entry] = &[decide::<confirm_poll::ConfirmPoll>()];
