//! Tokens that are handed out and taken back once for a key (R-API-2). Only the schema's owner does it, and has no token of its own.

use super::tokens::{NewToken, Scope};
use crate::columns::{Columns, borrowed, values};
use crate::config::Config;
use crate::error::StoreError;
use crate::keys::ActKey;
use crate::migrate::connect_as_owner;
use crate::row;
use crate::said::DriverMessage;
use crate::sql::{Sql, sql};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Row, Transaction};
use uuid::Uuid;

const ADD: Sql = sql!("operators/add");
const REVOKE: Sql = sql!("operators/revoke");
const TAKE: Sql = sql!("keys/take_as_owner");
const KEEP: Sql = sql!("keys/keep_as_owner");

/// Deed of the schema's owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerDeed<T> {
    /// Result of it.
    pub done: T,
    /// Id of its audit row.
    pub audit: Uuid,
    /// An earlier request with the same key did it.
    pub is_again: bool,
}

/// Token that was handed out, without its secret, which is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOut {
    /// Name of the token.
    pub id: String,
    /// When it dies.
    pub ends_at: Timestamp,
}

/// As [`hand_out`] without a key: when the token dies, and the id of the act's audit row.
pub async fn add(
    config: &Config,
    new: &NewToken<'_>,
    act: (&str, &str),
) -> Result<(Timestamp, Uuid), StoreError> {
    let deed = hand_out(config, new, act, None).await?;
    Ok((deed.done.ends_at, deed.audit))
}

/// As [`take_back`] without a key: ids of the tokens, and the id of the act's audit row.
pub async fn revoke(
    config: &Config,
    which: &str,
    act: (&str, &str),
) -> Result<(Vec<String>, Uuid), StoreError> {
    let deed = take_back(config, which, act, None).await?;
    Ok((deed.done, deed.audit))
}

/// Hands out a token, with a key once. `config` must be of a login that may act as the owner.
pub async fn hand_out(
    config: &Config,
    new: &NewToken<'_>,
    (by, reason): (&str, &str),
    key: Option<&ActKey>,
) -> Result<OwnerDeed<HandedOut>, StoreError> {
    let mut client = connect_as_owner(config).await?;
    let tx = begin(&mut client).await?;
    let (audit, before) = take(&tx, by, key).await?;
    if let Some(answer) = before {
        let word = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let ends_at = word("ends_at").parse().map_err(|_| StoreError::Row {
            column: "answer",
            why: "the token's end is no instant".into(),
        })?;
        let id = word("id");
        let done = HandedOut { id, ends_at };
        return Ok(again(done, audit));
    }
    let ends_at = add_in(&tx, new, (by, reason), audit).await?;
    let answer = json!({ "id": new.id, "ends_at": ends_at });
    keep(&tx, by, (key, audit), &answer).await?;
    commit(tx).await?;
    let id = new.id.to_owned();
    Ok(now(HandedOut { id, ends_at }, audit))
}

/// Revokes a token by its id, or all of an operator by name, with a key once; their ids. What revokes none is no act, and keeps no key.
pub async fn take_back(
    config: &Config,
    which: &str,
    (by, reason): (&str, &str),
    key: Option<&ActKey>,
) -> Result<OwnerDeed<Vec<String>>, StoreError> {
    let mut client = connect_as_owner(config).await?;
    let tx = begin(&mut client).await?;
    let (audit, before) = take(&tx, by, key).await?;
    if let Some(answer) = before {
        let ids = answer["revoked"].as_array().into_iter().flatten();
        let ids = ids.filter_map(|it| it.as_str().map(str::to_owned));
        return Ok(again(ids.collect(), audit));
    }
    let revoked = revoke_in(&tx, which, (by, reason), audit).await?;
    if !revoked.is_empty() {
        keep(&tx, by, (key, audit), &json!({ "revoked": revoked })).await?;
    }
    commit(tx).await?;
    Ok(now(revoked, audit))
}

const fn now<T>(done: T, audit: Uuid) -> OwnerDeed<T> {
    OwnerDeed {
        done,
        audit,
        is_again: false,
    }
}

const fn again<T>(done: T, audit: Uuid) -> OwnerDeed<T> {
    OwnerDeed {
        done,
        audit,
        is_again: true,
    }
}

/// Id of the act's audit row, and the answer of the first time, where this is not the first.
async fn take(
    tx: &Transaction<'_>,
    by: &str,
    key: Option<&ActKey>,
) -> Result<(Uuid, Option<Value>), StoreError> {
    let fresh = Uuid::now_v7();
    let Some(key) = key else {
        return Ok((fresh, None));
    };
    let asked = values(TAKE)
        .value("by", by)
        .value("key", key.text())
        .value("fingerprint", key.print())
        .value("fresh", fresh);
    let rows = asked_in(tx, asked).await?;
    let found = rows.first().ok_or(StoreError::RolledBack)?;
    Ok((row::get(found, "audit")?, row::get(found, "answer")?))
}

async fn keep(
    tx: &Transaction<'_>,
    by: &str,
    (key, audit): (Option<&ActKey>, Uuid),
    answer: &Value,
) -> Result<(), StoreError> {
    let Some(key) = key else {
        return Ok(());
    };
    let kept = values(KEEP)
        .value("by", by)
        .value("key", key.text())
        .value("route", key.route())
        .value("fingerprint", key.print())
        .value("audit", audit)
        .value("answer", answer);
    asked_in(tx, kept).await.map(drop)
}

async fn add_in(
    tx: &Transaction<'_>,
    new: &NewToken<'_>,
    (by, reason): (&str, &str),
    audit: Uuid,
) -> Result<Timestamp, StoreError> {
    let digest = Sha256::digest(new.secret.as_bytes()).to_vec();
    let scopes: Vec<&str> = new.scopes.iter().copied().map(Scope::as_str).collect();
    let asked = values(ADD)
        .value("audit", audit)
        .value("id", new.id)
        .value("operator", new.operator)
        .value("digest", digest)
        .value("scopes", scopes)
        .value("workspace", new.workspace)
        .value("for_s", new.life.as_secs_f64())
        .value("by", by)
        .value("reason", reason);
    let rows = asked_in(tx, asked).await?;
    row::get(rows.first().ok_or(StoreError::RolledBack)?, "ends_at")
}

async fn revoke_in(
    tx: &Transaction<'_>,
    which: &str,
    (by, reason): (&str, &str),
    audit: Uuid,
) -> Result<Vec<String>, StoreError> {
    let asked = values(REVOKE)
        .value("audit", audit)
        .value("which", which)
        .value("by", by)
        .value("reason", reason);
    let rows = asked_in(tx, asked).await?;
    rows.iter().map(|found| row::get(found, "id")).collect()
}

async fn begin(client: &mut Client) -> Result<Transaction<'_>, StoreError> {
    let begun = client.transaction().await;
    begun.map_err(failed("begin"))
}

async fn commit(tx: Transaction<'_>) -> Result<(), StoreError> {
    tx.commit().await.map_err(failed("commit"))
}

async fn asked_in(tx: &Transaction<'_>, asked: Columns<'_, ()>) -> Result<Vec<Row>, StoreError> {
    let (sql, params) = asked.parts();
    let rows = tx.query(sql.text, &borrowed(&params)).await;
    rows.map_err(failed(sql.name))
}

fn failed(query: &'static str) -> impl FnOnce(tokio_postgres::Error) -> StoreError {
    move |source| StoreError::Query {
        query,
        source: DriverMessage::of(source),
    }
}
