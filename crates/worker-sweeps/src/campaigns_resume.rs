//! `campaigns.resume` (R-HEAL-1).

use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::campaigns::{CampaignSenders, heal};
use policy::decision::Decision;
use policy::jobs::{CAMPAIGNS_RESUME, NameAccounts};

/// Heals the campaigns of accounts whose flip into `connected` asked for it.
pub(crate) struct CampaignsResume;

impl Decide for CampaignsResume {
    const SPEC: Spec = Spec::new(
        CAMPAIGNS_RESUME,
        "Lifts `account_disconnected` from the campaigns of accounts that have just come back",
    )
    .batch(16);
    type Payload = NameAccounts;
    type Facts = Vec<CampaignSenders>;

    async fn gather(look: &Look, payload: NameAccounts) -> Result<Self::Facts, JobError> {
        let found = look
            .store
            .reading(async |tx| tx.campaigns_of_accounts(&payload.accounts).await);
        Ok(found.await?)
    }

    fn decide(facts: Self::Facts, now: Timestamp) -> Decision {
        heal(&facts, now)
    }
}
