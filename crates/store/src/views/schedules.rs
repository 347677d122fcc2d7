//! Schedules.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

const SCHEDULES: Sql = sql!("views/schedules");

/// Where a schedule stands (R-WAT-2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScheduleView {
    /// Its name, the kind of job that it asks for.
    pub name: String,
    /// Seconds of the fleet's clock between two ticks.
    pub every_s: i64,
    /// The last tick that was enqueued or skipped.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_slot: Option<Timestamp>,
    /// The tick after it; none before the first one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_slot: Option<Timestamp>,
    /// Ticks skipped in a row because a run was unfinished; 3 raise an alert.
    pub skips: i32,
    /// Ticks ever skipped.
    pub skipped: i64,
    /// Ticks that were missed while nobody scheduled, and collapsed into one.
    pub missed: i64,
    /// Jobs of its last run that are not over.
    pub open_jobs: i64,
    /// Those of them that a worker holds.
    pub running: i64,
}

impl Tx {
    /// Every schedule that a scheduler ever declared.
    pub async fn schedule_views(&self) -> Result<Vec<ScheduleView>, StoreError> {
        let rows = self.rows(SCHEDULES, &[]).await?;
        rows.iter()
            .map(|found| {
                Ok(ScheduleView {
                    name: row::get(found, "name")?,
                    every_s: row::get(found, "every_s")?,
                    last_slot: row::get(found, "last_slot")?,
                    next_slot: row::get(found, "next_slot")?,
                    skips: row::get(found, "skips")?,
                    skipped: row::get(found, "skipped")?,
                    missed: row::get(found, "missed")?,
                    open_jobs: row::get(found, "open_jobs")?,
                    running: row::get(found, "running")?,
                })
            })
            .collect()
    }
}
