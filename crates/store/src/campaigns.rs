//! Campaigns that stand still for their senders.

mod apply;

use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::campaigns::{OnSenderLoss, PausedCampaign};
use policy::ids::{CampaignId, PauseId, WorkspaceId};
use policy::schedule::ShardRange;

const PAUSED: Sql = sql!("campaigns/paused");

impl Tx {
    /// Campaigns of a range of shards that are paused with `account_disconnected`, with their senders counted.
    pub async fn paused_campaigns(
        &self,
        shards: ShardRange,
    ) -> Result<Vec<PausedCampaign>, StoreError> {
        let (first, last) = shard_ends(shards);
        let rows = self.rows(PAUSED, &[&first, &last, &self.now().at]).await?;
        rows.iter()
            .map(|found| {
                let word: &str = row::get(found, "on_sender_loss")?;
                Ok(PausedCampaign {
                    campaign: CampaignId(row::get(found, "campaign_id")?),
                    workspace: WorkspaceId(row::get(found, "workspace_id")?),
                    pause: PauseId(row::get(found, "pause_id")?),
                    pause_version: row::get(found, "version")?,
                    on_sender_loss: OnSenderLoss::parse(word).ok_or_else(|| StoreError::Row {
                        column: "on_sender_loss",
                        why: format!("unknown {word}"),
                    })?,
                    senders: row::get(found, "senders")?,
                    able: row::get(found, "able")?,
                    heals_last_hour: row::get(found, "heals_last_hour")?,
                    stuck: row::get(found, "stuck")?,
                })
            })
            .collect()
    }
}
