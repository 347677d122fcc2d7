//! Enrollments that are too late to go without a person's word (R-CAM-7).

use crate::apart::{Apart, Only};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::CampaignId;
use std::collections::BTreeMap;
use uuid::Uuid;

const MARK: Sql = sql!("sends/mark_overdue");
const OF_SHARDS: Sql = sql!("apart/of_shards");

impl Tx {
    /// Marks enrollments of accounts of some shards that are overdue, at most `limit`. Returns how many, by campaign.
    pub async fn mark_overdue(
        &self,
        shards: &[i16],
        limit: i64,
    ) -> Result<Vec<(CampaignId, i64)>, StoreError> {
        let owners = values(OF_SHARDS).value("shards", shards);
        let mut apart = Apart::of("holds.release", "account", owners);
        let mut by_campaign: BTreeMap<CampaignId, i64> = BTreeMap::new();
        while let Some(Only(only)) = apart.next(self).await? {
            let ran = self.mark_part(shards, limit, only.clone()).await;
            let marked = apart.end(self, only, ran).await?;
            for (campaign, enrollments) in marked.into_iter().flatten() {
                *by_campaign.entry(campaign).or_default() += enrollments;
            }
        }
        apart.tell(self).await?;
        Ok(by_campaign.into_iter().collect())
    }

    async fn mark_part(
        &self,
        shards: &[i16],
        limit: i64,
        only: Option<Vec<Uuid>>,
    ) -> Result<Vec<(CampaignId, i64)>, StoreError> {
        let marked = values(MARK)
            .value("shards", shards)
            .value("at", self.now().at)
            .value("limit", limit)
            .value("only", only);
        let rows = self.rows_with(marked).await?;
        rows.iter()
            .map(|found| {
                let campaign = CampaignId(row::get(found, "campaign_id")?);
                Ok((campaign, row::get(found, "enrollments")?))
            })
            .collect()
    }
}
