//! Attempts as people see them. Nothing that could link an account is in them.

use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::{AttemptPhase, AttemptPurpose};
use policy::ids::{AccountId, AttemptId};
use tokio_postgres::Row;
use uuid::Uuid;

const LIST: Sql = sql!("attempts/list");

/// One try to link an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRow {
    /// The attempt.
    pub id: AttemptId,
    /// Its state.
    pub phase: AttemptPhase,
    /// What it is for.
    pub purpose: AttemptPurpose,
    /// Whoever asked for it; null of attempts that were not minted here.
    pub by: Option<String>,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// When its link was made.
    pub minted_at: Option<Timestamp>,
    /// When its link stops to work.
    pub link_ends_at: Timestamp,
    /// When a late callback binds no more.
    pub name_ends_at: Timestamp,
    /// When its page was used.
    pub answered_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Attempt that took its place.
    pub superseded_by: Option<AttemptId>,
    /// Calls to the provider that were begun for it.
    pub mints: i32,
    /// Why it has no link, in a word.
    pub failure: Option<String>,
}

impl Tx {
    /// Attempts of an account, the newest first, at most `limit`.
    pub async fn attempts_of(
        &self,
        account: AccountId,
        limit: i64,
    ) -> Result<Vec<AttemptRow>, StoreError> {
        self.attempt_rows(account, None, limit).await
    }

    /// One attempt of an account; null where that account has none such.
    pub async fn attempt_of(
        &self,
        account: AccountId,
        attempt: AttemptId,
    ) -> Result<Option<AttemptRow>, StoreError> {
        Ok(self.attempt_rows(account, Some(attempt), 1).await?.pop())
    }

    async fn attempt_rows(
        &self,
        account: AccountId,
        attempt: Option<AttemptId>,
        limit: i64,
    ) -> Result<Vec<AttemptRow>, StoreError> {
        let asked = values(LIST)
            .value("account", account.0)
            .value("attempt", attempt.map(|it| it.0))
            .value("limit", limit);
        self.rows_with(asked)
            .await?
            .iter()
            .map(attempt_row)
            .collect()
    }
}

fn attempt_row(found: &Row) -> Result<AttemptRow, StoreError> {
    let superseded_by: Option<Uuid> = row::get(found, "superseded_by")?;
    Ok(AttemptRow {
        id: AttemptId(row::get(found, "id")?),
        phase: word(found, "state", AttemptPhase::parse)?,
        purpose: word(found, "purpose", AttemptPurpose::parse)?,
        by: row::get(found, "asked_by")?,
        started_at: row::get(found, "started_at")?,
        minted_at: row::get(found, "minted_at")?,
        link_ends_at: row::get(found, "link_ends_at")?,
        name_ends_at: row::get(found, "ends_at")?,
        answered_at: row::get(found, "answered_at")?,
        closed_at: row::get(found, "closed_at")?,
        superseded_by: superseded_by.map(AttemptId),
        mints: row::get(found, "mint_no")?,
        failure: row::get(found, "failure")?,
    })
}
