//! Dead letters: looking at them, driving them again, giving them up (R-Q-3, R-AUD-4; V0015).

mod rows;

pub use rows::{DeadAct, DeadFilter, DeadLetter, DeadMatches, DeadRow, FailureRow};

use crate::columns::values;
use crate::depths::COUNTED_MAX;
use crate::error::StoreError;
use crate::operators::Act;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::JobId;
use policy::jobs::Queue;
use policy::words::Word;
use serde_json::Value;
use std::time::Duration;
use tokio_postgres::Row;
use uuid::Uuid;

const LIST: Sql = sql!("dead/list");
const ROW: Sql = sql!("dead/row");
const FAILURES: Sql = sql!("dead/failures");
const ACTS: Sql = sql!("dead/acts");
const REDRIVE: Sql = sql!("dead/redrive");
const DISCARD: Sql = sql!("dead/discard");

impl Tx {
    /// The newest dead letters that fit, at most `limit`; and how many fit of the newest that are looked at.
    pub async fn dead(
        &self,
        filter: &DeadFilter,
        limit: i64,
    ) -> Result<(Vec<DeadRow>, DeadMatches), StoreError> {
        let DeadFilter {
            queue,
            kind,
            workspace,
            account,
            since,
            error,
        } = filter;
        let asked = values(LIST)
            .value("queue", queue.map(Queue::as_str))
            .value("kind", kind.map(Word::word))
            .value("workspace", *workspace)
            .value("account", *account)
            .value("since", *since)
            .value("error", error.as_deref())
            .value("limit", limit)
            .value("rows", COUNTED_MAX);
        let rows = self.rows_with(asked).await?;
        let matches = match rows.first() {
            Some(found) => DeadMatches {
                fit: row::get(found, "matches")?,
                is_more: row::get(found, "is_more")?,
            },
            None => DeadMatches::default(),
        };
        let is_letter =
            |found: &&Row| row::get::<Option<Uuid>>(found, "id").is_ok_and(|id| id.is_some());
        let rows: Result<Vec<_>, StoreError> = rows
            .iter()
            .filter(is_letter)
            .map(|found| {
                let last = (row::get(found, "fault")?, row::get(found, "error")?);
                dead_row(found, last)
            })
            .collect();
        Ok((rows?, matches))
    }

    /// One job and all that went wrong with it.
    pub async fn dead_letter(&self, job: JobId) -> Result<Option<DeadLetter>, StoreError> {
        let rows = self.rows(ROW, &[&job.0]).await?;
        let Some(found) = rows.first() else {
            return Ok(None);
        };
        let attempts: Result<Vec<FailureRow>, StoreError> = self
            .rows(FAILURES, &[&job.0])
            .await?
            .iter()
            .map(|found| {
                Ok(FailureRow {
                    attempt: row::get(found, "attempt")?,
                    at: row::get(found, "at")?,
                    fault: row::get(found, "fault")?,
                    error: row::get(found, "error")?,
                    retry_at: row::get(found, "retry_at")?,
                    worker: row::get(found, "worker")?,
                })
            })
            .collect();
        let attempts = attempts?;
        let acts: Result<Vec<DeadAct>, StoreError> = self
            .rows(ACTS, &[&job.0])
            .await?
            .iter()
            .map(|found| {
                Ok(DeadAct {
                    id: row::get(found, "id")?,
                    at: row::get(found, "at")?,
                    actor: row::get(found, "actor")?,
                    action: row::get(found, "action")?,
                    reason: row::get(found, "reason")?,
                })
            })
            .collect();
        let last = attempts.last();
        let last = (
            last.map(|it| it.fault.clone()),
            last.map(|it| it.error.clone()),
        );
        Ok(Some(DeadLetter {
            row: dead_row(found, last)?,
            state: row::get(found, "state")?,
            run_at: row::get(found, "run_at")?,
            version: row::get(found, "version")?,
            schedule: row::get(found, "schedule")?,
            payload: payload(row::get(found, "payload")?),
            traceparent: row::get(found, "traceparent")?,
            attempts,
            acts: acts?,
        }))
    }

    /// Lets dead letters wait again, with all their attempts before them, spread over a while. Returns how many; an error
    /// if one of them is not dead.
    pub async fn redrive(
        &self,
        act: &Act<'_>,
        jobs: &[Uuid],
        filter: &DeadFilter,
        spread: Duration,
    ) -> Result<i64, StoreError> {
        let (filter, seconds) = (serde_json::json!(filter), spread.as_secs_f64());
        let asked = values(REDRIVE)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("jobs", jobs)
            .value("filter", filter)
            .value("spread_s", seconds)
            .value("reason", act.reason);
        self.acted(asked, "jobs").await
    }

    /// Gives dead letters up; their rows and histories stay. Returns how many; an error if one of them is not dead.
    pub async fn discard(
        &self,
        act: &Act<'_>,
        jobs: &[Uuid],
        filter: &DeadFilter,
    ) -> Result<i64, StoreError> {
        let filter = serde_json::json!(filter);
        let asked = values(DISCARD)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("jobs", jobs)
            .value("filter", filter)
            .value("reason", act.reason);
        self.acted(asked, "jobs").await
    }
}

/// A payload as it is read; one that cannot be read is shown as the text that it is.
fn payload(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn dead_row(found: &Row, last: (Option<String>, Option<String>)) -> Result<DeadRow, StoreError> {
    let (fault, error) = last;
    Ok(DeadRow {
        id: row::get(found, "id")?,
        queue: row::get(found, "queue")?,
        kind: row::get(found, "kind")?,
        cause: row::get(found, "cause")?,
        workspace: row::get(found, "workspace_id")?,
        account: row::get(found, "account_id")?,
        created_at: row::get(found, "created_at")?,
        died_at: row::get(found, "finished_at")?,
        attempt: row::get(found, "attempt")?,
        failures: row::get(found, "failures")?,
        fault,
        error,
    })
}
