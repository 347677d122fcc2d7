//! Keys of acts (R-API-2, V0052): a second request with a key is answered like the first, and does nothing.

use crate::columns::values;
use crate::error::StoreError;
use crate::operators::Scope;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio_postgres::Row;
use uuid::Uuid;

const TAKE: Sql = sql!("keys/take");
const HOLD: Sql = sql!("keys/hold");
const KEEP: Sql = sql!("keys/keep");
const RELEASE: Sql = sql!("keys/release");

/// Bytes of a key at most.
pub const KEY_BYTES_MAX: usize = 255;

/// Key of an act, and a digest of all that is asked for with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActKey {
    text: String,
    route: String,
    fingerprint: [u8; 32],
}

impl ActKey {
    /// Key of 1 to [`KEY_BYTES_MAX`] visible ASCII characters; none for any other text. `route` names the act for people, `asked` is
    /// everything that a second request must have in common with the first.
    pub fn of(text: &str, route: &str, asked: &[&[u8]]) -> Option<Self> {
        let is_key = (1..=KEY_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|it| it.is_ascii_graphic());
        let mut digest = Sha256::new();
        // Each with its length before it: no two lists make one text.
        for part in [route.as_bytes()].iter().chain(asked) {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        is_key.then(|| Self {
            text: text.to_owned(),
            route: route.to_owned(),
            fingerprint: digest.finalize().into(),
        })
    }

    pub(crate) fn print(&self) -> &[u8] {
        &self.fingerprint
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn route(&self) -> &str {
        &self.route
    }
}

/// Answer of an act as it is kept with its key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAnswer {
    /// Status of HTTP that it was answered with.
    pub status: u16,
    /// Body, without what must not be kept, like the URL of a hosted page.
    pub body: Value,
    /// Id of what the answer is about, from which the rest is read again.
    pub subject: Option<Uuid>,
}

/// State in which a key was found.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyState {
    /// This transaction's until it ends: the act goes on.
    Free {
        /// Id that the act's audit row gets.
        audit: Uuid,
        /// What a held act had made before it was cut off; the same request goes on with it.
        cut_off: Option<Uuid>,
    },
    /// Of an act that was done.
    Answered(KeptAnswer),
    /// Of another request; the route that it was for, unless that one still runs.
    Other(Option<String>),
    /// Of the same request, which still runs.
    Running,
}

impl Tx {
    /// Takes a key for an act of this transaction, without waiting for anybody. Call it before the act.
    pub async fn take_key(
        &self,
        token: &SecretString,
        scope: Scope,
        key: &ActKey,
    ) -> Result<KeyState, StoreError> {
        let asked = values(TAKE)
            .value("token", token.expose_secret())
            .value("scope", scope.as_str())
            .value("key", key.text.as_str())
            .value("fingerprint", key.print())
            .value("fresh", Uuid::now_v7());
        let rows = self.rows_with(asked).await?;
        let found = rows.first().ok_or_else(|| no_answer("verdict"))?;
        key_state(found)
    }

    /// Holds a key that this transaction has taken, for an act that calls outward between two transactions; until when. `subject` is
    /// what the act makes in the first of them.
    pub async fn hold_key(
        &self,
        token: &SecretString,
        (key, audit): (&ActKey, Uuid),
        (life, subject): (Duration, Option<Uuid>),
    ) -> Result<Timestamp, StoreError> {
        let asked = values(HOLD)
            .value("token", token.expose_secret())
            .value("key", key.text.as_str())
            .value("route", key.route.as_str())
            .value("fingerprint", key.print())
            .value("audit", audit)
            .value("for_s", life.as_secs_f64())
            .value("subject", subject);
        self.acted(asked, "held_until").await
    }

    /// Keeps the answer to an act whose key this transaction has taken, or that is held until `held`. An error, and nothing may be
    /// committed, where the hold was over and another request has the key.
    pub async fn keep_answer(
        &self,
        token: &SecretString,
        (key, audit, held): (&ActKey, Uuid, Option<Timestamp>),
        answer: &KeptAnswer,
    ) -> Result<(), StoreError> {
        let status = i16::try_from(answer.status).unwrap_or(i16::MAX);
        let asked = values(KEEP)
            .value("token", token.expose_secret())
            .value("key", key.text.as_str())
            .value("route", key.route.as_str())
            .value("fingerprint", key.print())
            .value("audit", audit)
            .value("held", held)
            .value("status", status)
            .value("answer", &answer.body)
            .value("subject", answer.subject);
        self.rows_with(asked).await.map(drop)
    }

    /// Gives back a held key: nothing was done. False: it was held no longer.
    pub async fn release_key(
        &self,
        token: &SecretString,
        key: &ActKey,
        held: Timestamp,
    ) -> Result<bool, StoreError> {
        let token = token.expose_secret();
        let text = key.text.as_str();
        let rows = self.rows(RELEASE, &[&token, &text, &held]).await?;
        let found = rows.first().ok_or_else(|| no_answer("released"))?;
        row::get(found, "released")
    }
}

fn key_state(found: &Row) -> Result<KeyState, StoreError> {
    let verdict: &str = row::get(found, "verdict")?;
    Ok(match verdict {
        "free" => KeyState::Free {
            audit: row::get(found, "audit")?,
            cut_off: row::get(found, "subject")?,
        },
        "other" => KeyState::Other(row::get(found, "route")?),
        "running" => KeyState::Running,
        _ => KeyState::Answered(KeptAnswer {
            status: u16::try_from(row::get::<i16>(found, "status")?).unwrap_or(u16::MAX),
            body: row::get(found, "answer")?,
            subject: row::get(found, "subject")?,
        }),
    })
}

fn no_answer(column: &'static str) -> StoreError {
    StoreError::Row {
        column,
        why: "no answer".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::ActKey;

    #[test]
    fn r_api_2_a_key_is_visible_ascii_and_stands_for_all_that_is_asked() {
        let of = |text: &str, asked: &[&[u8]]| ActKey::of(text, "POST /v1/latch", asked);
        let long = "k".repeat(256);
        for wrong in ["", "two words", "tab\t", "größe", "a\u{7f}", &long] {
            assert_eq!(of(wrong, &[]), None, "{wrong:?}");
        }
        for good in ["a", "!~\"", &long[1..]] {
            assert!(of(good, &[]).is_some(), "{good}");
        }
        let print = |asked: &[&[u8]]| of("a", asked).map(|it| it.fingerprint);
        assert_eq!(print(&[b"one", b"two"]), print(&[b"one", b"two"]));
        for other in [
            &[b"one".as_slice(), b"twO"][..],
            &[b"onet", b"wo"],
            &[b"onetwo"],
            &[b"one", b"two", b""],
        ] {
            assert_ne!(print(&[b"one", b"two"]), print(other));
        }
    }
}
