//! Attempts of owners to sign in.

use super::{ByAge, Page, fetched};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::AttemptPhase;
use policy::ids::{AccountId, AttemptId, WorkspaceId};
use serde::Serialize;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const ATTEMPTS: Sql = sql!("views/attempts");

/// Which attempts.
#[derive(Clone, Debug, Default)]
pub struct AttemptFilter {
    /// Of accounts of this workspace.
    pub workspace: Option<WorkspaceId>,
    /// Of this account.
    pub account: Option<AccountId>,
    /// In this state.
    pub state: Option<AttemptPhase>,
}

/// One try of an owner to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttemptView {
    /// Id of the attempt.
    pub id: Uuid,
    /// Account that its owner signs in for.
    pub account_id: Uuid,
    /// Name of that account.
    pub account: String,
    /// Workspace of that account.
    pub workspace_id: Uuid,
    /// `first`, `reconnect`, `create`, `renew` or `restore`.
    pub purpose: String,
    /// `minting`, `open`, `answered`, `verifying` or `lapsed`; once it has ended, how: `linked`, `repaired`, `refused`, `failed`,
    /// `superseded`, `expired`, `cancelled` or `mint_failed`.
    pub state: String,
    /// Whoever asked for it; null where nobody did.
    pub asked_by: Option<String>,
    /// Instant at which it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// Instant at which its page was there; null while it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub minted_at: Option<Timestamp>,
    /// End of its page.
    #[schema(value_type = String, format = DateTime)]
    pub link_ends_at: Timestamp,
    /// End of its name: news of the sign-in may bind until then.
    #[schema(value_type = String, format = DateTime)]
    pub name_ends_at: Timestamp,
    /// Instant at which its page was used.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Timestamp>,
    /// End of the attempt; null while something may come of it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// Attempt that took its place.
    pub superseded_by: Option<Uuid>,
    /// Why no link was made, or it failed: a word.
    pub failure: Option<String>,
}

impl Tx {
    /// One page of attempts, the newest first, those before `before`.
    pub async fn attempt_views(
        &self,
        filter: &AttemptFilter,
        before: Option<ByAge>,
        limit: u32,
    ) -> Result<Page<AttemptView>, StoreError> {
        let rows = self
            .attempts_by(filter, None, (before, fetched(limit)))
            .await?;
        Ok(Page::of(rows, limit, |one| {
            ByAge::text(one.started_at, one.id)
        }))
    }

    /// One attempt that fits; none if there is none of that id.
    pub async fn attempt_view(
        &self,
        filter: &AttemptFilter,
        id: AttemptId,
    ) -> Result<Option<AttemptView>, StoreError> {
        let found = self.attempts_by(filter, Some(id), (None, 1)).await?;
        Ok(found.into_iter().next())
    }

    async fn attempts_by(
        &self,
        filter: &AttemptFilter,
        id: Option<AttemptId>,
        (before, limit): (Option<ByAge>, i64),
    ) -> Result<Vec<AttemptView>, StoreError> {
        let page = values(ATTEMPTS)
            .value("workspace", filter.workspace.map(|it| it.0))
            .value("account", filter.account.map(|it| it.0))
            .value("id", id.map(|it| it.0))
            .value("state", filter.state.map(AttemptPhase::as_str))
            .value("before_at", before.map(|it| it.0))
            .value("before_id", before.map(|it| it.1))
            .value("limit", limit);
        self.rows_with(page).await?.iter().map(attempt).collect()
    }
}

fn attempt(found: &Row) -> Result<AttemptView, StoreError> {
    Ok(AttemptView {
        id: row::get(found, "id")?,
        account_id: row::get(found, "account_id")?,
        account: row::get(found, "account")?,
        workspace_id: row::get(found, "workspace_id")?,
        purpose: row::get(found, "purpose")?,
        state: row::get(found, "state")?,
        asked_by: row::get(found, "asked_by")?,
        started_at: row::get(found, "started_at")?,
        minted_at: row::get(found, "minted_at")?,
        link_ends_at: row::get(found, "link_ends_at")?,
        name_ends_at: row::get(found, "ends_at")?,
        answered_at: row::get(found, "answered_at")?,
        closed_at: row::get(found, "closed_at")?,
        superseded_by: row::get(found, "superseded_by")?,
        failure: row::get(found, "failure")?,
    })
}
