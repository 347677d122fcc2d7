//! What became of an account: its changes of status, and the times in which it could not send.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::Status;
use policy::ids::AccountId;

const TIMELINE: Sql = sql!("product/timeline");
const EPISODES: Sql = sql!("product/episodes");

/// A change of an account's status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlipRow {
    /// Number of the change, from 1.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// Status before; none for the account's first.
    pub from: Option<Status>,
    /// Status after.
    pub to: Status,
    /// Cause, as the audit has it.
    pub cause: String,
}

/// A time in which an account could not send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastEpisode {
    /// Version of the flip that began it: its name in notices and pages.
    pub version: i64,
    /// When it began.
    pub began_at: Timestamp,
    /// Cause of the flip that began it.
    pub cause: String,
    /// When it ended; none while it lasts.
    pub ended_at: Option<Timestamp>,
    /// Who brought the account back: `owner`, `restart`, `operator`, `provider`; none while it lasts, and after a disconnect.
    pub returned_by: Option<String>,
    /// First call after it that the provider took.
    pub proved_at: Option<Timestamp>,
}

impl Tx {
    /// Changes of an account's status, the newest first, those before the version `before`.
    pub async fn timeline_of(
        &self,
        account: AccountId,
        (before, limit): (Option<i64>, i64),
    ) -> Result<Vec<FlipRow>, StoreError> {
        let rows = self.rows(TIMELINE, &[&account.0, &before, &limit]).await?;
        rows.iter()
            .map(|found| {
                let from: Option<&str> = row::get(found, "from_status")?;
                Ok(FlipRow {
                    version: row::get(found, "version")?,
                    at: row::get(found, "at")?,
                    from: from.and_then(Status::parse),
                    to: row::status(found, "to_status")?,
                    cause: row::get(found, "cause")?,
                })
            })
            .collect()
    }

    /// Times in which an account could not send, the newest first, those that began before the version `before`.
    pub async fn episodes_of(
        &self,
        account: AccountId,
        (before, limit): (Option<i64>, i64),
    ) -> Result<Vec<PastEpisode>, StoreError> {
        let rows = self.rows(EPISODES, &[&account.0, &before, &limit]).await?;
        rows.iter()
            .map(|found| {
                Ok(PastEpisode {
                    version: row::get(found, "began_version")?,
                    began_at: row::get(found, "began_at")?,
                    cause: row::get(found, "cause")?,
                    ended_at: row::get(found, "ended_at")?,
                    returned_by: row::get(found, "returned_by")?,
                    proved_at: row::get(found, "proved_at")?,
                })
            })
            .collect()
    }
}
