//! Where each account stands, to be held against what the provider knows of its session.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::Status;
use policy::ids::AccountId;
use uuid::Uuid;

const STANDING: Sql = sql!("report/standing");
const WATCH_RUNS: Sql = sql!("report/watch_runs");

/// An account and whatever names its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Account, by its id.
    pub account: AccountId,
    /// Display name.
    pub name: String,
    /// Status of the row.
    pub status: Status,
    /// Linked session, or the one that its open attempt was told of.
    pub session: Option<String>,
    /// Person that it is known to be.
    pub identity: Option<String>,
    /// Declared profile identifier or address.
    pub handle: Option<String>,
    /// Whether it is held because another person is behind its session (R-ST-6).
    pub is_strangers: bool,
}

/// Run of the status watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchRun {
    /// Instant before its first page was asked for.
    pub started_at: Timestamp,
    /// Instant at which it ended, whatever its outcome; null while it is under way.
    pub ended_at: Option<Timestamp>,
    /// Whether everything that it proposed was applied.
    pub is_applied: bool,
}

impl Tx {
    /// Runs of the status watch that began at `since` or later, in their order.
    pub async fn watch_runs(&self, since: Timestamp) -> Result<Vec<WatchRun>, StoreError> {
        let rows = self.rows(WATCH_RUNS, &[&since]).await?;
        rows.iter()
            .map(|found| {
                Ok(WatchRun {
                    started_at: row::get(found, "started_at")?,
                    ended_at: row::get(found, "finished_at")?,
                    is_applied: row::get(found, "is_applied")?,
                })
            })
            .collect()
    }

    /// Every account of the fleet. For small fleets.
    pub async fn standings(&self) -> Result<Vec<Standing>, StoreError> {
        let rows = self.rows(STANDING, &[]).await?;
        rows.iter()
            .map(|found| {
                let linked: Option<String> = row::get(found, "session_id")?;
                let told: Option<String> = row::get(found, "attempt_session")?;
                Ok(Standing {
                    account: AccountId(row::get::<Uuid>(found, "id")?),
                    name: row::get(found, "name")?,
                    status: row::status(found, "status")?,
                    session: linked.or(told),
                    identity: row::get(found, "identity")?,
                    handle: row::get(found, "handle")?,
                    is_strangers: row::get(found, "is_strangers")?,
                })
            })
            .collect()
    }
}
