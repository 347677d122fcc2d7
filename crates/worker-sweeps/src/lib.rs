//! What is done on the queue `sweeps`: changes of our own rows.

mod campaigns_heal;

use fleet::{Entry, decide};

/// Every job of this queue.
pub const ROSTER: &[Entry] = &[decide::<campaigns_heal::CampaignsHeal>()];
