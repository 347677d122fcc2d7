//! Snapshots that keep dead rows from being cleaned away.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;

const SNAPSHOTS: Sql = sql!("census/snapshots");

/// What an old snapshot costs the table of jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldRows {
    /// Transactions since the oldest snapshot that another session, a prepared transaction or a replication slot holds.
    pub age: i64,
    /// Who holds it; empty where nobody does.
    pub holder: String,
    /// Dead rows of the table of jobs, by the server's own count.
    pub dead_rows: i64,
}

impl Tx {
    /// The oldest snapshot, and the dead rows of the table of jobs.
    pub async fn held_rows(&self) -> Result<HeldRows, StoreError> {
        let rows = self.rows(SNAPSHOTS, &[]).await?;
        let Some(found) = rows.first() else {
            return Ok(HeldRows::default());
        };
        Ok(HeldRows {
            age: row::get(found, "age")?,
            holder: row::get(found, "holder")?,
            dead_rows: row::get(found, "dead_rows")?,
        })
    }
}
