//! Accounts.

use super::{CaseFilter, CaseView, Page, fetched};
use crate::appearance::{Appearance, Episode, appears};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use crate::views::{AuditFilter, AuditView};
use jiff::Timestamp;
use policy::account::Status;
use policy::holds::{COPY, COPY_ENDS, HoldReason};
use policy::ids::AccountId;
use policy::pill::{action, pill};
use serde::Serialize;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const ACCOUNTS: Sql = sql!("views/accounts");
const MEMBERSHIPS: Sql = sql!("views/memberships");

/// Campaigns and flips shown of one account.
const SHOWN_MAX: u32 = 20;

/// Which accounts.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Of one workspace.
    pub workspace: Option<Uuid>,
    /// In one status.
    pub status: Option<Status>,
    /// Of one type of the provider's, `LINKEDIN`, in any case.
    pub kind: Option<String>,
    /// With a hold for this reason in force.
    pub hold: Option<HoldReason>,
}

/// An account in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ListedAccount)]
pub struct AccountView {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The provider's type, `LINKEDIN`.
    pub kind: String,
    /// `free` or `premium`.
    pub tier: String,
    /// Its workspace.
    pub workspace_id: Uuid,
    /// Its workspace's name.
    pub workspace: String,
    /// Status, in one of the words of docs/transitions.md.
    pub status: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Cause of its newest change of status.
    pub cause: Option<String>,
    /// What its owner is shown.
    pub pill: String,
    /// Holds, and since when nobody looked, below the pill.
    pub pill_second_line: Option<String>,
    /// What its owner can do: `none`, `wait`, `ask_support`, `owner_confirm` or `owner_reconnect`.
    pub action: String,
    /// Page on which its owner does that; null where no page helps, and for who has no key to sign its address with.
    pub action_url: Option<String>,
    /// Name of its open episode, on pages; 0 without one.
    #[serde(skip)]
    pub episode_version: i64,
    /// The time in which it cannot send, while that lasts.
    pub episode: Option<Episode>,
    /// Reasons in force for which it does not send.
    pub holds: Vec<String>,
    /// The linked session.
    pub session: Option<String>,
    /// Declared by its owner.
    pub handle: Option<String>,
    /// Name that its product gave it, unique in the workspace.
    pub external_id: Option<String>,
    /// Earlier account of the same person that it went on as; it has nothing of its own any more.
    pub merged_into: Option<Uuid>,
    /// When it was first connected.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_connected_at: Option<Timestamp>,
    /// Newest of: connected, last send that the provider took, last verified.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_activity_at: Option<Timestamp>,
    /// When its session was last looked at, there or not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub checked_at: Option<Timestamp>,
    /// First call after its last episode that the provider took; none before it, and where it had no episode.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub working_since: Option<Timestamp>,
    /// Zone of its sending window, a name of the tz database.
    pub zone: String,
    /// Owner of that zone: `account`, `owner`, `workspace`, or `unknown`, and then it is UTC.
    pub zone_from: String,
}

/// A reason not to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ListedHold)]
pub struct HoldView {
    /// Which.
    pub reason: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When it ends by itself; none when a person must end it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    /// Whether it holds now; a protective one that is over waits for a send that proves it wrong.
    pub in_force: bool,
    /// What was noted.
    pub note: String,
    /// What clears it.
    pub cleared_by: String,
}

/// A campaign that an account sends for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MembershipView {
    /// The campaign.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Whether its owner lets it run.
    pub active: bool,
    /// Whether the account takes turns in it.
    pub in_rotation: bool,
    /// Reasons for which it does not run.
    pub pauses: Vec<String>,
}

/// One account with what belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AccountDetail {
    /// Itself.
    #[serde(flatten)]
    pub account: AccountView,
    /// Its holds.
    pub all_holds: Vec<HoldView>,
    /// The first 20 of its campaigns by name.
    pub campaigns: Vec<MembershipView>,
    /// Its newest 20 cases.
    pub cases: Vec<CaseView>,
    /// Its last 20 changes of status, the newest first.
    pub flips: Vec<AuditView>,
}

