//! What the relay asks of the jobs table.

mod holds;
mod look;

pub use holds::{AccountHold, Holds, Shares};
pub use look::{DueRow, LaneLook, OpenJob};

use crate::depths::COUNTED_MAX;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use uuid::Uuid;

const LEFT_BEHIND: Sql = sql!("jobs/left_behind");

/// A job that is due and waits for a doorbell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueJob {
    /// The row.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// When it came due.
    pub run_at: Timestamp,
    /// Claims so far: a ring of an earlier attempt is spent.
    pub attempt: i16,
    /// It failed or vanished before: to be rung and run alone.
    pub careful: bool,
    /// W3C trace context of whoever enqueued it.
    pub traceparent: Option<String>,
}

/// Jobs that no worker knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// Their kind.
    pub kind: String,
    /// Their payload's version.
    pub version: i16,
    /// How many, as far as they are counted ([`COUNTED_MAX`]).
    pub jobs: i64,
    /// Since when.
    pub since: Timestamp,
}

impl Tx {
    /// Kinds and versions that every worker has left since before `before` (R-JOB-5).
    pub async fn left_behind(&self, before: Timestamp) -> Result<Vec<LeftBehind>, StoreError> {
        let rows = self.rows(LEFT_BEHIND, &[&before, &COUNTED_MAX]).await?;
        rows.iter()
            .map(|found| {
                Ok(LeftBehind {
                    kind: row::get(found, "kind")?,
                    version: row::get(found, "version")?,
                    jobs: row::get(found, "jobs")?,
                    since: row::get(found, "since")?,
                })
            })
            .collect()
    }
}
