//! Jobs that came to nothing, by name.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use std::fmt;

const ODD_JOBS: Sql = sql!("report/odd_jobs");

/// A job that failed for good, or that nobody took for long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddJob {
    /// Kind, by its name.
    pub kind: String,
    /// What asked for it.
    pub cause: String,
    /// State, in the schema's words: `dead` failed for good, every other is lost.
    pub state: String,
    /// When it came due.
    pub due_at: Timestamp,
    /// Claims so far.
    pub attempts: i32,
    /// Newest failure; none where it never failed.
    pub error: Option<String>,
}

impl OddJob {
    /// Whether it failed for good.
    pub fn is_dead(&self) -> bool {
        self.state == "dead"
    }
}

impl fmt::Display for OddJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            cause,
            state,
            due_at,
            attempts,
            error,
        } = self;
        let error = error.as_deref().unwrap_or("no failure");
        write!(
            f,
            "{kind} {cause}: {state}, due {due_at}, {attempts} attempts, {error}"
        )
    }
}

impl Tx {
    /// Jobs that failed for good, and those that were due before `lost_before` and that nobody took; so many at most.
    pub async fn odd_jobs(
        &self,
        lost_before: Timestamp,
        limit: i64,
    ) -> Result<Vec<OddJob>, StoreError> {
        let rows = self.rows(ODD_JOBS, &[&lost_before, &limit]).await?;
        rows.iter()
            .map(|found| {
                Ok(OddJob {
                    kind: row::get(found, "kind")?,
                    cause: row::get(found, "cause")?,
                    state: row::get(found, "state")?,
                    due_at: row::get(found, "run_at")?,
                    attempts: row::get(found, "attempt")?,
                    error: row::get(found, "error")?,
                })
            })
            .collect()
    }
}
