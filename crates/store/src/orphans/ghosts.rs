//! Sessions without an account (R-ORP-3).

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;

const GHOSTS: Sql = sql!("orphans/ghosts");

/// Sessions without an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ghosts {
    /// How many.
    pub count: i64,
    /// The oldest of them.
    pub sample: Vec<String>,
}

impl Tx {
    /// Sessions that have had no account since before `since` (R-ORP-3).
    pub async fn ghosts(&self, since: Timestamp) -> Result<Ghosts, StoreError> {
        let rows = self.rows(GHOSTS, &[&since]).await?;
        let found = rows.first().ok_or(StoreError::Row {
            column: "ghosts",
            why: "no answer".into(),
        })?;
        Ok(Ghosts {
            count: row::get(found, "ghosts")?,
            sample: row::get::<Option<Vec<String>>>(found, "sample")?.unwrap_or_default(),
        })
    }
}
