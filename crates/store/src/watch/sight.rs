//! Writing what a listing reads, as it is read.

use super::halves::Halves;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Field, Tx};
use crate::whole::whole;
use jiff::Timestamp;
use policy::ids::SessionId;
use policy::listing::RunState;
use policy::session::{Health, Session};
use tokio_postgres::types::Type;

const START: Sql = sql!("watch/start_run");
const BEGIN: Sql = sql!("watch/begin_sightings");
const KNOWN: Sql = sql!("watch/known");
const SIGHT: Sql = sql!("watch/sight");

/// Between words in one text; no word has it.
pub(crate) const BETWEEN: &str = "\u{1f}";
/// Lists of a day.
const DAY_OF_LISTS: i64 = 288;

/// Beginning of one step of a listing.
#[derive(Clone, Copy, Debug)]
pub struct ListingStart {
    /// State of the run.
    pub state: RunState,
    /// Number under which the step writes; none unless the run is being listed.
    pub writer: Option<i32>,
    /// Sessions of the longest list of a day; before the first, accounts that should have one.
    pub known: u64,
}

/// Sessions written, and those that could not be.
#[derive(Debug, Default)]
pub struct Sighted {
    /// How many sessions were written, however little of them.
    pub sessions: u64,
    /// Sessions that the database refused, each with its SQLSTATE. No more than their name was written.
    pub refused: Vec<(SessionId, String)>,
    /// Why those of them were refused whose name was refused as well.
    pub unnamed: Vec<String>,
}

/// One row of `sightings`.
struct Sighting<'a> {
    writer: i32,
    seen_at: Timestamp,
    session: &'a Session,
    health: &'static str,
    is_odd: bool,
    identity: Option<&'a str>,
    fingerprint: i64,
    words: String,
    rest: String,
}

/// What a session says beyond the columns of `sightings`, in their order in `rest`.
pub(super) type Rest = (
    String,
    String,
    Vec<String>,
    Option<Health>,
    Option<String>,
    Timestamp,
);

impl Tx {
    /// Begins a step of a run's listing; again is no matter. Must be committed before the step writes.
    pub async fn start_listing(&self, slot: Timestamp) -> Result<ListingStart, StoreError> {
        self.execute(START, &[&slot, &self.now().at]).await?;
        let run = self.watch_run(slot).await?;
        let mut start = ListingStart {
            state: run.state,
            writer: None,
            known: 0,
        };
        if run.state != RunState::Listing {
            return Ok(start);
        }
        let rows = self.rows(BEGIN, &[&slot]).await?;
        start.writer = rows
            .first()
            .map(|it| row::get(it, "writer"))
            .transpose()?
            .flatten();
        if start.writer.is_none() {
            start.state = RunState::Passed;
        }
        let rows = self.rows(KNOWN, &[&DAY_OF_LISTS]).await?;
        let known = rows.first().map(|it| row::get::<i64>(it, "known"));
        start.known = known.transpose()?.unwrap_or(0).unsigned_abs();
        Ok(start)
    }

    /// Writes sessions that a step read from `seen_at` on. They count once the step is closed.
    pub async fn write_sightings(
        &self,
        writer: i32,
        seen_at: Timestamp,
        sessions: &[Session],
    ) -> Result<Sighted, StoreError> {
        let mut sighted = Sighted::default();
        let rows: Vec<Sighting<'_>> = sessions
            .iter()
            .map(|it| sighting(writer, seen_at, it))
            .collect();
        let mut lost = 0;
        for (row, code) in self.copy_sightings(&rows).await? {
            // It is present, which is all that must not be lost.
            let id = row.session.id.clone();
            let bare = Session::unreadable(id.clone(), code.clone(), seen_at);
            let bare = [sighting(writer, seen_at, &bare)];
            let left = self.copy_sightings(&bare).await?;
            lost += left.len() as u64;
            sighted
                .unnamed
                .extend(left.into_iter().map(|(_, code)| code));
            sighted.refused.push((id, code));
        }
        sighted.sessions = rows.len() as u64 - lost;
        Ok(sighted)
    }

    /// Returns those that the database refused alone, each with its SQLSTATE.
    async fn copy_sightings<'r, 's>(
        &self,
        rows: &'r [Sighting<'s>],
    ) -> Result<Vec<(&'r Sighting<'s>, String)>, StoreError> {
        let mut halves = Halves::of(rows);
        while let Some(some) = halves.next() {
            let attempted = self.attempt_copy(SIGHT, some, fields).await?;
            halves.note(some, attempted)?;
        }
        Ok(halves.refused)
    }
}

/// In the order of `watch/sight.sql`.
fn fields<'a>(row: &'a Sighting<'_>) -> [Field<'a>; 9] {
    let Sighting {
        writer,
        seen_at,
        session,
        health,
        is_odd,
        identity,
        fingerprint,
        words,
        rest,
    } = row;
    [
        (Type::INT4, writer),
        (Type::TIMESTAMPTZ, seen_at),
        (Type::TEXT, &session.id.0),
        (Type::TEXT, health),
        (Type::BOOL, is_odd),
        (Type::TEXT, identity),
        (Type::INT8, fingerprint),
        (Type::TEXT, words),
        (Type::TEXT, rest),
    ]
}

fn sighting(writer: i32, seen_at: Timestamp, session: &Session) -> Sighting<'_> {
    whole!(Session {
        id,
        kind,
        name,
        health,
        words,
        odd,
        side,
        identity,
        handle,
        created_at
    });
    Sighting {
        writer,
        seen_at,
        session,
        health: session.health.as_str(),
        is_odd: !session.odd.is_empty(),
        identity: session.identity.as_ref().map(|it| it.0.as_str()),
        fingerprint: session.fingerprint(),
        words: session.words.join(BETWEEN),
        rest: rest(session),
    }
}

/// As [`Rest`]; empty where no more than the name could be read.
fn rest(session: &Session) -> String {
    if !session.is_readable() {
        return String::new();
    }
    let all = (
        &session.kind,
        &session.name,
        &session.odd,
        session.side,
        session.handle.as_deref(),
        session.created_at,
    );
    // Texts, words and an instant: nothing in it that JSON has no form for.
    serde_json::to_string(&all).unwrap_or_default()
}
