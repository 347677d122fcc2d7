//! What a product back end may ask for: its own workspace, with its accounts and campaigns. Another workspace's id is answered
//! like one that nobody has.

use super::page::within;
use super::{ById, Nothing};
use crate::document::Made;
use crate::methods::patch;
use crate::route::{Look, Route, guarded_change, shown, view};
use operations::Refused;
use operations::product::{self, OwnersView, PageView};
use operations::why::{self, AccountView, CampaignView};
use operations::workspaces::{self, ConfiguredView};
use policy::ids::{AccountId, CampaignId};
use serde::Deserialize;
use store::operators::Scope;
use utoipa::ToSchema;
use uuid::Uuid;

/// A token that may act may look, too.
const READ: Scope = Scope::ProductRead;
/// Accounts of a page.
const PAGE: u32 = 50;
const PAGE_MAX: u32 = 200;

/// Which page.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Page {
    /// The `next_cursor` of the page before.
    cursor: Option<Uuid>,
    /// Accounts at most, 50 unless said, at most 200.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Every route of products.
#[rustfmt::skip] // A table: a line a route.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        view("/v1/workspace", READ, "The workspace's settings, contacts and subscription", |look, _: Nothing| shown(own_workspace(look))).with_etag("version"),
        guarded_change::<workspaces::Configure>(patch(), "/v1/workspace", "Changes the workspace's settings").makes(&[Made::Count("version")]),
        view("/v1/accounts", READ, "The workspace's accounts with their pills, a page at a time", |look, page: Page| shown(accounts(look, page))),
        view("/v1/accounts/{id}", READ, "An account with its pill", |look, one: ById| shown(account(look, one.id))),
        view("/v1/accounts/{id}/why", READ, "Why an account sends, or does not", |look, one: ById| shown(why_account(look, one.id))),
        view("/v1/campaigns/{id}/why", READ, "Why a campaign sends, or does not, with every reason and what clears it", |look, one: ById| shown(why_campaign(look, one.id))),
    ]
}

async fn own_workspace(look: &Look) -> Result<ConfiguredView, Refused> {
    let found = workspaces::read_workspace(&look.tx, look.workspace()?).await?;
    Ok(found.configured)
}

async fn accounts(look: &Look, page: Page) -> Result<PageView, Refused> {
    let limit = within("limit", page.limit.unwrap_or(PAGE), PAGE_MAX)?;
    let after = page.cursor.map(AccountId);
    product::accounts(&look.tx, look.workspace()?, after, limit).await
}

async fn account(look: &Look, id: Uuid) -> Result<OwnersView, Refused> {
    product::account(&look.tx, look.workspace()?, AccountId(id)).await
}

async fn why_account(look: &Look, id: Uuid) -> Result<AccountView, Refused> {
    why::account(&look.tx, AccountId(id), Some(look.workspace()?)).await
}

async fn why_campaign(look: &Look, id: Uuid) -> Result<CampaignView, Refused> {
    why::campaign(&look.tx, CampaignId(id), Some(look.workspace()?)).await
}
