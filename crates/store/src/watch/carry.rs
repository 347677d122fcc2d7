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
use tokio_postgres::Row;

const CHANGED: Sql = sql!("watch/changed");
const RECORD: Sql = sql!("watch/record");
const GONE: Sql = sql!("watch/gone");

/// A session that changed, and when it was seen so.
struct Change {
    session: Session,
    seen_at: Timestamp,
    fingerprint: i64,
}

impl Tx {
    /// Carries at most `limit` changed sessions of a complete list over, and notes those that it does not hold. Returns how
    /// many it found: fewer than `limit` are the last. A session that the database refuses is set aside by name (R-WAT-4).
    pub async fn carry_sessions(&self, run: &WatchRun, limit: i64) -> Result<u64, StoreError> {
        let rows = self.changed_sessions(run, limit).await?;
        // Those that stand in the list twice, and are as they were where it counts, are found and not returned.
        let found = rows.first().map(|it| row::get::<i64>(it, "found"));
        let found = found.transpose()?.unwrap_or(0).unsigned_abs();
        let (mut changes, mut gone) = (vec![], vec![]);
        for row in &rows {
            match change(row)? {
                Some(change) => changes.push(change),
                None => gone.push(row::get::<String>(row, "session_id")?),
            }
        }
        drop(rows);
        self.record_changes(run.slot, &changes).await?;
        each_apart!(
            self,
            Parts::of("status.compare", &gone),
            |id| format!("session {id}"),
            |some| async { self.execute(GONE, &[&run.slot, &some]).await }
        );
        Ok(found)
    }

    async fn changed_sessions(&self, run: &WatchRun, limit: i64) -> Result<Vec<Row>, StoreError> {
        let asked = values(CHANGED)
            .value("writers", &run.writers)
            .value("gone_too", run.proves_absence)
            .value("limit", limit);
        self.rows_with(asked).await
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
