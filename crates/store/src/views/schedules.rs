//! Schedules.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::duties::DutyState;
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
    /// When it last decided what there was to decide (R-WAT-5); null before the first time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub conclusive_at: Option<Timestamp>,
    /// A pause covers it, its queue, or a kind of job that it needs.
    pub is_held: bool,
    /// It has decided nothing for 3 periods and 5 minutes that no pause explains: since then; null while it is not so.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub blind_since: Option<Timestamp>,
    /// Reason for which its last run could decide nothing; null if it could.
    pub note: Option<String>,
}

impl Tx {
    /// Every schedule that a scheduler ever declared, and the duties that are done without one.
    pub async fn schedule_views(&self) -> Result<Vec<ScheduleView>, StoreError> {
        let now = self.now();
        let rows = self.rows(SCHEDULES, &[&now.at]).await?;
        let duties = self.duty_states().await?;
        rows.iter()
            .map(|found| {
                let name: &str = row::get(found, "name")?;
                let duty = duties.iter().find(|it| it.duty == name);
                let blind = duty.filter(|it| it.is_blind(now.at, now.rate));
                Ok(ScheduleView {
                    name: name.to_owned(),
                    every_s: row::get(found, "every_s")?,
                    last_slot: row::get(found, "last_slot")?,
                    next_slot: row::get(found, "next_slot")?,
                    skips: row::get(found, "skips")?,
                    skipped: row::get(found, "skipped")?,
                    missed: row::get(found, "missed")?,
                    open_jobs: row::get(found, "open_jobs")?,
                    running: row::get(found, "running")?,
                    conclusive_at: duty.and_then(|it| it.conclusive_at),
                    is_held: duty.is_some_and(|it| it.is_held),
                    blind_since: blind.map(DutyState::owed_since),
                    note: duty.and_then(|it| it.note.clone()),
                })
            })
            .collect()
    }
}
