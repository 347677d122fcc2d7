//! What a product back end sees: accounts of one workspace, as their owners see them.

use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::tz::TimeZone;
use policy::ids::{AccountId, WorkspaceId};
use policy::pill::{Hold, PillFacts};
use policy::sends::sender::ZoneFrom;
use tokio_postgres::Row;

const ACCOUNT: Sql = sql!("product/account");
const ACCOUNTS: Sql = sql!("product/accounts");

/// An account as its owner sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnersAccount {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// The provider's type, `LINKEDIN`.
    pub kind: String,
    /// What its pill is computed from.
    pub facts: PillFacts,
    /// Name of the zone that it sends in.
    pub zone: String,
    /// Owner of that zone (R-CAP-3).
    pub zone_from: ZoneFrom,
    /// The cause of its newest flip (R-AUD-3).
    pub cause: Option<String>,
}

impl Tx {
    /// An account of that workspace; none where there is none, or it is another's.
    pub async fn owners_account(
        &self,
        of: WorkspaceId,
        id: AccountId,
    ) -> Result<Option<OwnersAccount>, StoreError> {
        let rows = self.rows(ACCOUNT, &[&of.0, &id.0, &self.now().at]).await?;
        rows.first().map(account).transpose()
    }

    /// At most `limit` accounts of that workspace, those after `after` in an order that never changes.
    pub async fn owners_accounts(
        &self,
        of: WorkspaceId,
        after: Option<AccountId>,
        limit: i64,
    ) -> Result<Vec<OwnersAccount>, StoreError> {
        let after = after.map(|it| it.0);
        let page = values(ACCOUNTS)
            .value("workspace", of.0)
            .value("after", after)
            .value("at", self.now().at)
            .value("limit", limit);
        let rows = self.rows_with(page).await?;
        rows.iter().map(account).collect()
    }
}

fn account(found: &Row) -> Result<OwnersAccount, StoreError> {
    let zone: String = row::get(found, "zone")?;
    let reason: Option<String> = row::get(found, "hold_reason")?;
    let until = row::get(found, "hold_ends_at")?;
    Ok(OwnersAccount {
        id: AccountId(row::get(found, "id")?),
        name: row::get(found, "name")?,
        kind: row::get(found, "kind")?,
        facts: PillFacts {
            status: row::status(found, "status")?,
            since: row::get(found, "status_since")?,
            last_activity: row::get(found, "last_activity_at")?,
            checkpoint: row::get(found, "checkpoint")?,
            hold: reason.map(|reason| Hold { reason, until }),
            zone: TimeZone::get(&zone).unwrap_or(TimeZone::UTC),
        },
        zone,
        zone_from: word(found, "zone_from", ZoneFrom::parse)?,
        cause: row::get(found, "cause")?,
    })
}
