//! Attempts whose time is over, and the accounts that waited for one (R-LNK-10).

use crate::columns::columns;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, account_of, each_apart};
use crate::whole::whole;
use jiff::{SignedDuration, Timestamp};
use policy::account::{AttemptEnd, AttemptOutcome};
use policy::ids::{AccountId, AttemptId, SessionId};
use policy::life::{ATTEMPT_GRACE, CHECKPOINT_PATIENCE, LINK_LIFE, NewestAttempt, Unended};
use policy::session::Health;
use tokio_postgres::Row;

const DUE: Sql = sql!("attempts/due");
const CLOSING: Sql = sql!("attempts/closing");
const CLOSE: Sql = sql!("attempts/close");

/// Work on attempts, as alerts of rows set aside name it.
const ATTEMPTS: &str = "attempts.end";

impl Tx {
    /// Accounts that wait for their owner and whose time is over, at most `limit`.
    pub async fn unended_accounts(&self, limit: i64) -> Result<Vec<Unended>, StoreError> {
        let due = values(DUE)
            .value("at", self.now().at)
            .value("grace_s", seconds(ATTEMPT_GRACE))
            .value("link_life_s", seconds(LINK_LIFE))
            .value("patience_s", seconds(CHECKPOINT_PATIENCE))
            .value("limit", limit);
        let rows = self.rows_with(due).await?;
        Ok(self.readable(ATTEMPTS, &rows, account_of("account_id"), unended))
    }

    /// Attempts that are to be closed, at most `limit`.
    pub async fn ending_attempts(&self, limit: i64) -> Result<Vec<AttemptEnd>, StoreError> {
        let rows = self.rows(CLOSING, &[&self.now().at, &limit]).await?;
        rows.iter().map(ending).collect()
    }

    /// Closes attempts; one that is closed already keeps its outcome.
    pub(crate) async fn close_attempts(
        &self,
        ends: &[AttemptEnd],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        whole!(AttemptEnd { attempt, outcome });
        each_apart!(
            self,
            Parts::of(ATTEMPTS, ends),
            |end| format!("attempt {}", end.attempt),
            |some| async {
                let closed = columns(CLOSE, some)
                    .with("id", |end| end.attempt.0)
                    .with("outcome", |end| end.outcome.as_str())
                    .value("at", at);
                self.execute_with(closed).await
            }
        );
        Ok(())
    }
}

/// As SQL takes a length of time.
pub(crate) fn seconds(length: SignedDuration) -> f64 {
    length.as_secs_f64()
}

fn unended(found: &Row) -> Result<Unended, StoreError> {
    let attempt: Option<uuid::Uuid> = row::get(found, "attempt_id")?;
    let attempt = match attempt {
        Some(id) => {
            let newest = NewestAttempt {
                link_ends_at: row::get(found, "link_ends_at")?,
                closed_at: row::get(found, "closed_at")?,
            };
            Some((AttemptId(id), newest))
        }
        None => None,
    };
    let health: Option<&str> = row::get(found, "health")?;
    let session: Option<String> = row::get(found, "session_id")?;
    Ok(Unended {
        account: AccountId(row::get(found, "account_id")?),
        version: row::get(found, "status_version")?,
        status: row::status(found, "status")?,
        since: row::get(found, "status_since")?,
        session: session.map(SessionId),
        health: health.and_then(Health::parse),
        attempt,
    })
}

fn ending(found: &Row) -> Result<AttemptEnd, StoreError> {
    let word: &str = row::get(found, "outcome")?;
    let outcome = AttemptOutcome::parse(word).ok_or_else(|| StoreError::Row {
        column: "outcome",
        why: format!("unknown outcome {word}"),
    })?;
    Ok(AttemptEnd {
        attempt: AttemptId(row::get(found, "id")?),
        outcome,
    })
}
