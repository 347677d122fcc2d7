//! What is done on the queue `confirmations`: three polls before a session is called missing. Nothing here deletes.

mod confirm_poll;

use fleet::Entry;
use fleet::deciding;

/// Every job of this queue.
pub const ROSTER: &[Entry] = &[deciding::<confirm_poll::ConfirmPoll>()];
