//! Workers: a row each, which it renews as long as it lives (R-JOB-4). Who is silent is for the leader's stopwatch to say
//! (`scheduler`), not for a clock.

use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

const BEAT: Sql = sql!("workers/beat");
const PULSES: Sql = sql!("workers/pulses");
const FORGET: Sql = sql!("workers/forget");
const LIST: Sql = sql!("workers/list");

/// A worker as it speaks of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beating {
    /// Fresh for each start of a process; the name in its leases.
    pub name: String,
    /// Queues that it consumes.
    pub queues: Vec<&'static str>,
    /// Version and commit that it was made of.
    pub build: String,
}

/// Answer to a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beaten {
    /// Signs of life so far.
    pub beats: i64,
    /// When others were given what the worker had in hand; none, if it was not taken for dead.
    pub lost_at: Option<Timestamp>,
}

/// A worker's signs of life, as the leader compares them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// The worker.
    pub name: String,
    /// Signs of life so far; only whether it changes says something.
    pub beats: i64,
    /// Its leases were given to others, and it has not been heard since.
    pub is_lost: bool,
}

/// A worker, for people.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WorkerView {
    /// Fresh for each start of a process; attempts and audit rows name it.
    pub name: String,
    /// Queues that it consumes.
    pub queues: Vec<String>,
    /// Version and commit that it was made of.
    pub build: String,
    /// First sign of life.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// Last sign of life.
    #[schema(value_type = String, format = DateTime)]
    pub seen_at: Timestamp,
    /// Seconds since the last sign of life, by the database's clock.
    pub seen_s: f64,
    /// When its jobs were given to others because it was silent; none while it is heard.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub lost_at: Option<Timestamp>,
    /// Leases that it holds.
    pub running: i64,
}

impl Tx {
    /// Notes that a worker lives.
    pub async fn beat(&self, beating: &Beating) -> Result<Beaten, StoreError> {
        let noted = values(BEAT)
            .value("name", beating.name.as_str())
            .value("queues", beating.queues.as_slice())
            .value("build", beating.build.as_str())
            .value("at", self.now().at);
        let rows = self.rows_with(noted).await?;
        let found = rows.first().ok_or(StoreError::Superseded {
            what: "the worker's row",
        })?;
        Ok(Beaten {
            beats: row::get(found, "beats")?,
            lost_at: row::get(found, "lost_at")?,
        })
    }

    /// Forgets workers, each by its name and the signs of life that it had given: one that has given another stays.
    pub async fn forget_workers(&self, gone: &[(&str, i64)]) -> Result<i64, StoreError> {
        let names: Vec<&str> = gone.iter().map(|(name, _)| *name).collect();
        let beats: Vec<i64> = gone.iter().map(|(_, beats)| *beats).collect();
        let rows = self.rows(FORGET, &[&names, &beats]).await?;
        rows.first()
            .map_or(Ok(0), |found| row::get(found, "forgotten"))
    }

    /// Signs of life of every worker that is not forgotten.
    pub async fn worker_pulses(&self) -> Result<Vec<Pulse>, StoreError> {
        let rows = self.rows(PULSES, &[]).await?;
        rows.iter()
            .map(|found| {
                Ok(Pulse {
                    name: row::get(found, "name")?,
                    beats: row::get(found, "beats")?,
                    is_lost: row::get(found, "is_lost")?,
                })
            })
            .collect()
    }

    /// Every worker that lives, and those that fell silent within the hour.
    pub async fn worker_views(&self) -> Result<Vec<WorkerView>, StoreError> {
        let rows = self.rows(LIST, &[&self.now().at]).await?;
        rows.iter()
            .map(|found| {
                Ok(WorkerView {
                    name: row::get(found, "name")?,
                    queues: row::get(found, "queues")?,
                    build: row::get(found, "build")?,
                    started_at: row::get(found, "started_at")?,
                    seen_at: row::get(found, "seen_at")?,
                    seen_s: row::get(found, "seen_s")?,
                    lost_at: row::get(found, "lost_at")?,
                    running: row::get(found, "running")?,
                })
            })
            .collect()
    }
}
