//! Attempts to link an account: begun and minted (R-LNK-1), answered, over (R-LNK-10), and as people see them.

mod answers;
mod minting;
mod views;

pub use minting::{MintRow, MintTime, NewAttempt, OpenedAttempt};
pub use views::AttemptRow;

use crate::columns::columns;
use crate::columns::values;
use crate::counted::Applied;
use crate::error::StoreError;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, account_of, each_apart};
use crate::whole::whole;
use jiff::{SignedDuration, Timestamp};
use policy::account::{AttemptEnd, AttemptOutcome, AttemptPurpose};
use policy::ids::{AccountId, AttemptId, SessionId};
use policy::life::{ATTEMPT_GRACE, CHECKPOINT_PATIENCE, LINK_LIFE, NewestAttempt, Unended};
use policy::session::Health;
use tokio_postgres::Row;
use uuid::Uuid;

const DUE: Sql = sql!("attempts/due");
const CLOSING: Sql = sql!("attempts/closing");
const CLOSE: Sql = sql!("attempts/close");
const LAPSING: Sql = sql!("attempts/lapsing");
const LAPSE: Sql = sql!("attempts/lapse");

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

    /// Attempts whose page has ended unused, so long ago that no use of it is on its way, at most `limit`.
    pub async fn lapsing_attempts(&self, limit: i64) -> Result<Vec<AttemptId>, StoreError> {
        let over = self.now().at.checked_sub(ATTEMPT_GRACE);
        let over = over.unwrap_or(Timestamp::MIN);
        let rows = self.rows(LAPSING, &[&over, &self.now().at, &limit]).await?;
        let ids = rows.iter().map(|found| row::get(found, "id"));
        ids.map(|id| id.map(AttemptId)).collect()
    }

    /// Closes attempts, and lets others lapse; one that is closed already keeps its outcome. Counted by purpose and outcome.
    pub(crate) async fn close_attempts(
        &self,
        ends: &[AttemptEnd],
        lapsed: &[AttemptId],
        at: Timestamp,
    ) -> Result<Applied, StoreError> {
        whole!(AttemptEnd { attempt, outcome });
        let closed = each_apart!(
            self,
            Parts::of(ATTEMPTS, ends),
            |end| format!("attempt {}", end.attempt),
            |some| async {
                let closed = columns(CLOSE, some)
                    .with("id", |end| end.attempt.0)
                    .with("outcome", |end| end.outcome.as_str())
                    .value("at", at);
                self.rows_with(closed).await
            }
        );
        each_apart!(
            self,
            Parts::of(ATTEMPTS, lapsed),
            |attempt| format!("attempt {attempt}"),
            |some| async {
                let ids: Vec<Uuid> = some.iter().map(|it| it.0).collect();
                self.execute(LAPSE, &[&ids]).await
            }
        );
        count_ended(closed.iter().flatten())
    }
}

/// Counts closed attempts; rows have `purpose` and `outcome`.
pub(crate) fn count_ended<'a>(rows: impl Iterator<Item = &'a Row>) -> Result<Applied, StoreError> {
    let mut applied = Applied::default();
    for found in rows {
        let purpose = word(found, "purpose", AttemptPurpose::parse)?.as_str();
        let outcome = word(found, "outcome", AttemptOutcome::parse)?.as_str();
        applied.count(
            "relink_link_attempts_total",
            &[("purpose", purpose), ("outcome", outcome)],
            1,
        );
    }
    Ok(applied)
}

/// As SQL takes a length of time.
pub(crate) fn seconds(length: SignedDuration) -> f64 {
    length.as_secs_f64()
}

fn unended(found: &Row) -> Result<Unended, StoreError> {
    let attempt: Option<Uuid> = row::get(found, "attempt_id")?;
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
    Ok(AttemptEnd {
        attempt: AttemptId(row::get(found, "id")?),
        outcome: word(found, "outcome", AttemptOutcome::parse)?,
    })
}
