//! Enrollments that are too late to go without a person's word (R-CAM-7).

use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::CampaignId;

const MARK: Sql = sql!("sends/mark_overdue");

impl Tx {
    /// Marks enrollments of accounts of some shards that are overdue, at most `limit`. Returns how many, by campaign.
    pub async fn mark_overdue(
        &self,
        shards: &[i16],
        limit: i64,
    ) -> Result<Vec<(CampaignId, i64)>, StoreError> {
        let marked = values(MARK)
            .value("shards", shards)
            .value("at", self.now().at)
            .value("limit", limit);
        let rows = self.rows_with(marked).await?;
        rows.iter()
            .map(|found| {
                let campaign = CampaignId(row::get(found, "campaign_id")?);
                Ok((campaign, row::get(found, "enrollments")?))
            })
            .collect()
    }
}
