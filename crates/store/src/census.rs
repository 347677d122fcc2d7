//! What only the database can count of the fleet: for metrics, in one read-only transaction. Nothing is decided by it.

use crate::depths::COUNTED_MAX;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::removals::{Judgement, Process};
use crate::row;
use crate::snapshots::HeldRows;
use crate::sql::{Sql, sql};
use crate::store::Store;
use crate::tx::Tx;
use jiff::{SignedDuration, Timestamp};
use policy::duties::DutyState;
use policy::schedule::ShardRange;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

const RUNNING: Sql = sql!("census/running");
const PAUSES: Sql = sql!("census/pauses");
const SCHEDULES: Sql = sql!("census/schedules");
const ACCOUNTS: Sql = sql!("census/accounts");
const HOLDS: Sql = sql!("census/holds");
const CAMPAIGNS: Sql = sql!("census/campaigns");
const CAMPAIGN_PAUSES: Sql = sql!("census/campaign_pauses");
const UNKNOWN: Sql = sql!("census/unknown");
const BY_HAND: Sql = sql!("census/by_hand");
const CASES: Sql = sql!("census/cases");
const REMOVALS: Sql = sql!("census/removals");
const ALERTS: Sql = sql!("census/alerts");
const UNPAIRED: Sql = sql!("census/unpaired");
const CAPS: Sql = sql!("census/caps");

/// Jobs that every worker left for so long are left behind (R-JOB-5).
const LEFT_BEHIND: SignedDuration = SignedDuration::from_mins(15);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How many there are of each word.
pub type Counts = Vec<(String, i64)>;

/// The whole fleet at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Census {
    /// The instant, by the database's clock.
    pub at: Timestamp,
    /// Waiting jobs that every worker left, as far as they are counted.
    pub left_behind: i64,
    /// Queue, jobs that run, dead letters: of each as many as are counted at most ([`COUNTED_MAX`]).
    pub running: Vec<(String, i64, i64)>,
    /// Pauses in force.
    pub pauses: Vec<Pauses>,
    /// Schedules.
    pub schedules: Vec<Schedule>,
    /// Duties.
    pub duties: Vec<DutyState>,
    /// Seconds of the clock in one second of the machine.
    pub rate: f64,
    /// Accounts by status.
    pub accounts: Counts,
    /// Holds in force by reason.
    pub holds: Counts,
    /// Campaigns by whether they run.
    pub campaigns: Counts,
    /// Open pauses of campaigns by reason.
    pub campaign_pauses: Counts,
    /// Sends whose outcome is unknown, and when the first was called.
    pub unknown: (i64, Option<Timestamp>),
    /// What accounts did by hand in the last 24 hours, by action.
    pub by_hand: Counts,
    /// Open cases, and those of the last day by verdict.
    pub cases: Counts,
    /// Removals by state.
    pub removals: Counts,
    /// Open alerts by code.
    pub alerts: Counts,
    /// The oldest snapshot, and dead rows of jobs.
    pub held: HeldRows,
    /// What the gates say of no removal: what holds for the fleet.
    pub gates: Judgement,
}

/// Pauses of one sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// What they cover.
    pub scope: String,
    /// What they do to running work.
    pub mode: String,
    /// `operator` or `system`.
    pub origin: String,
    /// The queue, of those that cover one.
    pub queue: String,
    /// How many.
    pub count: i64,
    /// Those that no time ends.
    pub endless: i64,
    /// Since when the oldest is in force.
    pub oldest: Timestamp,
}

/// Where a schedule stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// Ticks skipped in a row.
    pub skips: i32,
    /// When a job of it last ended well, as far as jobs are kept.
    pub last_success: Option<Timestamp>,
}

/// What is too dear to count of the whole fleet at once: one range of shards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// Accounts whose status does not stand in the newest row of their chain.
    pub unpaired: i64,
    /// Action, share of the day's cap that is used, accounts.
    pub caps: Vec<(String, String, i64)>,
}

impl Store {
    /// Counts the fleet, all of it at one instant.
    pub async fn census(&self) -> Result<Census, StoreError> {
        self.reading_snapshot(async |tx| tx.census().await).await
    }

