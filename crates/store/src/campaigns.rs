//! Campaigns and whether their senders can send.

mod apply;
mod reassign;

pub use reassign::{ToReassign, Waiting};

use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::campaigns::{CampaignSenders, OnSenderLoss, OpenPause};
use policy::ids::{AccountId, CampaignId, PauseId, WorkspaceId};
use policy::schedule::ShardRange;
use tokio_postgres::Row;
use uuid::Uuid;

const TO_HEAL: Sql = sql!("campaigns/to_heal");
const OF_ACCOUNTS: Sql = sql!("campaigns/of_accounts");
const SENDERS: Sql = sql!("campaigns/senders");

impl Tx {
    /// Campaigns of a range of shards that are paused with `account_disconnected`, or run with a sender that is lost.
    pub async fn campaigns_to_heal(
        &self,
        shards: ShardRange,
    ) -> Result<Vec<CampaignSenders>, StoreError> {
        let (first, last) = shard_ends(shards);
        let found = self.rows(TO_HEAL, &[&first, &last]).await?;
        self.with_senders(&found).await
    }

    /// Campaigns that any of these accounts sends for.
    pub async fn campaigns_of_accounts(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<CampaignSenders>, StoreError> {
        let ids: Vec<Uuid> = accounts.iter().map(|it| it.0).collect();
        let found = self.rows(OF_ACCOUNTS, &[&ids]).await?;
        self.with_senders(&found).await
    }

    async fn with_senders(&self, found: &[Row]) -> Result<Vec<CampaignSenders>, StoreError> {
        let ids: Vec<Uuid> = found
            .iter()
            .map(|one| row::get(one, "campaign_id"))
            .collect::<Result<_, _>>()?;
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let rows = self.rows(SENDERS, &[&ids, &self.now().at]).await?;
        let subject = |found: &Row| match row::get::<Uuid>(found, "campaign_id") {
            Ok(id) => format!("campaign {id}"),
            Err(_) => "a campaign without an id".to_owned(),
        };
        Ok(self.readable("campaigns.heal", &rows, subject, campaign))
    }
}

fn campaign(found: &Row) -> Result<CampaignSenders, StoreError> {
    let word: &str = row::get(found, "on_sender_loss")?;
    let pause: Option<Uuid> = row::get(found, "pause_id")?;
    let version: Option<i32> = row::get(found, "version")?;
    Ok(CampaignSenders {
        campaign: CampaignId(row::get(found, "campaign_id")?),
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        pause: pause.zip(version).map(|(id, version)| OpenPause {
            id: PauseId(id),
            version,
        }),
        on_sender_loss: OnSenderLoss::parse(word).ok_or_else(|| StoreError::Row {
            column: "on_sender_loss",
            why: format!("unknown {word}"),
        })?,
        senders: row::get(found, "senders")?,
        able: row::get(found, "able")?,
        heals_last_hour: row::get(found, "heals_last_hour")?,
        stuck: row::get(found, "stuck")?,
    })
}
