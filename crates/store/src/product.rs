//! What a product back end sees: accounts of one workspace, as their owners see them.

use crate::appearance::{Appearance, appears};
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::{AccountId, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

const ACCOUNT: Sql = sql!("product/account");
const ACCOUNTS: Sql = sql!("product/accounts");

/// An account as its owner sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnersAccount {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Pill, times and episode, as every view shows them.
    pub appearance: Appearance,
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

    /// At most `limit` accounts of that workspace, those after `after` in an order that never changes.
    pub async fn owners_accounts(
        &self,
        of: WorkspaceId,
        after: Option<AccountId>,
        limit: i64,
    ) -> Result<Vec<OwnersAccount>, StoreError> {
        let after = after.map(|it| it.0);
        let rows = self.rows(ACCOUNTS, &[&of.0, &after, &limit]).await?;
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
                    name: row::get(found, "name")?,
                    appearance: appears(&mut appearances, id)?,
                })
            })
            .collect()
    }
}
