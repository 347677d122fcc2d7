//! One look of the relay at one queue: lanes, their due jobs, and what became of those that it rang for. Each query reads as
//! many rows as it is asked for and no more, however many wait.

use super::{DueJob, Holds, Shares};
use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::lane::Lane;
use crate::row;
use crate::sql::{Sql, sql};
use crate::store::Store;
use crate::tx::Tx;
use jiff::Timestamp;
use policy::jobs::Queue;
use std::time::Duration;
use tokio_postgres::Row;
use uuid::Uuid;

const DUE: Sql = sql!("jobs/due");
const NEXT_DUE: Sql = sql!("jobs/next_due");
const LANES: Sql = sql!("jobs/lanes");
const OPEN: Sql = sql!("jobs/open");
const PAUSED: Sql = sql!("jobs/paused");
const SUSPECT: Sql = sql!("jobs/suspect");

/// What is asked of one lane.
#[derive(Clone, Debug)]
pub struct LaneLook {
    /// The lane.
    pub lane: Lane,
    /// Run time and id of the row that the last look stopped at; none to begin at the oldest.
    pub after: Option<(Timestamp, Uuid)>,
    /// Jobs at most.
    pub take: i64,
    /// Rows read at most.
    pub budget: i64,
    /// Shares that pauses leave it.
    pub shares: Shares,
}

/// A row that a look found.
#[derive(Clone, Debug)]
pub struct DueRow {
    /// Position of its lane among those that were asked for.
    pub lane: usize,
    /// The job.
    pub job: DueJob,
    /// Neither known already nor held by a pause.
    pub may_start: bool,
    /// Two of its workers vanished.
    pub is_suspect: bool,
    /// Last row that the budget let be read: more may be due behind it.
    pub is_last: bool,
}

/// A job that is not over.
#[derive(Clone, Copy, Debug)]
pub struct OpenJob {
    /// The row.
    pub id: Uuid,
    /// False: in somebody's hands.
    pub is_waiting: bool,
    /// Claims so far.
    pub attempt: i16,
    /// When it comes due.
    pub run_at: Timestamp,
}

impl Store {
    /// Begins a look: each of its statements is given up after `within`.
    pub async fn begin_look(&self, within: Duration) -> Result<Tx, StoreError> {
        let begin = format!(
            "BEGIN; SET LOCAL statement_timeout = {}",
            within.as_millis()
        );
        Tx::begin_as(self, &begin).await
    }
}

impl Tx {
    /// Lanes of a queue behind `after`, at most `limit`, each with the run time of its first job. Begins with the first
    /// lane if there is none to go on from.
    pub async fn lanes(
        &self,
        queue: Queue,
        after: Option<&Lane>,
        limit: i32,
    ) -> Result<Vec<(Lane, Timestamp)>, StoreError> {
        let workspace = after.map_or(Uuid::nil(), |it| it.workspace);
        // Every kind has a longer name.
        let kind = after.map_or("", |it| it.kind.as_str());
        let asked = values(LANES)
            .value("queue", queue.as_str())
            .value("after_workspace", workspace)
            .value("after_kind", kind)
            .value("limit", limit);
        let rows = self.rows_with(asked).await?;
        let lane = |found: &Row| {
            let lane = Lane {
                workspace: row::get(found, "workspace_id")?,
                kind: row::get(found, "kind")?,
            };
            Ok((lane, row::get(found, "run_at")?))
        };
        rows.iter().map(lane).collect()
    }

