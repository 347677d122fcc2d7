//! The status watch's tables: runs, what was seen, what is proposed.

mod apply;
mod carry;
mod compare;
mod halves;
mod sight;

pub use compare::Compared;
pub use sight::{ListingStart, Sighted};

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::{SignedDuration, Timestamp};
use policy::account::Cause;
use policy::ids::{AccountId, SessionId, WorkspaceId};
use policy::listing;
use policy::listing::RunState;
use policy::watch::{OddWord, Proposed, ProposedClass, RunCounts};
use tokio_postgres::Row;

const NOTE_CLOCK_LEAD: Sql = sql!("watch/note_clock_lead");
const RUN: Sql = sql!("watch/run");
const COUNTS: Sql = sql!("watch/counts");
const CHUNK: Sql = sql!("watch/chunk");

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

    /// What a whole run proposes.
    pub async fn run_counts(&self, slot: Timestamp) -> Result<RunCounts, StoreError> {
        let rows = self.rows(COUNTS, &[&slot]).await?;
        let found = rows.first().ok_or(StoreError::Row {
            column: "slot",
            why: "no such run".into(),
        })?;
        Ok(RunCounts {
            slot,
            sessions_listed: row::get(found, "sessions")?,
            watched: row::get(found, "watched")?,
            losses: row::get(found, "losses")?,
            absent: row::get(found, "absent")?,
            unknown: row::get(found, "unknown")?,
            odd: odd_words(found)?,
            verifiable: row::get(found, "verifiable")?,
            sample: row::get(found, "sample")?,
        })
    }

    /// The next proposals of a run that nobody dealt with, in account order.
    pub async fn proposals(
        &self,
        slot: Timestamp,
        limit: i64,
    ) -> Result<Vec<Proposed>, StoreError> {
        self.rows(CHUNK, &[&slot, &limit])
            .await?
            .iter()
            .map(proposed)
            .collect()
    }
}

fn odd_words(found: &Row) -> Result<Vec<OddWord>, StoreError> {
    let odd: serde_json::Value = row::get(found, "odd")?;
    serde_json::from_value(odd).map_err(|error| StoreError::Row {
        column: "odd",
        why: error.to_string(),
    })
}

fn proposed(found: &Row) -> Result<Proposed, StoreError> {
    Ok(Proposed {
        account: AccountId(row::get(found, "account_id")?),
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        version: row::get(found, "version")?,
        from: row::status(found, "from_status")?,
        class: class(found)?,
        session: SessionId(row::get(found, "session_id")?),
        observed_at: row::get(found, "observed_at")?,
        words: row::get(found, "words")?,
        case_open: row::get(found, "case_open")?,
    })
}

fn class(found: &Row) -> Result<ProposedClass, StoreError> {
    let bad = |why: String| StoreError::Row {
        column: "class",
        why,
    };
    match row::get::<&str>(found, "class")? {
        "loss" => {
            let word: &str = row::get(found, "cause")?;
            let cause = Cause::parse(word).ok_or_else(|| bad(format!("unknown cause {word}")))?;
            Ok(ProposedClass::Loss {
                to: row::status(found, "to_status")?,
                cause,
            })
        }
        "verify" => Ok(ProposedClass::Verify),
        "absent" => Ok(ProposedClass::Absent),
        "unknown" => Ok(ProposedClass::Unknown),
        "stranger" => Ok(ProposedClass::Stranger),
        "returned" => Ok(ProposedClass::Returned),
        other => Err(bad(format!("unknown class {other}"))),
    }
}
