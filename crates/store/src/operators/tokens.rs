//! Who may act: operators and their tokens. Only the schema's owner hands them out.

use crate::config::Config;
use crate::error::StoreError;
use crate::migrate::connect_as_owner;
use crate::row;
use crate::said::DriverMessage;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::words::Word;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use std::time::Duration;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const BEARER: Sql = sql!("operators/bearer");
const LIST: Sql = sql!("operators/list");

policy::words! {
    serde:
    /// What a token may be used for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
    pub enum Scope {
        /// To look at everything that operators see.
        Read = "read",
        /// To pause and resume, to redrive and discard dead letters, to acknowledge alerts.
        Operate = "operate",
        /// To ask for removals, and to decide what allows them.
        Remove = "remove",
        /// To look at one workspace and to act in it, as its product does; nothing else.
        Product = "product",
        /// To look at one workspace, as its product does, and to change nothing.
        ProductRead = "product_read",
    }
}

impl Scope {
    /// Whether a token with it may do what needs the other.
    pub fn allows(self, needed: Self) -> bool {
        self == needed || (self, needed) == (Self::Product, Self::ProductRead)
    }

    /// Whether it is a product's: such a scope stands alone, in a token of one workspace.
    pub const fn is_of_a_product(self) -> bool {
        matches!(self, Self::Product | Self::ProductRead)
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::read(text)
    }
}

/// A token that is to be handed out.
pub struct NewToken<'a> {
    /// 12 hex digits.
    pub id: &'a str,
    /// At least 32 random bytes in hex; only its SHA-256 is kept.
    pub secret: &'a str,
    /// Whose it is.
    pub operator: &'a str,
    /// What it may do; at least one.
    pub scopes: &'a [Scope],
    /// Workspace of the product, for a product's scopes alone.
    pub workspace: Option<Uuid>,
    /// How long it is good.
    pub life: Duration,
}

/// A token, without its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OperatorRow {
    /// Names the token.
    pub id: String,
    /// Whose it is.
    pub operator: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Whose product it is.
    pub workspace: Option<Uuid>,
    /// When it was handed out.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it dies.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

/// Who holds a token that is in force.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// Names the token.
    pub token: String,
    /// Whose it is.
    pub operator: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Whose product it is.
    pub workspace: Option<Uuid>,
}

impl Bearer {
    /// Whether the token may do what needs this scope.
    pub fn may(&self, needed: Scope) -> bool {
        self.scopes.iter().any(|scope| scope.allows(needed))
    }
}

impl Tx {
    /// Whose token it is. An error, [`StoreError::refusal`], for one that is unknown, expired or revoked.
    pub async fn bearer(&self, token: &SecretString) -> Result<Bearer, StoreError> {
        let rows = self.rows(BEARER, &[&token.expose_secret()]).await?;
        let found = rows.first().ok_or_else(|| StoreError::Row {
            column: "operator",
            why: "no answer".into(),
        })?;
        let scopes: Vec<String> = row::get(found, "scopes")?;
        Ok(Bearer {
            token: row::get(found, "id")?,
            operator: row::get(found, "operator")?,
            scopes: scopes.iter().filter_map(|it| it.parse().ok()).collect(),
            workspace: row::get(found, "workspace_id")?,
        })
    }

    /// Every token there was, without its secret.
    pub async fn operators(&self) -> Result<Vec<OperatorRow>, StoreError> {
        self.rows(LIST, &[]).await?.iter().map(operator).collect()
    }
}

/// Every token there was.
pub async fn list(config: &Config) -> Result<Vec<OperatorRow>, StoreError> {
    let client = connect_as_owner(config).await?;
    let rows = client.query(LIST.text, &[]).await.map_err(of(LIST))?;
    rows.iter().map(operator).collect()
}

fn operator(found: &Row) -> Result<OperatorRow, StoreError> {
    Ok(OperatorRow {
        id: row::get(found, "id")?,
        operator: row::get(found, "operator")?,
        scopes: row::get(found, "scopes")?,
        workspace: row::get(found, "workspace_id")?,
        created_at: row::get(found, "created_at")?,
        ends_at: row::get(found, "ends_at")?,
        revoked_at: row::get(found, "revoked_at")?,
        last_used_at: row::get(found, "last_used_at")?,
    })
}

fn of(sql: Sql) -> impl FnOnce(tokio_postgres::Error) -> StoreError {
    move |source| StoreError::Query {
        query: sql.name,
        source: DriverMessage::of(source),
    }
}
