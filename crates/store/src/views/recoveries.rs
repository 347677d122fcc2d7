//! Who brought accounts back, and how fast (R-ANA-1).

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use serde::Serialize;
use tokio_postgres::Row;
use utoipa::ToSchema;

const RECOVERIES: Sql = sql!("views/recoveries");

/// Episodes of some days that ended with the account connected, of one kind and cause.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Recoveries {
    /// Days back from now in which they ended: 7 or 30.
    pub days: i32,
    /// The provider's type, `LINKEDIN`.
    pub kind: String,
    /// Cause of the loss.
    pub cause: String,
    /// Episodes that ended so.
    pub returned: i64,
    /// Those that a restart of the fleet's brought back.
    pub by_restart: i64,
    /// Those that came back with nobody of ours, and no attempt that is known.
    pub by_provider: i64,
    /// Those that a restart of an operator's brought back.
    pub by_operator: i64,
    /// Those that an attempt of their owner's brought back.
    pub by_owner: i64,
    /// Share that came back without an owner, from 0 to 1.
    pub without_owner: f64,
    /// Half of them came back within so many seconds.
    pub median_s: f64,
}

impl Tx {
    /// Who brought accounts back in the last 7 and 30 days, by kind and cause.
    pub async fn recoveries(&self) -> Result<Vec<Recoveries>, StoreError> {
        let rows = self.rows(RECOVERIES, &[&self.now().at]).await?;
        rows.iter().map(recoveries).collect()
    }
}

fn recoveries(found: &Row) -> Result<Recoveries, StoreError> {
    let (returned, by_owner): (i64, i64) =
        (row::get(found, "returned")?, row::get(found, "by_owner")?);
    Ok(Recoveries {
        days: row::get(found, "days")?,
        kind: row::get(found, "kind")?,
        cause: row::get(found, "cause")?,
        returned,
        by_restart: row::get(found, "by_restart")?,
        by_provider: row::get(found, "by_provider")?,
        by_operator: row::get(found, "by_operator")?,
        by_owner,
        without_owner: share(returned - by_owner, returned),
        median_s: row::get(found, "median_s")?,
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share of counts far below 2^52"
)]
fn share(part: i64, of: i64) -> f64 {
    part as f64 / of.max(1) as f64
}
