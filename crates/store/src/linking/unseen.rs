//! Sessions that a look listed before a run of the watch did.

use crate::columns::columns;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use crate::watch::BETWEEN;
use crate::whole::whole;
use jiff::Timestamp;
use policy::session::{Health, Session};
use std::collections::BTreeSet;

const UNSEEN: Sql = sql!("links/unseen");
const NOTE: Sql = sql!("links/note_sessions");

impl Tx {
    /// Notes sessions that no list has shown so far, seen at `seen_at`; how many those are.
    pub async fn note_new_sessions(
        &self,
        seen_at: Timestamp,
        listed: &[Session],
    ) -> Result<usize, StoreError> {
        let ids: Vec<&str> = listed.iter().map(|one| one.id.0.as_str()).collect();
        let rows = self.rows(UNSEEN, &[&ids]).await?;
        let unseen: BTreeSet<String> = rows
            .iter()
            .map(|found| row::get(found, "id"))
            .collect::<Result<_, _>>()?;
        let new: Vec<&Session> = listed
            .iter()
            .filter(|one| one.is_readable() && unseen.contains(&one.id.0))
            .collect();
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
        each_apart!(
            self,
            Parts::of("links.list", &new),
            |one| format!("session {}", one.id),
            |some| async {
                let noted = columns(NOTE, some)
                    .value("seen_at", seen_at)
                    .with("session_id", |one| one.id.0.as_str())
                    .with("kind", |one| one.kind.as_str())
                    .with("name", |one| one.name.as_str())
                    .with("health", |one| one.health.as_str())
                    .with("words", |one| one.words.join(BETWEEN))
                    .with("odd_words", |one| one.odd.join(BETWEEN))
                    .with("side_health", |one| one.side.map(Health::as_str))
                    .with("identity", |one| {
                        one.identity.as_ref().map(|it| it.0.as_str())
                    })
                    .with("handle", |one| one.handle.as_deref())
                    .with("created_at", |one| one.created_at)
                    .with("fingerprint", |one| one.fingerprint());
                self.execute_with(noted).await
            }
        );
        Ok(new.len())
    }
}
