//! What a product back end may ask for: its own workspace, with its accounts and campaigns. Another workspace's id is answered
//! like one that nobody has.

use super::linking::{create_account, reconnect_of_product};
use super::page::{after, within};
use super::{ById, Nothing};
use crate::document::Made;
use crate::methods::{delete, patch};
use crate::route::{Look, Route, act, guarded_change, shown, view};
use jiff::Timestamp;
use operations::attempts::CancelAttempt;
use operations::product::{
    self, AccountsAsked, ChangeAccount, EpisodePage, OwnersView, PageView, Timeline,
};
use operations::why::{self, AccountView, CampaignView};
use operations::workspaces::{self, ConfiguredView};
use operations::{Code, Refused};
use policy::account::{ProductKind, Status};
use policy::ids::{AccountId, AttemptId, CampaignId};
use policy::pill::OwnerAction;
use serde::Deserialize;
use store::operators::Scope;
use store::schemas::{AccountStatus, LinkedKind, OwnerActionName};
use store::views::{AttemptFilter, AttemptView, Page as Rows};
use utoipa::ToSchema;
use uuid::Uuid;

/// A token that may act may look, too.
const READ: Scope = Scope::ProductRead;
/// Rows of a page.
const PAGE: u32 = 50;
const PAGE_MAX: u32 = 200;

/// Which accounts, and which page of them; all that is said must fit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Accounts {
    /// The `next_cursor` of the page before.
    cursor: Option<Uuid>,
    /// Accounts at most, 50 unless said, at most 200.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// In this status.
    #[serde(default, deserialize_with = "policy::words::optional")]
    #[schema(value_type = Option<AccountStatus>)]
    status: Option<Status>,
    /// Whose owner has this to do.
    #[serde(default, deserialize_with = "policy::words::optional")]
    #[schema(value_type = Option<OwnerActionName>)]
    action: Option<OwnerAction>,
    #[serde(default, deserialize_with = "policy::words::optional")]
    #[schema(value_type = Option<LinkedKind>)]
    kind: Option<ProductKind>,
    /// Called so by the product.
    external_id: Option<String>,
    /// Sending for this campaign.
    campaign: Option<Uuid>,
    /// With a change of status after this instant.
    #[serde(default, deserialize_with = "policy::instant::optional")]
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_after: Option<Timestamp>,
}

/// A page of what became of an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct History {
    id: Uuid,
    /// The `next_cursor` of the page before.
    cursor: Option<i64>,
    /// Rows at most, 50 unless said, at most 200.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A page of an account's attempts.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Attempts {
    id: Uuid,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows at most, 50 unless said, at most 200.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// One attempt of an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Attempt {
    id: Uuid,
    attempt: Uuid,
}

/// Every route of products.
#[rustfmt::skip] // A table: a line a route.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        view("/v1/workspace", READ, "The workspace's settings, contacts and subscription", |look, _: Nothing| shown(own_workspace(look))).with_etag("version"),
        guarded_change::<workspaces::Configure>(patch(), "/v1/workspace", "Changes the workspace's settings").makes(&[Made::Count("version")]),
        create_account(),
        view("/v1/accounts", READ, "The workspace's accounts with their pills, a page at a time", |look, asked: Accounts| shown(accounts(look, asked))),
        view("/v1/accounts/{id}", READ, "An account with its pill", |look, one: ById| shown(account(look, one.id))).with_etag("version"),
        guarded_change::<ChangeAccount>(patch(), "/v1/accounts/{id}", "Changes what the product says of an account").makes(&[Made::Count("version")]).may(&[Code::IdentityKnown, Code::Changed, Code::IfMatchRequired]),
        reconnect_of_product(),
        view("/v1/accounts/{id}/attempts", READ, "Attempts of an account's owner to sign in, the newest first", |look, asked: Attempts| shown(attempts(look, asked))),
        view("/v1/accounts/{id}/attempts/{attempt}", READ, "One attempt", |look, one: Attempt| shown(attempt(look, one))),
        act::<CancelAttempt>(delete(), "/v1/accounts/{id}/attempts/{attempt}", "Takes an open attempt back: its link works no more, and nothing binds by it").may(&[Code::Finished]),
        view("/v1/accounts/{id}/timeline", READ, "Changes of an account's status in its owner's words, the newest first", |look, asked: History| shown(timeline(look, asked))),
        view("/v1/accounts/{id}/episodes", READ, "Times in which an account could not send, the newest first", |look, asked: History| shown(episodes(look, asked))),
        view("/v1/accounts/{id}/why", READ, "Why an account sends, or does not", |look, one: ById| shown(why_account(look, one.id))),
        view("/v1/campaigns/{id}/why", READ, "Why a campaign sends, or does not, with every reason and what clears it", |look, one: ById| shown(why_campaign(look, one.id))),
    ]
}

