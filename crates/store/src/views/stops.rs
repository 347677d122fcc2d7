//! Losses that the mass-change breaker stopped (R-WAT-3).

use super::{Page, fetched};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const RUNS: Sql = sql!("views/stopped_runs");
const LOSSES: Sql = sql!("views/stopped_losses");

/// Run of the status watch that stopped losses, and what became of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StoppedRunView {
    /// Name of the run: its tick.
    #[schema(value_type = String, format = DateTime)]
    pub run: Timestamp,
    /// Losses that it stopped.
    pub stopped: i64,
    /// Those that nobody has answered.
    pub open: i64,
    /// Those that go on with the next job that applies them.
    pub accepted: i64,
    /// Those that an operator did not believe.
    pub refused: i64,
    /// Those whose accounts have their new status.
    pub applied: i64,
    /// Those whose session is well, or whose account moved on.
    pub withdrawn: i64,
}

/// One loss that was stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StoppedLossView {
    /// Account that is lost.
    pub account_id: Uuid,
    /// Name of that account.
    pub account: String,
    /// Name of its workspace.
    pub workspace: String,
    /// Its session.
    pub session: String,
    /// Status of its row.
    pub from: String,
    /// Status that was proposed.
    pub to: String,
    /// Reason that was proposed.
    pub cause: String,
    /// The provider's own words.
    pub words: Vec<String>,
    /// `open`, `accepted`, `refused`, `applied` or `withdrawn`.
    pub state: String,
    /// Newest run that said it.
    #[schema(value_type = String, format = DateTime)]
    pub last_run: Timestamp,
    /// Runs in a row that said the same.
    pub runs: i32,
    /// Newest sight of its session.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: Timestamp,
    /// Look of its own, after three runs.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub looked_at: Option<Timestamp>,
    /// Whether that look said the same.
    pub look_agrees: Option<bool>,
    /// When it was answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
    /// Operator who answered it, or `relink`.
    pub decided_by: Option<String>,
    /// Reason of that answer.
    pub reason: Option<String>,
    /// End of a refusal.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

impl Tx {
    /// One page of runs that stopped losses, the newest first, before that one.
    pub async fn stopped_runs(
        &self,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Page<StoppedRunView>, StoreError> {
        let rows = self.rows(RUNS, &[&before, &fetched(limit)]).await?;
        let rows = rows.iter().map(run).collect::<Result<_, _>>()?;
        Ok(Page::of(rows, limit, |one: &StoppedRunView| {
            one.run.to_string()
        }))
    }

    /// One page of what a run stopped, in the order of accounts, after that one.
    pub async fn stopped_losses(
        &self,
        run: Timestamp,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<StoppedLossView>, StoreError> {
        let asked = values(LOSSES)
            .value("run", run)
            .value("after", after)
            .value("limit", fetched(limit));
        let rows = self.rows_with(asked).await?;
        let rows = rows.iter().map(loss).collect::<Result<_, _>>()?;
        Ok(Page::of(rows, limit, |one: &StoppedLossView| {
            one.account_id.to_string()
        }))
    }
}

fn run(found: &Row) -> Result<StoppedRunView, StoreError> {
    Ok(StoppedRunView {
        run: row::get(found, "run")?,
        stopped: row::get(found, "stopped")?,
        open: row::get(found, "open")?,
        accepted: row::get(found, "accepted")?,
        refused: row::get(found, "refused")?,
        applied: row::get(found, "applied")?,
        withdrawn: row::get(found, "withdrawn")?,
    })
}

fn loss(found: &Row) -> Result<StoppedLossView, StoreError> {
    Ok(StoppedLossView {
        account_id: row::get(found, "account_id")?,
        account: row::get(found, "account")?,
        workspace: row::get(found, "workspace")?,
        session: row::get(found, "session_id")?,
        from: row::get(found, "from_status")?,
        to: row::get(found, "to_status")?,
        cause: row::get(found, "cause")?,
        words: row::get(found, "words")?,
        state: row::get(found, "state")?,
        last_run: row::get(found, "last_run")?,
        runs: row::get(found, "runs")?,
        observed_at: row::get(found, "observed_at")?,
        looked_at: row::get(found, "looked_at")?,
        look_agrees: row::get(found, "look_agrees")?,
        decided_at: row::get(found, "decided_at")?,
        decided_by: row::get(found, "decided_by")?,
        reason: row::get(found, "reason")?,
        until: row::get(found, "until")?,
    })
}
