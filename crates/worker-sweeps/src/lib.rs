//! What is done on the queue `sweeps`: changes of our own rows.

mod campaigns_heal;
mod holds_release;
mod sends_dispatch;
mod sends_settle;
mod subscriptions_grace;

use fleet::{Entry, decide, sweep};

/// Every job of this queue.
pub const ROSTER: &[Entry] = &[
    decide::<campaigns_heal::CampaignsHeal>(),
    sweep::<sends_dispatch::SendsDispatch>(),
    sweep::<sends_settle::SendsSettle>(),
    sweep::<holds_release::HoldsRelease>(),
    sweep::<subscriptions_grace::SubscriptionsGrace>(),
];
