//! The status watch's tables: runs, what was seen, what is proposed.

mod apply;
mod carry;
mod compare;
mod halves;
mod judged;
mod proposals;
mod sight;
mod suspects;

pub use carry::Carried;
pub use compare::Compared;
pub(crate) use proposals::{cause, proposed};
pub(crate) use sight::BETWEEN;
pub use sight::{ListingStart, Sighted};
pub use suspects::Suspects;

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::{SignedDuration, Timestamp};
use policy::listing;
use policy::listing::RunState;

const NOTE_CLOCK_LEAD: Sql = sql!("watch/note_clock_lead");
const RUN: Sql = sql!("watch/run");

/// A run of the status watch.
#[derive(Clone, Debug)]
pub struct WatchRun {
    /// Its tick.
    pub slot: Timestamp,
    /// How it stands.
    pub state: RunState,
    /// When its list was complete.
    pub listed_at: Option<Timestamp>,
    /// Sessions that its listing wrote.
    pub(crate) sessions: i64,
    /// Numbers under which they were written.
    pub(crate) writers: Vec<i32>,
    /// Sessions that are not in its list are gone.
    pub(crate) proves_absence: bool,
}

impl WatchRun {
    /// A run that nobody knows: over, for whoever asks.
    fn ended(slot: Timestamp) -> Self {
        Self {
            slot,
            state: RunState::Ended,
            listed_at: None,
            sessions: 0,
            writers: vec![],
            proves_absence: false,
        }
    }
}

impl Tx {
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

    /// How a run stands, and what its comparison has to know.
    pub async fn watch_run(&self, slot: Timestamp) -> Result<WatchRun, StoreError> {
        let rows = self.rows(RUN, &[&slot, &self.now().at]).await?;
        let Some(found) = rows.first() else {
            return Ok(WatchRun::ended(slot));
        };
        let listed_at: Option<Timestamp> = row::get(found, "listed_at")?;
        let outcome: Option<String> = row::get(found, "outcome")?;
        let state = match (outcome, row::get(found, "passed")?, listed_at) {
            (Some(_), ..) => RunState::Ended,
            (None, true, _) => RunState::Passed,
            (None, false, None) => RunState::Listing,
            (None, false, Some(_)) => RunState::Listed,
        };
        let sessions: i64 = row::get(found, "sessions")?;
        let before: i64 = row::get(found, "sessions_before")?;
        let is_whole: bool = row::get(found, "is_whole")?;
        Ok(WatchRun {
            slot,
            state,
            listed_at,
            sessions,
            writers: row::get(found, "writers")?,
            proves_absence: is_whole && listing::proves_absence(sessions, before),
        })
    }
}
