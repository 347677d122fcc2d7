//! Acts of products on accounts (R-API-1).

use crate::columns::values;
use crate::error::StoreError;
use crate::operators::Act;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::{AccountId, AttemptId};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

const CREATE_ACCOUNT: Sql = sql!("product/create_account");
const CHANGE_ACCOUNT: Sql = sql!("product/change_account");
const NOTE_LINK: Sql = sql!("product/note_link");

/// What came of making an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountMade {
    /// A new one.
    Made(AccountId),
    /// None: that account of the workspace is the person.
    IsPerson(AccountId),
    /// None: that account of the workspace has the external id.
    HasName(AccountId),
}

/// What came of changing what is said of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChanged {
    /// The version after it.
    To(i32),
    /// Nothing: that account of the workspace is the person.
    IsPerson(AccountId),
    /// Nothing: that account of the workspace has the external id.
    HasName(AccountId),
}

impl Tx {
    /// Makes an account in the workspace of the token, by the details that the database knows: `kind`, `name`, `handle`,
    /// `external_id`, `tier`, `owner_email`, `owner_name`, `locale`, `zone`.
    pub async fn create_account(
        &self,
        act: &Act<'_>,
        details: &Value,
    ) -> Result<AccountMade, StoreError> {
        let asked = values(CREATE_ACCOUNT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", Uuid::now_v7())
            .value("details", details)
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        let found = only(&rows)?;
        let account = AccountId(row::get(found, "account")?);
        match row::get::<&str>(found, "made")? {
            "made" => Ok(AccountMade::Made(account)),
            "identity" => Ok(AccountMade::IsPerson(account)),
            "external_id" => Ok(AccountMade::HasName(account)),
            other => Err(unknown("made", other)),
        }
    }

    /// Changes what the token's workspace says of an account; with a version, only if it is still at that one.
    pub async fn change_account(
        &self,
        act: &Act<'_>,
        account: AccountId,
        (version, changes): (Option<i32>, &Value),
    ) -> Result<AccountChanged, StoreError> {
        let asked = values(CHANGE_ACCOUNT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", account.0)
            .value("version", version)
            .value("changes", changes)
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        let found = only(&rows)?;
        let known: Option<Uuid> = row::get(found, "known")?;
        let by: Option<&str> = row::get(found, "known_by")?;
        match (known.map(AccountId), by) {
            (None, _) => Ok(AccountChanged::To(row::get(found, "version")?)),
            (Some(other), Some("identity")) => Ok(AccountChanged::IsPerson(other)),
            (Some(other), Some("external_id")) => Ok(AccountChanged::HasName(other)),
            (Some(_), by) => Err(unknown("known_by", by.unwrap_or_default())),
        }
    }

    /// Notes that whoever holds the act's token was given a link of an account: a product of its workspace, or an operator.
    pub async fn note_link(
        &self,
        act: &Act<'_>,
        (account, attempt): (AccountId, AttemptId),
    ) -> Result<(), StoreError> {
        let asked = values(NOTE_LINK)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", account.0)
            .value("attempt", attempt.0)
            .value("reason", act.reason);
        self.rows_with(asked).await.map(drop)
    }
}

fn only(rows: &[Row]) -> Result<&Row, StoreError> {
    rows.first().ok_or_else(|| unknown("account", "no answer"))
}

fn unknown(column: &'static str, word: &str) -> StoreError {
    StoreError::Row {
        column,
        why: format!("unexpected: {word}"),
    }
}
