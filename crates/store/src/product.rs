//! What a product back end sees: accounts of one workspace, as their owners see them.

mod acts;
mod history;
mod links;

pub use acts::{AccountChanged, AccountMade};
pub use history::{FlipRow, PastEpisode};
pub use links::GivenLink;

use crate::appearance::{Appearance, appears};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::{AccountKind, Status};
use policy::ids::{AccountId, CampaignId, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

const ACCOUNT: Sql = sql!("product/account");
const ACCOUNTS: Sql = sql!("product/accounts");
const OWNS: Sql = sql!("product/owns");

/// An account as its owner sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnersAccount {
    /// The account.
    pub id: AccountId,
    /// What its product says of it.
    pub said: SaidOfAccount,
    /// Pill, times and episode, as every view shows them.
    pub appearance: Appearance,
}

/// What a product says of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct SaidOfAccount {
    /// Display name.
    pub name: String,
    /// Name that its product gives it, unique in the workspace.
    pub external_id: Option<String>,
    /// Profile or address that is to sign in, in lower case.
    pub handle: Option<String>,
    /// `free` or `premium`.
    pub tier: String,
    /// Steps up with every change of all this.
    pub version: i32,
    /// Mail address of its owner.
    pub owner_email: Option<String>,
    /// Name of its owner.
    pub owner_name: Option<String>,
    /// Language that its owner reads, `de-DE`.
    pub locale: Option<String>,
}

/// Hides all that names a person: logs are no place for it.
impl std::fmt::Debug for SaidOfAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaidOfAccount")
            .field("tier", &self.tier)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Which accounts of a workspace; all that is said must fit.
#[derive(Clone, Debug, Default)]
pub struct OwnersFilter {
    /// In one of these.
    pub statuses: Option<Vec<Status>>,
    /// Of this kind.
    pub kind: Option<AccountKind>,
    /// Called so by its product.
    pub external_id: Option<String>,
    /// Sending for this campaign, in its rotation or not.
    pub campaign: Option<CampaignId>,
    /// With a change of status after that instant.
    pub changed_after: Option<Timestamp>,
}

impl Tx {
    /// An account of that workspace; none where there is none, or it is another's.
    pub async fn owners_account(
        &self,
        of: WorkspaceId,
        id: AccountId,
    ) -> Result<Option<OwnersAccount>, StoreError> {
        let rows = self.rows(ACCOUNT, &[&of.0, &id.0]).await?;
        Ok(self.with_appearances(&rows).await?.pop())
    }

    /// Whether an account is that workspace's.
    pub async fn owns_account(&self, of: WorkspaceId, id: AccountId) -> Result<bool, StoreError> {
        let rows = self.rows(OWNS, &[&of.0, &id.0]).await?;
        rows.first()
            .map_or(Ok(false), |found| row::get(found, "owns"))
    }

    /// At most `limit` accounts of that workspace, those after `after` in an order that never changes.
    pub async fn owners_accounts(
        &self,
        of: WorkspaceId,
        filter: &OwnersFilter,
        (after, limit): (Option<AccountId>, i64),
    ) -> Result<Vec<OwnersAccount>, StoreError> {
        let statuses = filter.statuses.as_ref();
        let statuses: Option<Vec<&str>> =
            statuses.map(|some| some.iter().map(|it| it.as_str()).collect());
        let page = values(ACCOUNTS)
            .value("workspace", of.0)
            .value("after", after.map(|it| it.0))
            .value("limit", limit)
            .value("statuses", statuses)
            .value("kind", filter.kind.map(AccountKind::as_str))
            .value("external_id", filter.external_id.as_deref())
            .value("campaign", filter.campaign.map(|it| it.0))
            .value("changed_after", filter.changed_after);
        let rows = self.rows_with(page).await?;
        self.with_appearances(&rows).await
    }

    async fn with_appearances(&self, rows: &[Row]) -> Result<Vec<OwnersAccount>, StoreError> {
        let ids: Vec<Uuid> = rows
            .iter()
            .map(|found| row::get(found, "id"))
            .collect::<Result<_, _>>()?;
        let mut appearances = self.appearances(&ids).await?;
        rows.iter()
            .zip(ids)
            .map(|(found, id)| {
                Ok(OwnersAccount {
                    id: AccountId(id),
                    said: said(found)?,
                    appearance: appears(&mut appearances, id)?,
                })
            })
            .collect()
    }
}

fn said(found: &Row) -> Result<SaidOfAccount, StoreError> {
    Ok(SaidOfAccount {
        name: row::get(found, "name")?,
        external_id: row::get(found, "external_id")?,
        handle: row::get(found, "handle")?,
        tier: row::get(found, "tier")?,
        version: row::get(found, "settings_version")?,
        owner_email: row::get(found, "owner_email")?,
        owner_name: row::get(found, "owner_name")?,
        locale: row::get(found, "locale")?,
    })
}
