//! The status watch's tables: runs, what was seen, what is proposed.

mod apply;
mod judged;
mod proposals;
mod record;

pub(crate) use proposals::{cause, proposed};

use crate::attempts::seconds;
use crate::columns::columns;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::{SignedDuration, Timestamp};
use policy::account::{Cause, Status};
use policy::life::{ATTEMPT_GRACE, LINK_LIFE};
use policy::listing::Before;
use policy::schedule::ShardRange;
use policy::session::Session;
use policy::watch::Pair;

const START: Sql = sql!("watch/start_run");
const NOTE_CLOCK_LEAD: Sql = sql!("watch/note_clock_lead");
const RUN: Sql = sql!("watch/run");
const KNOWN_CURSORS: Sql = sql!("watch/known_cursors");
const BEFORE: Sql = sql!("watch/before");
const COMPARE: Sql = sql!("watch/compare");
const COUNT_DOWN: Sql = sql!("watch/count_down");

impl Tx {
    /// Notes that a run began; again is no matter. False if the run has ended, if its listing is complete already, or if
    /// that of a later one is.
    pub async fn start_run(&self, slot: Timestamp) -> Result<bool, StoreError> {
        self.execute(START, &[&slot, &self.now().at]).await?;
        let rows = self.rows(RUN, &[&slot, &self.now().at]).await?;
        let Some(found) = rows.first() else {
            return Ok(false);
        };
        let listed: Option<Timestamp> = row::get(found, "listed_at")?;
        let outcome: Option<String> = row::get(found, "outcome")?;
        let passed: bool = row::get(found, "passed")?;
        Ok(listed.is_none() && outcome.is_none() && !passed)
    }

    /// Notes how far the provider's clock was ahead of ours when a run listed.
    pub async fn note_clock_lead(
        &self,
        slot: Timestamp,
        lead: SignedDuration,
    ) -> Result<(), StoreError> {
        let lead_ms = i64::try_from(lead.as_millis()).unwrap_or(i64::MAX);
        self.execute(NOTE_CLOCK_LEAD, &[&slot, &lead_ms])
            .await
            .map(drop)
    }

    /// Which of these cursors the run has met before: any means that the listing goes round.
    pub async fn known_cursors(
        &self,
        slot: Timestamp,
        cursors: &[String],
    ) -> Result<Vec<String>, StoreError> {
        let rows = self.rows(KNOWN_CURSORS, &[&slot, &cursors]).await?;
        rows.iter().map(|found| row::get(found, "cursor")).collect()
    }

    /// What a run knew before it read of these sessions.
    pub async fn known_before(
        &self,
        slot: Timestamp,
        sessions: &[Session],
    ) -> Result<Before, StoreError> {
        let ids: Vec<&str> = sessions.iter().map(|one| one.id.0.as_str()).collect();
        let rows = self.rows(BEFORE, &[&slot, &ids]).await?;
        let Some(found) = rows.first() else {
            return Ok(Before::default());
        };
        let count = |column| row::get::<i64>(found, column).map(i64::unsigned_abs);
        Ok(Before {
            met: count("met")?,
            known: count("known")?,
        })
    }

    /// Compares a range of shards with what the run saw and writes what it proposes. `pairs` is policy's table of
    /// statuses and healths that disagree. Returns how many it proposes.
    pub async fn compare(
        &self,
        slot: Timestamp,
        shards: ShardRange,
        pairs: &[Pair],
    ) -> Result<u64, StoreError> {
        let (first, last) = shard_ends(shards);
        let compared = columns(COMPARE, pairs)
            .value("slot", slot)
            .value("first", first)
            .value("last", last)
            .with("status", |pair| pair.status.as_str())
            .with("attempt", |pair| pair.attempt.as_str())
            .with("answer", |pair| pair.answer.as_str())
            .with("class", |pair| pair.class.as_str())
            .with("to_status", |pair| pair.to.map(Status::as_str))
            .with("cause", |pair| pair.cause.map(Cause::as_str))
            .value("grace_s", seconds(ATTEMPT_GRACE))
            .value("link_life_s", seconds(LINK_LIFE))
            .value("at", self.now().at);
        let proposed = self.execute_with(compared).await?;
        self.reset_verifications(slot, shards).await?;
        Ok(proposed)
    }

    /// Notes that so many ranges of a run are compared, and returns how many are left. Locks the run until the
    /// transaction ends: the last thing that a comparison does, or comparisons would wait for each other.
    pub async fn count_down(&self, slot: Timestamp, ranges: i32) -> Result<i32, StoreError> {
        let rows = self.rows(COUNT_DOWN, &[&slot, &ranges]).await?;
        let found = rows.first().ok_or(StoreError::Row {
            column: "slot",
            why: "no such run".into(),
        })?;
        row::get(found, "shard_jobs_left")
    }
}
