//! What operators did (R-AUD-4).

use super::{ByAge, Page, fetched};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

const ACTS: Sql = sql!("views/operator_acts");

/// One act of one operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorActView {
    /// Its id, which the command printed.
    pub id: Uuid,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, like `alert.ack`.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// What else was noted.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// Through which login.
    pub recorded_by: String,
    /// In which transaction.
    pub xid: String,
}

impl OperatorActView {
    /// Where the next page begins after this act.
    pub fn place(&self) -> ByAge {
        ByAge(self.at, self.id)
    }
}

impl Tx {
    /// One page of acts in a range of time, the oldest first, after one act.
    pub async fn operator_acts(
        &self,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        after: Option<ByAge>,
        limit: u32,
    ) -> Result<Page<OperatorActView>, StoreError> {
        let (at, id) = after.map(|ByAge(at, id)| (at, id)).unzip();
        let page = values(ACTS)
            .value("from", from)
            .value("to", to)
            .value("after_at", at)
            .value("after_id", id)
            .value("limit", fetched(limit));
        let rows = self.rows_with(page).await?;
        let rows: Result<Vec<_>, StoreError> = rows
            .iter()
            .map(|found| {
                Ok(OperatorActView {
                    id: row::get(found, "id")?,
                    at: row::get(found, "at")?,
                    actor: row::get(found, "actor")?,
                    action: row::get(found, "action")?,
                    subject: row::get(found, "subject")?,
                    reason: row::get(found, "reason")?,
                    detail: row::get(found, "detail")?,
                    recorded_by: row::get(found, "recorded_by")?,
                    xid: row::get(found, "xid")?,
                })
            })
            .collect();
        Ok(Page::of(rows?, limit, |one| ByAge::text(one.at, one.id)))
    }
}