async fn own_workspace(look: &Look) -> Result<ConfiguredView, Refused> {
    let found = workspaces::read_workspace(&look.tx, look.workspace()?).await?;
    Ok(found.configured)
}

async fn accounts(look: &Look, asked: Accounts) -> Result<PageView, Refused> {
    let Accounts {
        cursor,
        limit,
        status,
        action,
        kind,
        external_id,
        campaign,
        changed_after,
    } = asked;
    let asked = AccountsAsked {
        cursor: cursor.map(AccountId),
        limit: rows(limit)?,
        status,
        action,
        kind: kind.map(ProductKind::kind),
        external_id,
        campaign: campaign.map(CampaignId),
        changed_after,
    };
    product::accounts(&look.tx, look.workspace()?, (&asked, look.pages())).await
}

fn rows(limit: Option<u32>) -> Result<u32, Refused> {
    within("limit", limit.unwrap_or(PAGE), PAGE_MAX)
}

async fn account(look: &Look, id: Uuid) -> Result<OwnersView, Refused> {
    let one = (AccountId(id), look.pages());
    product::account(&look.tx, look.workspace()?, one).await
}

async fn own(look: &Look, id: Uuid) -> Result<AttemptFilter, Refused> {
    let (workspace, account) = (look.workspace()?, AccountId(id));
    if !look.tx.owns_account(workspace, account).await? {
        return Err(Refused::missing(format!("there is no account {id}")));
    }
    Ok(AttemptFilter {
        workspace: Some(workspace),
        account: Some(account),
        state: None,
    })
}

async fn attempts(look: &Look, asked: Attempts) -> Result<Rows<AttemptView>, Refused> {
    let limit = rows(asked.limit)?;
    let before = after(asked.after.as_deref())?;
    let filter = own(look, asked.id).await?;
    Ok(look.tx.attempt_views(&filter, before, limit).await?)
}

async fn attempt(look: &Look, one: Attempt) -> Result<AttemptView, Refused> {
    let filter = own(look, one.id).await?;
    let found = look
        .tx
        .attempt_view(&filter, AttemptId(one.attempt))
        .await?;
    found.ok_or_else(|| Refused::missing(format!("there is no attempt {}", one.attempt)))
}

async fn timeline(look: &Look, asked: History) -> Result<Timeline, Refused> {
    let (of, limit) = ((look.workspace()?, AccountId(asked.id)), rows(asked.limit)?);
    product::timeline(&look.tx, of, (asked.cursor, limit)).await
}

async fn episodes(look: &Look, asked: History) -> Result<EpisodePage, Refused> {
    let (of, limit) = ((look.workspace()?, AccountId(asked.id)), rows(asked.limit)?);
    product::episodes(&look.tx, of, (asked.cursor, limit)).await
}

async fn why_account(look: &Look, id: Uuid) -> Result<AccountView, Refused> {
    let found = why::account(&look.tx, AccountId(id), Some(look.workspace()?)).await?;
    Ok(found.with_page(look.pages()))
}

async fn why_campaign(look: &Look, id: Uuid) -> Result<CampaignView, Refused> {
    why::campaign(&look.tx, CampaignId(id), Some(look.workspace()?)).await
}
