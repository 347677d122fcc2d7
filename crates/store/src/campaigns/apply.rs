//! Writing what was decided about campaigns: heals, then pauses.

use crate::columns::columns;
use crate::counted::Applied;
use crate::decision::Author;
use crate::error::StoreError;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use crate::whole::whole;
use jiff::Timestamp;
use policy::campaigns::{CampaignChanges, CampaignPause, Heal};
use uuid::Uuid;

const HEAL: Sql = sql!("campaigns/heal");
const PAUSE: Sql = sql!("campaigns/pause");

impl Tx {
    /// Lifts and adds pauses of campaigns. Campaigns healed count as changed.
    pub(crate) async fn apply_campaigns(
        &self,
        changes: &CampaignChanges,
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<Applied, StoreError> {
        let CampaignChanges { heals, pauses } = changes;
        let healed = self.heal(heals, at, by).await?;
        self.pause(pauses, at, by).await?;
        let mut applied = Applied {
            changed: healed,
            ..Applied::default()
        };
        applied.count("relink_campaigns_healed_total", &[], healed);
        Ok(applied)
    }

    async fn heal(
        &self,
        heals: &[Heal],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<u64, StoreError> {
        // The query finds the campaign by its pause.
        whole!(Heal {
            pause,
            version,
            campaign
        });
        if heals.is_empty() {
            return Ok(0);
        }
        let wanted = columns(HEAL, heals)
            .with("id", |heal| heal.pause.0)
            .with("version", |heal| heal.version)
            .value("at", at)
            .value("actor", by.actor);
        self.execute_with(wanted).await
    }

    async fn pause(
        &self,
        pauses: &[CampaignPause],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<(), StoreError> {
        whole!(CampaignPause {
            campaign,
            reason,
            note
        });
        if pauses.is_empty() {
            return Ok(());
        }
        let wanted = columns(PAUSE, pauses)
            .with("id", |_| Uuid::now_v7())
            .with("campaign_id", |pause| pause.campaign.0)
            .with("reason", |pause| pause.reason.as_str())
            .with("note", |pause| pause.note.as_str())
            .value("at", at)
            .value("actor", by.actor);
        self.execute_with(wanted).await.map(drop)
    }
}
