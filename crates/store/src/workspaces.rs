//! Workspaces: their settings, contacts and subscription, and the acts that change them (R-WSP-1, V0025).

use crate::columns::values;
use crate::error::StoreError;
use crate::operators::Act;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::{AccountId, WorkspaceId};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

const LIST: Sql = sql!("workspaces/list");
const CREATE: Sql = sql!("workspaces/create");
const CHANGE: Sql = sql!("workspaces/change");
const SUBSCRIBE: Sql = sql!("workspaces/subscribe");
const END: Sql = sql!("workspaces/end");
const OWNER_ZONE: Sql = sql!("accounts/owner_zone");

/// Row of a workspace; a setting that is none has the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceRow {
    /// The workspace.
    pub id: WorkspaceId,
    /// Name that people read.
    pub name: String,
    /// Steps up with every change.
    pub version: i32,
    /// Name of the tz database.
    pub zone: Option<String>,
    /// Minutes of the local day between which its accounts send.
    pub window: Option<(u16, u16)>,
    /// Weekdays, a bit each; the lowest is Monday.
    pub days: Option<u8>,
    /// `pause_campaign` or `continue_with_remaining`.
    pub on_sender_loss: String,
    /// Mail address for owners who need a person.
    pub support_address: Option<String>,
    /// Whether a first link needs a declared profile or address.
    pub require_handle: bool,
    /// `mail`, `event`, `both` or `none`.
    pub notices: String,
    /// Place for an owner's browser after a sign-in.
    pub success_url: Option<String>,
    /// Place for an owner's browser after a sign-in that failed.
    pub failure_url: Option<String>,
    /// The product's team: address and name.
    pub contacts: Vec<(String, String)>,
    /// End of its subscription, also a past one; none while it runs.
    pub subscription_ends_at: Option<Timestamp>,
    /// Instant at which it was made.
    pub created_at: Timestamp,
    /// Instant of its end, if it ended.
    pub ended_at: Option<Timestamp>,
}

impl Tx {
    /// One workspace; none where there is none.
    pub async fn workspace(&self, id: WorkspaceId) -> Result<Option<WorkspaceRow>, StoreError> {
        let found = self.workspace_page(Some(id), None, 1).await?;
        Ok(found.into_iter().next())
    }

    /// At most `limit` workspaces in the order of their ids, those after `after`.
    pub async fn workspaces(
        &self,
        after: Option<WorkspaceId>,
        limit: u32,
    ) -> Result<Vec<WorkspaceRow>, StoreError> {
        self.workspace_page(None, after, i64::from(limit)).await
    }

    async fn workspace_page(
        &self,
        id: Option<WorkspaceId>,
        after: Option<WorkspaceId>,
        limit: i64,
    ) -> Result<Vec<WorkspaceRow>, StoreError> {
        let asked = values(LIST)
            .value("id", id.map(|it| it.0))
            .value("after", after.map(|it| it.0))
            .value("limit", limit);
        self.rows_with(asked).await?.iter().map(workspace).collect()
    }

    /// Makes a workspace with some settings, of which `name` is one.
    pub async fn create_workspace(
        &self,
        act: &Act<'_>,
        settings: &Value,
    ) -> Result<WorkspaceId, StoreError> {
        let id = WorkspaceId(Uuid::now_v7());
        let asked = values(CREATE)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("id", id.0)
            .value("settings", settings)
            .value("reason", act.reason);
        self.rows_with(asked).await.map(|_| id)
    }

    /// Changes settings; the version after that. Without a workspace: the one that the token is of. With a version, only
    /// if it is still at that one.
    pub async fn change_workspace(
        &self,
        act: &Act<'_>,
        workspace: Option<WorkspaceId>,
        version: Option<i32>,
        changes: &Value,
    ) -> Result<i32, StoreError> {
        let asked = values(CHANGE)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("workspace", workspace.map(|it| it.0))
            .value("version", version)
            .value("changes", changes)
            .value("reason", act.reason);
        self.acted(asked, "version").await
    }

    /// Says until when a workspace's subscription runs; none: it does not end (R-SUB-1). How many accounts and campaigns were
    /// held, or let go.
    pub async fn subscribe_workspace(
        &self,
        act: &Act<'_>,
        workspace: WorkspaceId,
        ends_at: Option<Timestamp>,
    ) -> Result<(i64, i64), StoreError> {
        let asked = values(SUBSCRIBE)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("workspace", workspace.0)
            .value("ends_at", ends_at)
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        let found = rows.first().ok_or_else(|| StoreError::Row {
            column: "accounts",
            why: "no answer".into(),
        })?;
        Ok((row::get(found, "accounts")?, row::get(found, "campaigns")?))
    }

    /// Ends a workspace: tokens, work and subscription. Returns when.
    pub async fn end_workspace(
        &self,
        act: &Act<'_>,
        workspace: WorkspaceId,
    ) -> Result<Timestamp, StoreError> {
        let asked = values(END)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("workspace", workspace.0)
            .value("reason", act.reason);
        self.acted(asked, "ended_at").await
    }

    /// Says in which zone an account's owner is; none: nobody knows it.
    pub async fn set_owner_zone(
        &self,
        act: &Act<'_>,
        account: AccountId,
        zone: Option<&str>,
    ) -> Result<(), StoreError> {
        let asked = values(OWNER_ZONE)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", account.0)
            .value("zone", zone)
            .value("reason", act.reason);
        self.rows_with(asked).await.map(drop)
    }
}

fn workspace(found: &Row) -> Result<WorkspaceRow, StoreError> {
    let minute = |column| -> Result<Option<u16>, StoreError> {
        let minute: Option<i16> = row::get(found, column)?;
        Ok(minute.and_then(|it| u16::try_from(it).ok()))
    };
    let days: Option<i16> = row::get(found, "days")?;
    let addresses: Vec<String> = row::get(found, "addresses")?;
    let names: Vec<String> = row::get(found, "names")?;
    Ok(WorkspaceRow {
        id: WorkspaceId(row::get(found, "id")?),
        name: row::get(found, "name")?,
        version: row::get(found, "version")?,
        zone: row::get(found, "zone")?,
        window: minute("start_minute")?.zip(minute("end_minute")?),
        days: days.and_then(|it| u8::try_from(it).ok()),
        on_sender_loss: row::get(found, "on_sender_loss")?,
        support_address: row::get(found, "support_address")?,
        require_handle: row::get(found, "require_handle")?,
        notices: row::get(found, "notices")?,
        success_url: row::get(found, "success_url")?,
        failure_url: row::get(found, "failure_url")?,
        contacts: addresses.into_iter().zip(names).collect(),
        subscription_ends_at: row::get(found, "subscription_ends_at")?,
        created_at: row::get(found, "created_at")?,
        ended_at: row::get(found, "ended_at")?,
    })
}
