//! What the relay asks of the jobs table.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::jobs::Queue;
use uuid::Uuid;

const DUE: Sql = sql!("jobs/due");
const NEXT_DUE: Sql = sql!("jobs/next_due");
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
    /// How many.
    pub jobs: i64,
    /// Since when.
    pub since: Timestamp,
}

impl Tx {
    /// The oldest due jobs of a queue, at most `share` for each workspace (R-JOB-6), none that is paused (R-Q-1).
    pub async fn due(&self, queue: Queue, share: i64) -> Result<Vec<DueJob>, StoreError> {
        let rows = self
            .rows(DUE, &[&queue.as_str(), &self.now().at, &share])
            .await?;
        rows.iter()
            .map(|found| {
                Ok(DueJob {
                    id: row::get(found, "id")?,
                    kind: row::get(found, "kind")?,
                    run_at: row::get(found, "run_at")?,
                    attempt: row::get(found, "attempt")?,
                    careful: row::get(found, "careful")?,
                    traceparent: row::get(found, "traceparent")?,
                })
            })
            .collect()
    }

    /// When the next waiting job of a queue comes due.
    pub async fn next_due(&self, queue: Queue) -> Result<Option<Timestamp>, StoreError> {
        let rows = self
            .rows(NEXT_DUE, &[&queue.as_str(), &self.now().at])
            .await?;
        rows.first()
            .map_or(Ok(None), |found| row::get(found, "next_due"))
    }

    /// Kinds and versions that every worker has left since before `before` (R-JOB-5).
    pub async fn left_behind(&self, before: Timestamp) -> Result<Vec<LeftBehind>, StoreError> {
        let rows = self.rows(LEFT_BEHIND, &[&before]).await?;
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
