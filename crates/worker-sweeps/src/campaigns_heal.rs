//! `campaigns.heal` (R-CAM-2, R-HEAL-1, R-HEAL-2, R-HEAL-3).

use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::campaigns::{CampaignSenders, heal};
use policy::decision::Decision;
use policy::jobs::{CAMPAIGNS_HEAL, TickShards};
use policy::schedule::Period;

/// Lifts the pauses of campaigns whose senders are back, and pauses those that run without one that they need: the net
/// below what flips do at once.
pub(crate) struct CampaignsHeal;

impl Decide for CampaignsHeal {
    const SPEC: Spec = Spec::new(
        CAMPAIGNS_HEAL,
        "Lifts `account_disconnected` where senders are back, and sets it where it is missing",
    )
    .every(Period::minutes(5))
    .sharded()
    .batch(16);
    type Payload = TickShards;
    type Facts = Vec<CampaignSenders>;

    async fn gather(look: &Look, payload: TickShards) -> Result<Self::Facts, JobError> {
        let found = look
            .store
            .reading(async |tx| tx.campaigns_to_heal(payload.shards).await);
        Ok(found.await?)
    }

    fn decide(facts: Self::Facts, now: Timestamp) -> Decision {
        heal(&facts, now)
    }
}
