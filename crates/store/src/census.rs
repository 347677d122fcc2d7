//! What only the database can count of the fleet: for metrics, in one read-only transaction. Nothing is decided by it.

mod again;

use crate::depths::COUNTED_MAX;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::removals::{Judgement, Process};
use crate::row;
use crate::snapshots::HeldRows;
use crate::sql::{Sql, sql};
use crate::store::Store;
use crate::tx::Tx;
use crate::written::Written;
pub use again::SLICED;
use again::TABLES;
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
    /// What had been written to its tables before they were counted.
    pub written: Written,
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
    /// Counts the fleet, all of it at one instant. What did not change since the census `before` is taken from it: no
    /// table is read for that.
    pub async fn census(&self, before: Option<&Census>) -> Result<Census, StoreError> {
        // Read first: what is committed after this changes a later reading.
        let written = self.reading(async |tx| tx.written(&TABLES).await).await?;
        self.reading_snapshot(async |tx| tx.census(before, written).await)
            .await
    }

    /// Counts one range of shards.
    pub async fn census_slice(&self, shards: ShardRange) -> Result<Slice, StoreError> {
        let counted = self.reading_snapshot(async |tx| {
            Ok::<_, StoreError>(Slice {
                unpaired: tx.unpaired(shards).await?,
                caps: tx.caps(shards).await?,
            })
        });
        counted.await
    }

    /// Counts the shares of caps in a range of shards, of which the rest is known.
    pub async fn census_caps(&self, shards: ShardRange, known: Slice) -> Result<Slice, StoreError> {
        let caps = self
            .reading_snapshot(async |tx| tx.caps(shards).await)
            .await?;
        Ok(Slice { caps, ..known })
    }
}

impl Tx {
    async fn census(
        &self,
        before: Option<&Census>,
        written: Written,
    ) -> Result<Census, StoreError> {
        let at = self.now().at;
        let ago = |age| at.saturating_sub(age).unwrap_or(Timestamp::MIN);
        let (left_before, yesterday) = (ago(LEFT_BEHIND), ago(DAY));
        let passed = self.passed(before).await?;
        let known = |tables: &[&str]| before.filter(|it| written.is_since(&it.written, tables));
        let held = known(&["account_holds"]).filter(|_| !passed.holds);
        let by_hand = known(&["sends_by_hand"]).filter(|_| !passed.by_hand);
        let cases = known(&["cases"]).filter(|_| !passed.cases);
        let campaigns = known(&["campaigns", "campaign_pauses"]);
        Ok(Census {
            at,
            left_behind: self.left_behind_in_all(left_before).await?,
            running: match known(&["jobs"]) {
                Some(known) => known.running.clone(),
                None => self.each(RUNNING, &[&COUNTED_MAX], running).await?,
            },
            pauses: self.each(PAUSES, &[&at], pauses).await?,
            schedules: self.each(SCHEDULES, &[], schedule).await?,
            duties: self.duty_states().await?,
            rate: self.now().rate,
            accounts: self
                .counts(known(&["accounts"]).map(|it| &it.accounts), ACCOUNTS, &[])
                .await?,
            holds: self.counts(held.map(|it| &it.holds), HOLDS, &[&at]).await?,
            campaigns: self
                .counts(campaigns.map(|it| &it.campaigns), CAMPAIGNS, &[])
                .await?,
            campaign_pauses: self
                .counts(
                    campaigns.map(|it| &it.campaign_pauses),
                    CAMPAIGN_PAUSES,
                    &[],
                )
                .await?,
            unknown: match known(&["sends"]) {
                Some(known) => known.unknown,
                None => self.unknown_in_all().await?,
            },
            by_hand: self
                .counts(by_hand.map(|it| &it.by_hand), BY_HAND, &[&yesterday])
                .await?,
            cases: self
                .counts(cases.map(|it| &it.cases), CASES, &[&yesterday])
                .await?,
            removals: self
                .counts(known(&["removals"]).map(|it| &it.removals), REMOVALS, &[])
                .await?,
            alerts: self
                .counts(known(&["admin_alerts"]).map(|it| &it.alerts), ALERTS, &[])
                .await?,
            held: self.held_rows().await?,
            gates: self.gates_of_fleet().await?,
            written,
        })
    }

    async fn left_behind_in_all(&self, before: Timestamp) -> Result<i64, StoreError> {
        let left = self.left_behind(before).await?;
        Ok(left.iter().map(|it| it.jobs).sum())
    }

    async fn unknown_in_all(&self) -> Result<(i64, Option<Timestamp>), StoreError> {
        let rows = self.rows(UNKNOWN, &[]).await?;
        rows.first().map_or(Ok((0, None)), |found| {
            Ok((row::get(found, "sends")?, row::get(found, "oldest")?))
        })
    }

    async fn gates_of_fleet(&self) -> Result<Judgement, StoreError> {
        let process = Process {
            switch: false,
            self_test: vec![],
        };
        self.removal_gates(None, &process).await
    }

    /// Counts by word, unless they are known.
    async fn counts(
        &self,
        known: Option<&Counts>,
        sql: Sql,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Counts, StoreError> {
        match known {
            Some(known) => Ok(known.clone()),
            None => self.each(sql, params, count).await,
        }
    }

    async fn unpaired(&self, shards: ShardRange) -> Result<i64, StoreError> {
        let (first, last) = shard_ends(shards);
        let unpaired = self.rows(UNPAIRED, &[&first, &last]).await?;
        unpaired
            .first()
            .map_or(Ok(0), |found| row::get(found, "unpaired"))
    }

    async fn caps(&self, shards: ShardRange) -> Result<Vec<(String, String, i64)>, StoreError> {
        let (first, last) = shard_ends(shards);
        let yesterday = self.now().at.saturating_sub(DAY).unwrap_or(Timestamp::MIN);
        self.each(CAPS, &[&first, &last, &yesterday], |found| {
            Ok((
                row::get(found, "action")?,
                row::get(found, "used")?,
                row::get(found, "accounts")?,
            ))
        })
        .await
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
