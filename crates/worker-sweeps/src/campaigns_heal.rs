//! `campaigns.heal` (R-HEAL-1, R-HEAL-2, R-HEAL-3).

use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::campaigns::{PausedCampaign, heal};
use policy::decision::Decision;
use policy::jobs::{CAMPAIGNS_HEAL, TickShards};
use policy::schedule::Period;

/// Lifts the pauses of campaigns whose senders are back.
pub(crate) struct CampaignsHeal;

impl Decide for CampaignsHeal {
    const SPEC: Spec = Spec::new(
        CAMPAIGNS_HEAL,
        "Lifts `account_disconnected` from campaigns whose senders are back",
    )
    .every(Period::minutes(5))
    .sharded()
    .batch(16);
    type Payload = TickShards;
    type Facts = Vec<PausedCampaign>;

    async fn gather(look: &Look, payload: TickShards) -> Result<Self::Facts, JobError> {
        let paused = look
            .store
            .reading(async |tx| tx.paused_campaigns(payload.shards).await);
        Ok(paused.await?)
    }

    fn decide(facts: Self::Facts, now: Timestamp) -> Decision {
        heal(&facts, now)
    }
}
