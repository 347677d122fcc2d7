//! Recording what a listing held. A row that the database refuses is set aside by name, not its batch (R-WAT-4).

use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::number::clamp;
use crate::sql::{Sql, sql};
use crate::tx::{Attempted, Tx};
use crate::whole::whole;
use jiff::Timestamp;
use policy::listing;
use policy::session::{Health, Session};

const NOTE_CURSORS: Sql = sql!("watch/note_cursors");
const NOT_WHOLE: Sql = sql!("watch/not_whole");
const RECORD: Sql = sql!("watch/record");

/// Between words in one text; no word has it.
const BETWEEN: &str = "\u{1f}";
/// Rows of one batch that may be refused one by one. More is no odd row but a table that does not take them.
const REFUSED_MAX: usize = 50;

/// What some pages of a listing held.
#[derive(Debug)]
pub(super) struct RecordBatch<'a> {
    pub(super) slot: Timestamp,
    pub(super) seen_at: Timestamp,
    pub(super) sessions: &'a [Session],
    pub(super) cursors: &'a [String],
    /// Items that could not be named.
    pub(super) unnamed: u32,
}

impl Tx {
    /// Records what some pages of a listing held, and raises an alert for what the database refused of it.
    pub(super) async fn record_sessions(&self, held: &RecordBatch<'_>) -> Result<(), StoreError> {
        let RecordBatch {
            slot,
            seen_at,
            sessions,
            cursors,
            mut unnamed,
        } = *held;
        self.execute(NOTE_CURSORS, &[&slot, &cursors]).await?;
        let mut refused = vec![];
        for (session, code) in self.record_each(slot, seen_at, sessions).await? {
            // It is present, which is all that must not be lost.
            let bare = [Session::unreadable(
                session.id.clone(),
                code.clone(),
                seen_at,
            )];
            let left = self.record_each(slot, seen_at, &bare).await?.len();
            unnamed = unnamed.saturating_add(u32::try_from(left).unwrap_or(u32::MAX));
            refused.push((session.id.clone(), code));
        }
        if unnamed > 0 {
            let not_whole = values(NOT_WHOLE)
                .value("slot", slot)
                .value("unnamed", clamp::<i32, _>(unnamed))
                .value("unnamed_max", clamp::<i32, _>(listing::UNNAMED_MAX));
            self.execute_on_with(1, not_whole).await?;
        }
        if refused.is_empty() {
            return Ok(());
        }
        self.raise(&[listing::set_aside(&refused)]).await
    }

    /// Records sessions, in halves where the database refuses some. Returns those that it refused alone, each with its
    /// SQLSTATE.
    async fn record_each<'a>(
        &self,
        slot: Timestamp,
        seen_at: Timestamp,
        sessions: &'a [Session],
    ) -> Result<Vec<(&'a Session, String)>, StoreError> {
        let (mut left, mut refused) = (vec![sessions], vec![]);
        while let Some(some) = left.pop() {
            match self.record(slot, seen_at, some).await? {
                Attempted::Done => {}
                Attempted::Refused(error) if refused.len() == REFUSED_MAX => return Err(error),
                Attempted::Refused(error) => match some {
                    [one] => refused.push((one, code(&error))),
                    several => {
                        let (first, second) = several.split_at(several.len() / 2);
                        left.extend([second, first]);
                    }
                },
            }
        }
        Ok(refused)
    }

    async fn record(
        &self,
        slot: Timestamp,
        seen_at: Timestamp,
        sessions: &[Session],
    ) -> Result<Attempted, StoreError> {
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
        let seen = columns(RECORD, sessions)
            .value("slot", slot)
            .value("seen_at", seen_at)
            .with("session_id", |one| one.id.0.as_str())
            .with("kind", |one| one.kind.as_str())
            .with("name", |one| one.name.as_str())
            .with("health", |one| one.health.as_str())
            .with("words", |one| one.words.join(BETWEEN))
            .with("odd_words", |one| one.odd.join(BETWEEN))
            .with("side_health", |one| one.side.map(Health::as_str))
            .with("identity", |one| {
                one.identity.as_ref().map(|person| person.0.as_str())
            })
            .with("handle", |one| one.handle.as_deref())
            .with("created_at", |one| one.created_at)
            .value("at", self.now().at);
        self.attempt_with(seen).await
    }
}

fn code(error: &StoreError) -> String {
    error.sqlstate().unwrap_or("refused").to_owned()
}
