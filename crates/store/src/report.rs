//! What people are shown, counted from the rows.

mod causes;
mod jobs;
mod links;
mod people;
mod sends;
mod standing;

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::Status;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

pub use causes::{HoldLine, PauseLine};
pub use jobs::OddJob;
pub use links::{LinkTotals, OverdueAttempt};
pub use sends::{ActionState, SendTotals, SessionCap, Windows};
pub use standing::{Standing, WatchRun};

const TOTALS: Sql = sql!("report/totals");
const ACCOUNTS: Sql = sql!("report/accounts");
const CAMPAIGNS: Sql = sql!("report/campaigns");
const QUEUES: Sql = sql!("report/queues");
const FLIPS: Sql = sql!("report/flips");
const ALERTS: Sql = sql!("report/alerts");

/// What happened since the database was made, counted from rows only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Changes of status, the first one of each account included.
    pub flips: i64,
    /// Audit rows of flips; equal, or something is broken.
    pub flip_audit_rows: i64,
    /// Jobs enqueued.
    pub jobs_enqueued: i64,
    /// Jobs done.
    pub jobs_finished: i64,
    /// Jobs not done yet.
    pub jobs_waiting: i64,
    /// Jobs that nobody took long after they came due.
    pub jobs_lost: i64,
    /// Effects that one job had twice.
    pub effects_duplicated: i64,
    /// Jobs that failed for good.
    pub dead_letters: i64,
    /// Accounts that stopped being connected.
    pub losses: i64,
    /// Accounts that were verified as connected again.
    pub reconnects: i64,
    /// Pauses for lost senders that were lifted.
    pub campaigns_healed: i64,
    /// Accounts linked by the orphan watcher.
    pub orphans_linked: i64,
    /// Cases confirmed as missing.
    pub cases_confirmed: i64,
    /// Open alerts.
    pub alerts: i64,
}

/// Campaigns that run, and those that do not by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Campaigns {
    /// Active and without a pause.
    pub running: i64,
    /// Pauses in force by reason; a campaign with two counts twice.
    pub paused: BTreeMap<String, i64>,
}

/// A queue as the jobs table sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QueueState {
    /// Its name.
    pub queue: String,
    /// Jobs that are due.
    pub due: i64,
    /// Jobs that are leased.
    pub running: i64,
    /// Age of the oldest due job in seconds of the fleet's clock.
    pub oldest_s: Option<f64>,
}

/// A change of status with its audit row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlipLine {
    /// Id of the audit row.
    pub id: i64,
    /// When it was decided.
    pub at: Timestamp,
    /// The account's name.
    pub name: String,
    /// From which status; none for a new account.
    pub from: Option<String>,
    /// To which.
    pub to: String,
    /// Why.
    pub cause: String,
}

/// An open alert.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlertLine {
    /// What kind of trouble.
    pub code: String,
    /// What it is about.
    pub subject: String,
    /// How often it was raised.
    pub times: i32,
    /// When last.
    pub last_at: Timestamp,
    /// Details.
    pub detail: Value,
}

impl Tx {
    /// Everything counted; a job that was due before `lost_before` and that nobody took is lost.
    pub async fn totals(&self, lost_before: Timestamp) -> Result<Totals, StoreError> {
        let rows = self.rows(TOTALS, &[&lost_before]).await?;
        let found = rows.first().ok_or(StoreError::Row {
            column: "flips",
            why: "no answer".into(),
        })?;
        Ok(Totals {
            flips: row::get(found, "flips")?,
            flip_audit_rows: row::get(found, "flip_audit_rows")?,
            jobs_enqueued: row::get(found, "jobs_enqueued")?,
            jobs_finished: row::get(found, "jobs_finished")?,
            jobs_waiting: row::get(found, "jobs_waiting")?,
            jobs_lost: row::get(found, "jobs_lost")?,
            effects_duplicated: row::get(found, "effects_duplicated")?,
            dead_letters: row::get(found, "dead_letters")?,
            losses: row::get(found, "losses")?,
            reconnects: row::get(found, "reconnects")?,
            campaigns_healed: row::get(found, "campaigns_healed")?,
            orphans_linked: row::get(found, "orphans_linked")?,
            cases_confirmed: row::get(found, "cases_confirmed")?,
            alerts: row::get(found, "alerts")?,
        })
    }

    /// Status of every account and since when. For small fleets.
    pub async fn account_statuses(&self) -> Result<Vec<(Status, Timestamp)>, StoreError> {
        let rows = self.rows(ACCOUNTS, &[]).await?;
        rows.iter()
            .map(|found| {
                Ok((
                    row::status(found, "status")?,
                    row::get(found, "status_since")?,
                ))
            })
            .collect()
    }

    /// Campaigns by whether they run.
    pub async fn campaign_states(&self) -> Result<Campaigns, StoreError> {
        let rows = self.rows(CAMPAIGNS, &[]).await?;
        let found = rows.first().ok_or(StoreError::Row {
            column: "running",
            why: "no answer".into(),
        })?;
        let paused: Value = row::get(found, "paused")?;
        let paused = serde_json::from_value(paused).map_err(|error| StoreError::Row {
            column: "paused",
            why: error.to_string(),
        })?;
        Ok(Campaigns {
            running: row::get(found, "running")?,
            paused,
        })
    }

    /// Queues with open jobs.
    pub async fn queue_states(&self) -> Result<Vec<QueueState>, StoreError> {
        let rows = self.rows(QUEUES, &[&self.now().at]).await?;
        rows.iter()
            .map(|found| {
                Ok(QueueState {
                    queue: row::get(found, "queue")?,
                    due: row::get(found, "due")?,
                    running: row::get(found, "running")?,
                    oldest_s: row::get(found, "oldest_s")?,
                })
            })
            .collect()
    }

    /// The last flips, newest first.
    pub async fn last_flips(&self, limit: i64) -> Result<Vec<FlipLine>, StoreError> {
        let rows = self.rows(FLIPS, &[&limit]).await?;
        rows.iter()
            .map(|found| {
                Ok(FlipLine {
                    id: row::get(found, "id")?,
                    at: row::get(found, "at")?,
                    name: row::get(found, "name")?,
                    from: row::get(found, "from_status")?,
                    to: row::get(found, "to_status")?,
                    cause: row::get(found, "cause")?,
                })
            })
            .collect()
    }

    /// Open alerts, newest first.
    pub async fn open_alerts(&self, limit: i64) -> Result<Vec<AlertLine>, StoreError> {
        let rows = self.rows(ALERTS, &[&limit]).await?;
        rows.iter()
            .map(|found| {
                Ok(AlertLine {
                    code: row::get(found, "code")?,
                    subject: row::get(found, "subject")?,
                    times: row::get(found, "times")?,
                    last_at: row::get(found, "last_at")?,
                    detail: row::get(found, "detail")?,
                })
            })
            .collect()
    }
}
