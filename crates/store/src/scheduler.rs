//! The scheduler's lease and its schedules.

use crate::columns::columns;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use std::time::Duration;
use uuid::Uuid;

const TAKE: Sql = sql!("scheduler/take_lease");
const GIVE_UP: Sql = sql!("scheduler/give_up_lease");
const FENCE: Sql = sql!("scheduler/fence");
const DECLARE: Sql = sql!("scheduler/declare");
const STATE: Sql = sql!("scheduler/state");
const TICKED: Sql = sql!("scheduler/ticked");
const ROWS: Sql = sql!("scheduler/rows");
const PARTITIONS: Sql = sql!("scheduler/partitions");

/// A scheduler's hold on the lease. The epoch is its fencing token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leadership {
    /// Fresh for each start of a process.
    pub holder: Uuid,
    /// Steps up with every takeover or lapse.
    pub epoch: i64,
}

/// No lease is longer, machine time: what ends later was written by a clock that has gone back since.
pub const LEASE_MAX: Duration = Duration::from_mins(5);

/// What became of asking for the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// Whoever asked leads.
    Taken(Leadership),
    /// Another leads.
    Anothers {
        /// Machine time until its lease ends, unless it is renewed.
        left: Duration,
    },
}

impl Lease {
    /// Hold on the lease of whoever asked; none while another leads.
    pub fn leadership(self) -> Option<Leadership> {
        match self {
            Self::Taken(leadership) => Some(leadership),
            Self::Anothers { .. } => None,
        }
    }
}

/// Where a schedule stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleState {
    /// Its name.
    pub name: String,
    /// The last tick that was enqueued or skipped.
    pub last_slot: Option<Timestamp>,
    /// Ticks skipped in a row because a run was unfinished.
    pub skips: i32,
    /// A job of its last run is open.
    pub is_open: bool,
    /// A pause holds it back.
    pub is_held: bool,
}

/// What became of a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Skips in a row, this one included; 0 when it was enqueued.
    pub skips: i32,
    /// 1 if this tick was skipped.
    pub skipped: i64,
    /// Ticks that were missed while nobody scheduled, and collapsed into this one.
    pub missed: i64,
}

impl Tx {
    /// Takes or renews the lease for `lease` of machine time; `chair` is the session of [`crate::chair::Chair`] that
    /// this process sits in.
    pub async fn take_lease(
        &self,
        holder: Uuid,
        lease: Duration,
        chair: Option<i32>,
    ) -> Result<Lease, StoreError> {
        let asked = values(TAKE)
            .value("holder", holder)
            .value("lease_s", lease.as_secs_f64())
            .value("chair", chair)
            .value("longest_s", LEASE_MAX.max(lease).as_secs_f64());
        let rows = self.rows_with(asked).await?;
        let Some(found) = rows.first() else {
            return Err(StoreError::Count {
                query: "scheduler/take_lease",
                expected: 1,
                changed: 0,
            });
        };
        let epoch: Option<i64> = row::get(found, "epoch")?;
        let left_s: f64 = row::get(found, "left_s")?;
        Ok(match epoch {
            Some(epoch) => Lease::Taken(Leadership { holder, epoch }),
            None => Lease::Anothers {
                left: Duration::try_from_secs_f64(left_s).unwrap_or(lease),
            },
        })
    }

    /// Lets another scheduler take over at once.
    pub async fn give_up_lease(&self, leadership: Leadership) -> Result<(), StoreError> {
        self.execute(GIVE_UP, &[&leadership.holder, &leadership.epoch])
            .await
            .map(|_| ())
    }

    /// Refuses what follows in this transaction if another scheduler has taken over (R-WAT-2).
    pub async fn fence(&self, leadership: Leadership) -> Result<(), StoreError> {
        let rows = self
            .rows(FENCE, &[&leadership.holder, &leadership.epoch])
            .await?;
        if rows.is_empty() {
            Err(StoreError::Superseded {
                what: "the scheduler's lease",
            })
        } else {
            Ok(())
        }
    }

    /// Makes the schedules known, `(name, period in seconds)`.
    pub async fn declare_schedules(&self, schedules: &[(&str, i64)]) -> Result<(), StoreError> {
        let declared = columns(DECLARE, schedules)
            .with("name", |(name, _)| *name)
            .with("every_s", |(_, period)| *period);
        self.execute_with(declared).await.map(drop)
    }

    /// Where the named schedules stand.
    pub async fn schedule_states(&self, names: &[&str]) -> Result<Vec<ScheduleState>, StoreError> {
        let rows = self.rows(STATE, &[&names, &self.now().at]).await?;
        rows.iter()
            .map(|found| {
                Ok(ScheduleState {
                    name: row::get(found, "name")?,
                    last_slot: row::get(found, "last_slot")?,
                    skips: row::get(found, "skips")?,
                    is_open: row::get(found, "is_open")?,
                    is_held: row::get(found, "is_held")?,
                })
            })
            .collect()
    }

    /// Notes what became of a tick.
    pub async fn ticked(
        &self,
        name: &str,
        slot: Timestamp,
        ticked: Ticked,
    ) -> Result<(), StoreError> {
        let noted = values(TICKED)
            .value("name", name)
            .value("slot", slot)
            .value("skips", ticked.skips)
            .value("skipped", ticked.skipped)
            .value("missed", ticked.missed);
        self.execute_on_with(1, noted).await
    }

    /// Rows that a fleet-wide scan has to look at: the larger of accounts and campaigns.
    pub async fn fleet_rows(&self) -> Result<u64, StoreError> {
        let rows = self.rows(ROWS, &[]).await?;
        let count: i64 = rows
            .first()
            .map_or(Ok(0), |found| row::get(found, "rows"))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Makes the audit's partitions for this month and the three to come. Returns how many were missing.
    pub async fn make_audit_partitions(&self) -> Result<i32, StoreError> {
        let rows = self.rows(PARTITIONS, &[]).await?;
        rows.first().map_or(Ok(0), |found| row::get(found, "made"))
    }
}
