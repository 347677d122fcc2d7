//! Enrollments that are too late to go without a person's word (R-CAM-7).

use crate::apart::Named;
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
        let named = Named {
            work: "holds.release",
            noun: "account",
            owners: values(OF_SHARDS).value("shards", shards),
        };
        let marked = self
            .run_apart(named, async |only| {
                self.mark_part(shards, limit, only).await
            })
            .await?;
        let mut by_campaign: BTreeMap<CampaignId, i64> = BTreeMap::new();
        for (campaign, enrollments) in marked.done.into_iter().flatten() {
            *by_campaign.entry(campaign).or_default() += enrollments;
        }
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
