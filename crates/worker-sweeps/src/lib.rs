//! What is done on the queue `sweeps`: changes of our own rows.

mod campaigns_heal;
mod campaigns_resume;
mod holds_release;
mod sends_dispatch;
mod sends_settle;
mod subscriptions_grace;

use fleet::Entry;
use fleet::deciding;
use fleet::sweeping;

/// Every job of this queue.
pub const ROSTER: &[Entry] = &[
    deciding::<campaigns_heal::CampaignsHeal>(),
    deciding::<campaigns_resume::CampaignsResume>(),
    sweeping::<sends_dispatch::SendsDispatch>(),
    sweeping::<sends_settle::SendsSettle>(),
    sweeping::<holds_release::HoldsRelease>(),
    sweeping::<subscriptions_grace::SubscriptionsGrace>(),
];
