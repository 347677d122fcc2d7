//! Acts of people that stop campaigns, and that let campaigns and accounts go on (R-CAM-1).

use super::Act;
use crate::columns::values;
use crate::error::StoreError;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::campaigns::PauseReason;
use policy::holds::HoldReason;
use policy::ids::{AccountId, CampaignId};

const PAUSE_CAMPAIGN: Sql = sql!("operators/pause_campaign");
const RESUME_CAMPAIGN: Sql = sql!("operators/resume_campaign");
const RELEASE_ACCOUNT: Sql = sql!("operators/release_account");

impl Tx {
    /// Pauses a campaign; the act's reason is the pause's note. Every reason that then keeps it from running; refused for
    /// what only the system sets, and where it stands already.
    pub async fn pause_campaign(
        &self,
        act: &Act<'_>,
        campaign: CampaignId,
        pause: PauseReason,
    ) -> Result<Vec<String>, StoreError> {
        let asked = values(PAUSE_CAMPAIGN)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("campaign", campaign.0)
            .value("pause", pause.as_str())
            .value("reason", act.reason);
        self.acted(asked, "pauses").await
    }

    /// Lifts one pause of a campaign, and forgets its failures until now (R-HEAL-2). The reasons that still keep it from
    /// running; refused for what only the system lifts.
    pub async fn resume_campaign(
        &self,
        act: &Act<'_>,
        campaign: CampaignId,
        pause: PauseReason,
    ) -> Result<Vec<String>, StoreError> {
        let asked = values(RESUME_CAMPAIGN)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("campaign", campaign.0)
            .value("pause", pause.as_str())
            .value("reason", act.reason);
        self.acted(asked, "still").await
    }

    /// Ends one hold of an account. The holds that are left; refused for what only the system ends.
    pub async fn release_account(
        &self,
        act: &Act<'_>,
        account: AccountId,
        hold: HoldReason,
    ) -> Result<Vec<String>, StoreError> {
        let asked = values(RELEASE_ACCOUNT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", account.0)
            .value("hold", hold.as_str())
            .value("reason", act.reason);
        self.acted(asked, "still").await
    }
}
