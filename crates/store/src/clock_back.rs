//! What a clock that was ahead has written, once it has gone back.

use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use std::time::Duration;
use uuid::Uuid;

const AHEAD: Sql = sql!("scheduler/ahead");
const FORGET_SLOTS: Sql = sql!("scheduler/forget_slots");
const BELIEVE: Sql = sql!("scheduler/believe_clock");
const DUTIES: Sql = sql!("duties/believe_clock");
const BRING_BACK: Sql = sql!("jobs/bring_back");
const WRITTEN_AHEAD: Sql = sql!("doctor/written_ahead");

/// Jobs that were looked at in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BroughtBack {
    /// The last one; none if there was no more.
    pub last: Option<Uuid>,
    /// Of them, those that come due earlier now.
    pub moved: u64,
}

/// Rows of one kind that a clock wrote which was ahead.
#[derive(Clone, Debug)]
pub struct WrittenAhead {
    /// Plural noun, for people.
    pub what: String,
    /// Count of rows; at most a thousand of holds and of cases are counted.
    pub rows: i64,
    /// Latest of their instants.
    pub latest: Timestamp,
    /// Whether the leading scheduler sets them right.
    pub heals: bool,
}

impl Tx {
    /// Rows that only a clock can have written that was more than `slack` of machine time ahead of now.
    pub async fn written_ahead(&self, slack: Duration) -> Result<Vec<WrittenAhead>, StoreError> {
        let beyond = self.now().after_machine(slack);
        let rows = self.rows(WRITTEN_AHEAD, &[&beyond]).await?;
        rows.iter()
            .map(|found| {
                Ok(WrittenAhead {
                    what: row::get(found, "what")?,
                    rows: row::get(found, "rows")?,
                    latest: row::get(found, "latest")?,
                    heals: row::get(found, "heals")?,
                })
            })
            .collect()
    }

    /// Latest instant that rows know of, if it lies more than `slack` of machine time ahead of the clock.
    pub async fn instant_ahead(&self, slack: Duration) -> Result<Option<Timestamp>, StoreError> {
        let rows = self
            .rows(AHEAD, &[&self.now().after_machine(slack)])
            .await?;
        rows.first().map_or(Ok(None), |found| row::get(found, "at"))
    }

    /// Forgets ticks that are yet to come, and that duties had decided something by then.
    pub async fn forget_future(&self) -> Result<(), StoreError> {
        self.execute(FORGET_SLOTS, &[&self.now().at]).await?;
        self.execute(DUTIES, &[&self.now().at]).await.map(drop)
    }

    /// Of `batch` jobs after one, lets those wait from now on whose time was counted from an instant that is yet to come.
    pub async fn bring_back(&self, after: Uuid, batch: i64) -> Result<BroughtBack, StoreError> {
        let asked = values(BRING_BACK)
            .value("after", after)
            .value("batch", batch)
            .value("at", self.now().at);
        let rows = self.rows_with(asked).await?;
        let Some(found) = rows.first() else {
            return Ok(BroughtBack {
                last: None,
                moved: 0,
            });
        };
        Ok(BroughtBack {
            last: row::get(found, "last")?,
            moved: row::get::<i64>(found, "moved")?.unsigned_abs(),
        })
    }

    /// Notes that nothing that the clock wrote lies ahead of it any more.
    pub async fn believe_clock(&self) -> Result<(), StoreError> {
        self.rows(BELIEVE, &[&self.now().at]).await.map(drop)
    }
}
