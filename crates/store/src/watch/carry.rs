//! Carrying what changed over from a list to the sessions that are known.

use super::halves::Halves;
use super::sight::{BETWEEN, Rest};
use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Attempted, Parts, Tx, each_apart};
use crate::watch::WatchRun;
use crate::whole::whole;
use jiff::Timestamp;
use policy::ids::{Identity, SessionId};
use policy::listing;
use policy::session::{Health, Session};
use std::time::{Duration, Instant};
use tokio_postgres::Row;

const OPEN: Sql = sql!("watch/open_changes");
const NEXT: Sql = sql!("watch/next_changes");
const CLOSE: Sql = sql!("watch/close_changes");
const RECORD: Sql = sql!("watch/record");
const GONE: Sql = sql!("watch/gone");

/// How far a list was carried over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Carried {
    /// Sessions that had changed, or are gone.
    pub sessions: u64,
    /// No session is left.
    pub is_all: bool,
}

/// A session that changed, and when it was seen so.
struct Change {
    session: Session,
    seen_at: Timestamp,
    fingerprint: i64,
}

impl Tx {
    /// Carries changed sessions of a complete list over for about `time_max`, and notes those that it does not hold. A session
    /// that the database refuses is set aside by name (R-WAT-4).
    pub async fn carry_sessions(
        &self,
        run: &WatchRun,
        time_max: Duration,
    ) -> Result<Carried, StoreError> {
        let began = Instant::now();
        let asked = values(OPEN)
            .value("writers", &run.writers)
            .value("gone_too", run.proves_absence);
        self.execute_with(asked).await?;
        let mut carried = Carried::default();
        loop {
            let rows = self.rows(NEXT, &[]).await?;
            carried.is_all = rows.is_empty();
            carried.sessions += rows.len() as u64;
            self.carry_lot(run.slot, rows).await?;
            if carried.is_all || began.elapsed() >= time_max {
                break;
            }
        }
        self.execute(CLOSE, &[]).await?;
        Ok(carried)
    }

    async fn carry_lot(&self, slot: Timestamp, rows: Vec<Row>) -> Result<(), StoreError> {
        let (mut changes, mut gone) = (vec![], vec![]);
        for row in &rows {
            match change(row)? {
                Some(change) => changes.push(change),
                None => gone.push(row::get::<String>(row, "session_id")?),
            }
        }
        drop(rows);
        self.record_changes(slot, &changes).await?;
        each_apart!(
            self,
            Parts::of("status.compare", &gone),
            |id| format!("session {id}"),
            |some| async { self.execute(GONE, &[&slot, &some]).await }
        );
        Ok(())
    }

    async fn record_changes(&self, slot: Timestamp, changes: &[Change]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut refused = vec![];
        for (change, code) in self.record_each(slot, changes).await? {
            let Change {
                session,
                seen_at,
                fingerprint,
            } = change;
            // It is present, which is all that must not be lost; and as long as it stays so it is no news.
            let bare = [Change {
                session: Session::unreadable(session.id.clone(), code.clone(), *seen_at),
                seen_at: *seen_at,
                fingerprint: *fingerprint,
            }];
            self.record_each(slot, &bare).await?;
            refused.push((session.id.clone(), code));
        }
        if refused.is_empty() {
            return Ok(());
        }
        self.raise(&[listing::set_aside(&refused)]).await
    }

    /// Returns those that the database refused alone, each with its SQLSTATE.
    async fn record_each<'c>(
        &self,
        slot: Timestamp,
        changes: &'c [Change],
    ) -> Result<Vec<(&'c Change, String)>, StoreError> {
        let mut halves = Halves::of(changes);
        while let Some(some) = halves.next() {
            let attempted = self.record(slot, some).await?;
            halves.note(some, attempted)?;
        }
        Ok(halves.refused)
    }

    async fn record(&self, slot: Timestamp, changes: &[Change]) -> Result<Attempted, StoreError> {
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
        let seen = columns(RECORD, changes)
            .value("slot", slot)
            .with("seen_at", |one| one.seen_at)
            .with("session_id", |one| one.session.id.0.as_str())
            .with("kind", |one| one.session.kind.as_str())
            .with("name", |one| one.session.name.as_str())
            .with("health", |one| one.session.health.as_str())
            .with("words", |one| one.session.words.join(BETWEEN))
            .with("odd_words", |one| one.session.odd.join(BETWEEN))
            .with("side_health", |one| one.session.side.map(Health::as_str))
            .with("identity", |one| {
                one.session.identity.as_ref().map(|it| it.0.as_str())
            })
            .with("handle", |one| one.session.handle.as_deref())
            .with("created_at", |one| one.session.created_at)
            .with("fingerprint", |one| one.fingerprint)
            .value("at", self.now().at);
        self.attempt_with(seen).await
    }
}

/// The session of a row as it was read; none if the list does not hold it.
fn change(found: &Row) -> Result<Option<Change>, StoreError> {
    let Some(seen_at) = row::get::<Option<Timestamp>>(found, "seen_at")? else {
        return Ok(None);
    };
    let id = SessionId(row::get(found, "session_id")?);
    let words: String = row::get(found, "words")?;
    let rest: String = row::get(found, "rest")?;
    let session = if rest.is_empty() {
        Session::unreadable(id, words, seen_at)
    } else {
        let (kind, name, odd, side, handle, created_at) = read(&rest)?;
        Session {
            id,
            kind,
            name,
            health: Health::parse(row::get(found, "health")?).unwrap_or(Health::Unknown),
            words: words_of(&words),
            odd,
            side,
            identity: row::get::<Option<String>>(found, "identity")?.map(Identity),
            handle,
            created_at,
        }
    };
    Ok(Some(Change {
        session,
        seen_at,
        fingerprint: row::get(found, "fingerprint")?,
    }))
}

fn words_of(text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec![];
    }
    text.split(BETWEEN).map(str::to_owned).collect()
}

fn read(rest: &str) -> Result<Rest, StoreError> {
    serde_json::from_str(rest).map_err(|error| StoreError::Row {
        column: "rest",
        why: error.to_string(),
    })
}
