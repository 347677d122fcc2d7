//! Taking up the runs of workers that vanished (R-JOB-4).

use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use std::time::Duration;

const OVER: Sql = sql!("jobs/over");
const EXTEND: Sql = sql!("jobs/extend");
const SHORTEN: Sql = sql!("jobs/shorten");
const RESCUE: Sql = sql!("jobs/rescue");
const RING_LAP: Sql = sql!("jobs/ring_lap");

policy::words! {
    /// What the clock says of leases that it should not.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum OddLease {
        /// Past: the run is over, or the clock jumped.
        Over = "over",
        /// Further ahead than any lease of now can be: a clock that was ahead wrote it.
        Ahead = "ahead",
    }
}

/// Jobs whose worker vanished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Waiting again.
    pub again: u64,
    /// Dead letters now: they ended their last attempt this way too.
    pub dead: u64,
}

impl Tx {
    /// Which kinds of odd leases there are, where none can be longer than `longest`, machine time.
    pub async fn odd_leases(&self, longest: Duration) -> Result<Vec<OddLease>, StoreError> {
        let rows = self
            .rows(OVER, &[&self.now().at, &longest.as_secs_f64()])
            .await?;
        rows.iter()
            .map(|found| {
                let word: &str = row::get(found, "odd")?;
                OddLease::parse(word).ok_or_else(|| StoreError::Row {
                    column: "odd",
                    why: format!("unknown word {word}"),
                })
            })
            .collect()
    }

    /// Leases of `workers` that are over end in `longest` machine time instead. Returns how many.
    pub async fn extend_leases(
        &self,
        workers: &[&str],
        longest: Duration,
        limit: i64,
    ) -> Result<u64, StoreError> {
        let now = self.now();
        let extended = values(EXTEND)
            .value("worker", workers)
            .value("at", now.at)
            .value("latest", now.after_machine(longest))
            .value("limit", limit);
        self.execute_with(extended).await
    }

    /// Ends leases that are further ahead than `longest` machine time from now by then. Returns how many.
    pub async fn shorten_leases(&self, longest: Duration, limit: i64) -> Result<u64, StoreError> {
        let shortened = values(SHORTEN)
            .value("longest_s", longest.as_secs_f64())
            .value("limit", limit);
        self.execute_with(shortened).await
    }

    /// Ends runs whose lease is over, and all runs of workers that are `silent`, each named with the signs of life that it
    /// had given by then; one that has given another is not. `attempts` is each kind's limit. At most `limit` at once.
    pub async fn rescue(
        &self,
        silent: &[(&str, i64)],
        attempts: &[(&str, i16)],
        limit: i64,
    ) -> Result<Rescued, StoreError> {
        let names: Vec<&str> = silent.iter().map(|(name, _)| *name).collect();
        let beats: Vec<i64> = silent.iter().map(|(_, beats)| *beats).collect();
        let error = "the worker vanished or ran longer than its lease";
        let asked = columns(RESCUE, attempts)
            .value("at", self.now().at)
            .value("name", names)
            .value("beats", beats)
            .with("kind", |(kind, _)| *kind)
            .with("attempts", |(_, attempts)| *attempts)
            .value("error", error)
            .value("limit", limit);
        let rows = self.rows_with(asked).await?;
        let mut rescued = Rescued::default();
        for found in &rows {
            if row::get(found, "is_dead")? {
                rescued.dead += 1;
            } else {
                rescued.again += 1;
            }
        }
        if rescued.again > 0 {
            self.rows(RING_LAP, &[]).await?;
        }
        Ok(rescued)
    }
}
