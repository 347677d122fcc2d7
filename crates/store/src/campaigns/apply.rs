//! Writing what was decided about campaigns: heals, then pauses.

use crate::columns::columns;
use crate::counted::Applied;
use crate::decision::Author;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx};
use crate::whole::whole;
use jiff::Timestamp;
use policy::campaigns::{CampaignChanges, CampaignPause, Heal, PauseReason, StuckLoop};
use policy::decision::Alert;
use policy::ids::CampaignId;
use std::collections::HashSet;
use uuid::Uuid;

const HEAL: Sql = sql!("campaigns/heal");
const PAUSE: Sql = sql!("campaigns/pause");
/// Work on campaigns, as alerts of rows set aside name it.
const WORK: &str = "campaigns.heal";

impl Tx {
    /// Lifts and adds pauses of campaigns, which are locked ([`Tx::lock_rows_of`]). Campaigns healed count as changed.
    pub(crate) async fn apply_campaigns(
        &self,
        changes: &CampaignChanges,
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<Applied, StoreError> {
        let CampaignChanges { heals, pauses } = changes;
        let mut healed = 0;
        // One campaign whose row is refused keeps no other from running again.
        let mut parts = Parts::of(WORK, heals);
        while let Some(some) = self.next_part(&mut parts).await? {
            let done = self.heal_and_stop(some, at, by).await;
            healed += self.end_part(&mut parts, some, done).await?.unwrap_or(0);
        }
        self.tell_aside(parts, |heal| format!("campaign {}", heal.campaign))
            .await?;
        let mut parts = Parts::of(WORK, pauses);
        while let Some(some) = self.next_part(&mut parts).await? {
            let done = self.pause(some, at, by).await;
            self.end_part(&mut parts, some, done).await?;
        }
        self.tell_aside(parts, |pause| format!("campaign {}", pause.campaign))
            .await?;
        let mut applied = Applied {
            changed: healed,
            ..Applied::default()
        };
        applied.count("relink_campaigns_healed_total", &[], healed);
        Ok(applied)
    }

    /// Returns how many campaigns it healed.
    async fn heal_and_stop(
        &self,
        heals: &[Heal],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<u64, StoreError> {
        let healed = self.heal(heals, at, by).await?;
        self.stop_loops(heals, &healed, at, by).await?;
        Ok(healed.len() as u64)
    }

    /// Lifts pauses that nothing asserted since; the campaigns that it healed.
    async fn heal(
        &self,
        heals: &[Heal],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<HashSet<CampaignId>, StoreError> {
        // The query finds the campaign by its pause; what is stuck is for `stop_loops`.
        whole!(Heal {
            pause,
            version,
            campaign,
            stuck
        });
        if heals.is_empty() {
            return Ok(HashSet::new());
        }
        let wanted = columns(HEAL, heals)
            .with("id", |heal| heal.pause.0)
            .with("version", |heal| heal.version)
            .value("at", at)
            .value("actor", by.actor);
        let rows = self.rows_with(wanted).await?;
        rows.iter()
            .map(|found| Ok(CampaignId(row::get(found, "campaign_id")?)))
            .collect()
    }

    /// Stops the loops of campaigns that were healed; a heal that was refused is none.
    async fn stop_loops(
        &self,
        heals: &[Heal],
        healed: &HashSet<CampaignId>,
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<(), StoreError> {
        let took_effect = heals.iter().filter(|heal| healed.contains(&heal.campaign));
        let (mut pauses, mut alerts) = (vec![], vec![]);
        for heal in took_effect {
            if let Some(StuckLoop { note, detail }) = &heal.stuck {
                alerts.push(Alert {
                    code: "stuck_loop",
                    subject: format!("campaign {}", heal.campaign),
                    detail: detail.clone(),
                });
                pauses.push(CampaignPause {
                    campaign: heal.campaign,
                    reason: PauseReason::StuckLoop,
                    note: note.clone(),
                });
            }
        }
        self.pause(&pauses, at, by).await?;
        self.raise(&alerts).await
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