    /// Counts one range of shards.
    pub async fn census_slice(&self, shards: ShardRange) -> Result<Slice, StoreError> {
        self.reading_snapshot(async |tx| tx.census_slice(shards).await)
            .await
    }
}

impl Tx {
    async fn census(&self) -> Result<Census, StoreError> {
        let at = self.now().at;
        let before = |age| at.saturating_sub(age).unwrap_or(Timestamp::MIN);
        let (left_before, yesterday) = (before(LEFT_BEHIND), before(DAY));
        let unknown = self.rows(UNKNOWN, &[]).await?;
        Ok(Census {
            at,
            left_behind: self
                .left_behind(left_before)
                .await?
                .iter()
                .map(|it| it.jobs)
                .sum(),
            running: self.each(RUNNING, &[&COUNTED_MAX], running).await?,
            pauses: self.each(PAUSES, &[&at], pauses).await?,
            schedules: self.each(SCHEDULES, &[], schedule).await?,
            duties: self.duty_states().await?,
            rate: self.now().rate,
            accounts: self.each(ACCOUNTS, &[], count).await?,
            holds: self.each(HOLDS, &[&at], count).await?,
            campaigns: self.each(CAMPAIGNS, &[], count).await?,
            campaign_pauses: self.each(CAMPAIGN_PAUSES, &[], count).await?,
            unknown: match unknown.first() {
                Some(found) => (row::get(found, "sends")?, row::get(found, "oldest")?),
                None => (0, None),
            },
            by_hand: self.each(BY_HAND, &[&yesterday], count).await?,
            cases: self.each(CASES, &[&yesterday], count).await?,
            removals: self.each(REMOVALS, &[], count).await?,
            alerts: self.each(ALERTS, &[], count).await?,
            held: self.held_rows().await?,
            gates: self
                .removal_gates(
                    None,
                    &Process {
                        switch: false,
                        self_test: vec![],
                    },
                )
                .await?,
        })
    }

    async fn census_slice(&self, shards: ShardRange) -> Result<Slice, StoreError> {
        let (first, last) = shard_ends(shards);
        let at = self.now().at;
        let yesterday = at.saturating_sub(DAY).unwrap_or(Timestamp::MIN);
        let unpaired = self.rows(UNPAIRED, &[&first, &last]).await?;
        Ok(Slice {
            unpaired: unpaired
                .first()
                .map_or(Ok(0), |found| row::get(found, "unpaired"))?,
            caps: self
                .each(CAPS, &[&first, &last, &yesterday], |found| {
                    Ok((
                        row::get(found, "action")?,
                        row::get(found, "used")?,
                        row::get(found, "accounts")?,
                    ))
                })
                .await?,
        })
    }

    async fn each<T>(
        &self,
        sql: Sql,
        params: &[&(dyn ToSql + Sync)],
        read: fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.rows(sql, params).await?;
        Ok(self.readable(sql.name, &rows, |_| "a row".to_owned(), read))
    }
}

fn count(found: &Row) -> Result<(String, i64), StoreError> {
    Ok((row::get(found, "word")?, row::get(found, "count")?))
}

fn running(found: &Row) -> Result<(String, i64, i64), StoreError> {
    Ok((
        row::get(found, "queue")?,
        row::get(found, "running")?,
        row::get(found, "dead")?,
    ))
}

fn pauses(found: &Row) -> Result<Pauses, StoreError> {
    Ok(Pauses {
        scope: row::get(found, "scope")?,
        mode: row::get(found, "mode")?,
        origin: row::get(found, "origin")?,
        queue: row::get(found, "queue")?,
        count: row::get(found, "pauses")?,
        endless: row::get(found, "endless")?,
        oldest: row::get(found, "oldest")?,
    })
}

fn schedule(found: &Row) -> Result<Schedule, StoreError> {
    Ok(Schedule {
        name: row::get(found, "name")?,
        skips: row::get(found, "skips")?,
        last_success: row::get(found, "last_success")?,
    })
}
