//! Who may act: operators and their tokens. Only the schema's owner hands them out.

use crate::config::Config;
use crate::error::StoreError;
use crate::migrate::connect_as_owner;
use crate::row;
use crate::said::Said;
use crate::sql::{Sql, sql};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

const ADD: Sql = sql!("operators/add");
const REVOKE: Sql = sql!("operators/revoke");
const LIST: Sql = sql!("operators/list");

/// A token, without its secret.
#[derive(Clone, Debug, Serialize)]
pub struct OperatorRow {
    /// Names the token.
    pub id: String,
    /// Whose it is.
    pub operator: String,
    /// When it was handed out.
    pub created_at: Timestamp,
    /// When it dies.
    pub ends_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Hands out a token to `operator`; `id` is 12 hex digits, `secret` at least 32 random bytes in hex. Returns when it
/// dies, and the id of the act's audit row. `config` must be of a login that may act as the owner.
pub async fn add(
    config: &Config,
    (id, secret): (&str, &str),
    operator: &str,
    life: Duration,
    (by, reason): (&str, &str),
) -> Result<(Timestamp, Uuid), StoreError> {
    let client = connect_as_owner(config).await?;
    let digest = Sha256::digest(secret.as_bytes()).to_vec();
    let (audit, seconds) = (Uuid::now_v7(), life.as_secs_f64());
    let added = client
        .query_one(
            ADD.text,
            &[&audit, &id, &operator, &digest, &seconds, &by, &reason],
        )
        .await;
    Ok((row::get(&added.map_err(of(ADD))?, "ends_at")?, audit))
}

/// Revokes a token by its id, or all of an operator by name. Their ids, and the id of the act's audit row.
pub async fn revoke(
    config: &Config,
    which: &str,
    (by, reason): (&str, &str),
) -> Result<(Vec<String>, Uuid), StoreError> {
    let client = connect_as_owner(config).await?;
    let audit = Uuid::now_v7();
    let revoked = client
        .query(REVOKE.text, &[&audit, &which, &by, &reason])
        .await;
    let rows = revoked.map_err(of(REVOKE))?;
    let ids: Result<_, _> = rows.iter().map(|found| row::get(found, "id")).collect();
    Ok((ids?, audit))
}

/// Every token there was.
pub async fn list(config: &Config) -> Result<Vec<OperatorRow>, StoreError> {
    let client = connect_as_owner(config).await?;
    let rows = client.query(LIST.text, &[]).await.map_err(of(LIST))?;
    rows.iter()
        .map(|found| {
            Ok(OperatorRow {
                id: row::get(found, "id")?,
                operator: row::get(found, "operator")?,
                created_at: row::get(found, "created_at")?,
                ends_at: row::get(found, "ends_at")?,
                revoked_at: row::get(found, "revoked_at")?,
            })
        })
        .collect()
}

fn of(sql: Sql) -> impl FnOnce(tokio_postgres::Error) -> StoreError {
    move |source| StoreError::Query {
        query: sql.name,
        source: Said::of(source),
    }
}