    /// Due jobs of some lanes, without those that are `known` already. `with_suspects`: those that two workers vanished
    /// with are among them.
    pub async fn due(
        &self,
        queue: Queue,
        lanes: &[LaneLook],
        holds: &Holds,
        known: &[Uuid],
        with_suspects: bool,
    ) -> Result<Vec<DueRow>, StoreError> {
        let partly = holds.part_held_accounts.iter();
        let accounts: Vec<Uuid> = partly.clone().map(|it| it.account).collect();
        let drains: Vec<bool> = partly.clone().map(|it| it.is_drain).collect();
        let account_shares: Vec<f64> = partly.map(|it| it.share).collect();
        let asked = columns(DUE, lanes)
            .value("queue", queue.as_str())
            .value("at", self.now().at)
            .with("workspace_id", |it| it.lane.workspace)
            .with("kind", |it| it.lane.kind.as_str())
            .with("after_at", |it| it.after.map(|(at, _)| at))
            .with("after_id", |it| it.after.map(|(_, id)| id))
            .with("take", |it| it.take)
            .with("budget", |it| it.budget)
            .with("hold_share", |it| it.shares.hold)
            .with("drain_share", |it| it.shares.drain)
            .value("known", known)
            .value("held", holds.held_accounts.as_slice())
            .value("account_id", accounts)
            .value("is_drain", drains)
            .value("share", account_shares)
            .value("with_suspects", with_suspects);
        let rows = self.rows_with(asked).await?;
        rows.iter().map(|found| due_row(found, lanes)).collect()
    }

    /// When the next job of each lane comes due that is not due yet, in their order.
    pub async fn next_due(
        &self,
        queue: Queue,
        lanes: &[Lane],
    ) -> Result<Vec<Option<Timestamp>>, StoreError> {
        let asked = columns(NEXT_DUE, lanes)
            .value("queue", queue.as_str())
            .value("at", self.now().at)
            .with("workspace_id", |it| it.workspace)
            .with("kind", |it| it.kind.as_str());
        let mut next = vec![None; lanes.len()];
        for found in self.rows_with(asked).await? {
            if let Some(place) = next.get_mut(position(&found)?) {
                *place = row::get(&found, "next_due")?;
            }
        }
        Ok(next)
    }

    /// Which of some jobs are not over.
    pub async fn open_jobs(&self, jobs: &[Uuid]) -> Result<Vec<OpenJob>, StoreError> {
        let rows = self.rows(OPEN, &[&jobs]).await?;
        let open = |found: &Row| {
            Ok(OpenJob {
                id: row::get(found, "id")?,
                is_waiting: row::get(found, "is_waiting")?,
                attempt: row::get(found, "attempt")?,
                run_at: row::get(found, "run_at")?,
            })
        };
        rows.iter().map(open).collect()
    }

    /// Which of some jobs a pause keeps from starting.
    pub async fn paused_jobs(&self, jobs: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        let rows = self.rows(PAUSED, &[&jobs, &self.now().at]).await?;
        rows.iter().map(|found| row::get(found, "id")).collect()
    }

    /// The one of some jobs, which two workers vanished with each, that may start now; none while another such job runs.
    pub async fn next_suspect(
        &self,
        queue: Queue,
        jobs: &[Uuid],
    ) -> Result<Option<DueJob>, StoreError> {
        let rows = self
            .rows(SUSPECT, &[&jobs, &queue.as_str(), &self.now().at])
            .await?;
        let suspect = |found: &Row| job(found, row::get(found, "kind")?);
        rows.first().map(suspect).transpose()
    }
}

fn position(found: &Row) -> Result<usize, StoreError> {
    let position: i64 = row::get(found, "lane")?;
    Ok(usize::try_from(position).unwrap_or(usize::MAX))
}

fn due_row(found: &Row, lanes: &[LaneLook]) -> Result<DueRow, StoreError> {
    let lane = position(found)?;
    let kind = lanes.get(lane).map(|it| it.lane.kind.clone());
    Ok(DueRow {
        lane,
        job: job(found, kind.unwrap_or_default())?,
        may_start: row::get(found, "may_start")?,
        is_suspect: row::get(found, "is_suspect")?,
        is_last: row::get(found, "is_last")?,
    })
}

fn job(found: &Row, kind: String) -> Result<DueJob, StoreError> {
    let attempt: i16 = row::get(found, "attempt")?;
    Ok(DueJob {
        id: row::get(found, "id")?,
        kind,
        run_at: row::get(found, "run_at")?,
        attempt,
        careful: attempt > 0,
        traceparent: row::get(found, "traceparent")?,
    })
}