impl Tx {
    /// One page of accounts in the order of their ids, after `after`.
    pub async fn account_views(
        &self,
        filter: &AccountFilter,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<AccountView>, StoreError> {
        let rows = self
            .accounts_by(filter, None, after, fetched(limit))
            .await?;
        Ok(Page::of(rows, limit, |one| one.id.to_string()))
    }

    /// One account; none if there is none of that id.
    pub async fn account_detail(&self, id: AccountId) -> Result<Option<AccountDetail>, StoreError> {
        let any = AccountFilter::default();
        let found = self.accounts_by(&any, Some(id.0), None, 1);
        let Some(account) = found.await?.pop() else {
            return Ok(None);
        };
        let holds = self.holds_of(id).await?;
        let campaigns = self
            .rows(MEMBERSHIPS, &[&id.0, &i64::from(SHOWN_MAX)])
            .await?;
        let of_it = CaseFilter {
            account: Some(id.0),
            state: None,
        };
        let flips = AuditFilter {
            account: Some(id.0),
            since: None,
        };
        let mut flips = self.audit_tail(&flips, SHOWN_MAX).await?;
        flips.reverse();
        Ok(Some(AccountDetail {
            account,
            all_holds: holds.into_iter().map(HoldView::from).collect(),
            campaigns: campaigns.iter().map(membership).collect::<Result<_, _>>()?,
            cases: self.case_views(&of_it, None, SHOWN_MAX).await?.rows,
            flips,
        }))
    }

    async fn accounts_by(
        &self,
        filter: &AccountFilter,
        id: Option<Uuid>,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<AccountView>, StoreError> {
        let now = self.now().at;
        let status = filter.status.map(Status::as_str);
        let after = after.unwrap_or_default();
        let page = values(ACCOUNTS)
            .value("workspace", filter.workspace)
            .value("status", status)
            .value("kind", filter.kind.as_deref())
            .value("hold", filter.hold.map(HoldReason::as_str))
            .value("id", id)
            .value("after", after)
            .value("limit", limit)
            .value("at", now);
        let rows = self.rows_with(page).await?;
        let ids: Vec<Uuid> = rows
            .iter()
            .map(|found| row::get(found, "id"))
            .collect::<Result<_, _>>()?;
        let mut appearances = self.appearances(&ids).await?;
        rows.iter()
            .zip(ids)
            .map(|(found, id)| account(found, appears(&mut appearances, id)?, now))
            .collect()
    }
}

fn account(found: &Row, appearance: Appearance, now: Timestamp) -> Result<AccountView, StoreError> {
    let Appearance {
        facts,
        cause,
        first_connected_at,
        working_since,
        episode,
        episode_version,
        zone_from,
        merged_into,
    } = appearance;
    let pill = pill(&facts, now);
    Ok(AccountView {
        id: row::get(found, "id")?,
        name: row::get(found, "name")?,
        tier: row::get(found, "tier")?,
        workspace_id: row::get(found, "workspace_id")?,
        workspace: row::get(found, "workspace")?,
        status: facts.status.as_str().to_owned(),
        since: facts.since,
        cause,
        pill: pill.text,
        pill_second_line: pill.second_line,
        action: action(&facts, now).as_str().to_owned(),
        action_url: None,
        episode_version: episode_version.unwrap_or_default(),
        episode,
        holds: row::get(found, "holds")?,
        session: row::get(found, "session_id")?,
        handle: row::get(found, "handle")?,
        external_id: row::get(found, "external_id")?,
        merged_into: merged_into.map(|it| it.0),
        first_connected_at,
        last_activity_at: facts.last_activity,
        checked_at: facts.checked,
        working_since,
        zone: facts.zone.iana_name().unwrap_or("UTC").to_owned(),
        zone_from: zone_from.as_str().to_owned(),
        kind: facts.kind,
    })
}

fn membership(found: &Row) -> Result<MembershipView, StoreError> {
    Ok(MembershipView {
        id: row::get(found, "id")?,
        name: row::get(found, "name")?,
        active: row::get(found, "active")?,
        in_rotation: row::get(found, "in_rotation")?,
        pauses: row::get(found, "pauses")?,
    })
}

impl From<crate::why::HoldSheet> for HoldView {
    fn from(hold: crate::why::HoldSheet) -> Self {
        let reason = HoldReason::parse(&hold.reason);
        let cleared_by = match reason {
            Some(known) => known.lifting().words(),
            None if hold.reason == COPY => COPY_ENDS,
            None => "nothing that this build knows",
        };
        Self {
            cleared_by: cleared_by.to_owned(),
            reason: hold.reason,
            since: hold.since,
            ends_at: hold.ends_at,
            in_force: hold.in_force,
            note: hold.note,
        }
    }
}
