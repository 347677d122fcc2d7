//! Restarts of stopped sessions: the fleet's bound, the rows before and after each call, and what lost its job (R-LNK-8).

mod budget;
mod steps;

use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::{Tx, account_of};
use crate::verifications::newest_attempt;
use policy::ids::{JobId, RestartId};
use policy::jobs::RecoverSession;
use policy::restarts::{Candidate, RestartState};
use policy::session::Health;
use policy::verify::AccountRow;
use tokio_postgres::Row;
use uuid::Uuid;

pub use steps::{CalledRestart, RestartTicket};

const CANDIDATES: Sql = sql!("restarts/candidates");
const MISSED: Sql = sql!("restarts/missed");

impl Tx {
    /// Accounts of these jobs as they are now, in the jobs' order; one that does not exist is left out.
    pub async fn restart_candidates(
        &self,
        asking: &[(JobId, RecoverSession)],
    ) -> Result<Vec<Candidate>, StoreError> {
        let nobody = RestartId(Uuid::nil());
        let found = columns(CANDIDATES, asking)
            .with("account_id", |(_, asked)| asked.account.0)
            .with("version", |(_, asked)| asked.version)
            .with("rung", |(_, asked)| {
                crate::number::clamp::<i32, _>(asked.rung)
            })
            .with("id", |(_, asked)| asked.by_operator.unwrap_or(nobody).0);
        let rows = self.rows_with(found).await?;
        let read = |found: &Row| {
            let nth: i64 = row::get(found, "nth")?;
            let index = usize::try_from(nth - 1).unwrap_or(usize::MAX);
            let asking = asking.get(index).ok_or_else(|| StoreError::Row {
                column: "nth",
                why: format!("{nth} is no job"),
            })?;
            candidate(found, *asking)
        };
        Ok(self.readable("sessions.recover", &rows, account_of("id"), read))
    }

    /// Accounts of these shards that are recovering and that no job will restart, at most `limit`.
    pub async fn missed_restarts(
        &self,
        shards: &[i16],
        limit: i64,
    ) -> Result<Vec<AccountRow>, StoreError> {
        let missed = values(MISSED)
            .value("shards", shards.to_vec())
            .value("at", self.now().at)
            .value("limit", limit);
        let rows = self.rows_with(missed).await?;
        let read = |found: &Row| row::account(found, "id");
        Ok(self.readable("restarts.missed", &rows, account_of("id"), read))
    }
}

fn candidate(found: &Row, (job, asked): (JobId, RecoverSession)) -> Result<Candidate, StoreError> {
    let health: Option<&str> = row::get(found, "health")?;
    let made: Option<Uuid> = row::get(found, "made_id")?;
    let made = made
        .map(|id| {
            Ok::<_, StoreError>((
                RestartId(id),
                word(found, "made_state", RestartState::parse)?,
            ))
        })
        .transpose()?;
    Ok(Candidate {
        asked,
        job,
        row: row::account(found, "id")?,
        attempt: newest_attempt(found)?,
        is_held: row::get(found, "is_held")?,
        health: health.and_then(Health::parse),
        called_at: row::get(found, "called_at")?,
        made,
    })
}
