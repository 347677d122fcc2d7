//! What operators may ask for. The audit is proved by `relink audit verify` alone: it reads every row there is, which
//! is no request's business.

use super::page::within;
use super::{ById, Nothing};
use crate::document::Made;
use crate::methods::{delete, post};
use crate::route::{Look, Route, act, shown, view};
use operations::duplicates::DuplicatesView;
use operations::removals::Status;
use operations::why::AccountView;
use operations::{Refused, accounts, flags, latch, removals, warrants, why, witness};
use policy::ids::{AccountId, RemovalId};
use serde::Deserialize;
use store::operators::{LatchRow, Scope};
use utoipa::ToSchema;
use uuid::Uuid;

const READ: Scope = Scope::Read;
/// People of a list of duplicates.
const PEOPLE: u32 = 100;
const PEOPLE_MAX: u32 = 1_000;

/// How many people are listed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct People {
    /// People listed at most, 100 unless said, at most 1,000; all are counted.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

/// Every route of operators.
#[rustfmt::skip] // A table: a line a route.
pub(crate) fn routes() -> Vec<Route> {
    let removals = vec![
        view("/v1/flags", READ, "The newest 50 flags", |look, _: Nothing| shown(look.tx.flags())),
        act::<flags::Enable>(post(), "/v1/flags/{name}", "Allows something for at most 4 hours (gate 5)").makes(&[Made::Instant("ends_at")]),
        act::<flags::Disable>(delete(), "/v1/flags/{name}", "Ends a flag before its time"),
        view("/v1/latch", READ, "Whether the latch is tripped, since when and why (gate 2)", |look, _: Nothing| shown(latched(look))),
        act::<latch::Trip>(post(), "/v1/latch", "Stops every removal at once, until a person clears it"),
        act::<latch::Clear>(delete(), "/v1/latch", "Lets the other gates decide again"),
        view("/v1/removals", READ, "The newest 50 removals, open ones first", |look, _: Nothing| shown(look.tx.removals())),
        act::<removals::Request>(post(), "/v1/removals", "Asks to remove a session whose case is confirmed").makes(&[Made::Id("removal")]),
        act::<removals::Withdraw>(delete(), "/v1/removals/{removal}", "Gives up a removal that is not permitted yet"),
        view("/v1/removals/status", READ, "The six gates, of the fleet and of each open removal", |look, _: Nothing| shown(gates(look, None))),
        view("/v1/removals/{id}/status", READ, "The six gates, of one removal", |look, one: ById| shown(gates(look, Some(RemovalId(one.id))))),
        view("/v1/warrants", READ, "The newest 50 warrants", |look, _: Nothing| shown(look.tx.warrants())),
        act::<warrants::Issue>(post(), "/v1/warrants", "Names a live session that is linked to nobody (R-DEL-4)").makes(&[Made::Id("warrant"), Made::Instant("ends_at")]),
        act::<warrants::Approve>(post(), "/v1/warrants/{warrant}/approval", "Says yes to another operator's warrant").makes(&[Made::Id("removal")]),
        act::<warrants::Revoke>(delete(), "/v1/warrants/{warrant}", "Takes a warrant back"),
        act::<witness::Adopt>(post(), "/v1/adoptions", "Makes a restored copy of the database the fleet's own (R-RES-1)").makes(&[Made::Instant("copy_since")]),
        view("/v1/duplicates", READ, "People with several live sessions (R-DUP-1)", |look, asked: People| shown(duplicates(look, asked.limit))),
        view("/v1/accounts/{id}/why", READ, "Why an account sends, or does not", |look, one: ById| shown(why_account(look, one.id))),
        act::<accounts::Release>(delete(), "/v1/accounts/{id}/holds/{hold}", "Ends a hold that a person may end").makes(&[Made::Words("holds")]),
        act::<accounts::Restart>(post(), "/v1/accounts/{id}/restart", "Restarts the session of a recovering account now (R-LNK-8)").makes(&[Made::Id("restart")]),
        view("/v1/recoveries", READ, "Who brought accounts back in the last 7 and 30 days (R-ANA-1)", |look, _: Nothing| shown(look.tx.recoveries())),
        view("/v1/tokens", READ, "Every token there was, without its secret", |look, _: Nothing| shown(look.tx.operators())),
    ];
    [removals, super::work::routes(), super::lists::routes(), super::campaigns::routes(), super::accounts::routes(), super::attempts::routes(), super::stops::routes(), super::workspaces::routes(), super::notices::routes()].into_iter().flatten().collect()
}

async fn why_account(look: &Look, id: Uuid) -> Result<AccountView, Refused> {
    let found = why::account(&look.tx, AccountId(id), None).await?;
    Ok(found.with_page(look.pages()))
}

async fn latched(look: &Look) -> Result<LatchRow, Refused> {
    let missing = || Refused::missing("the latch's row is missing: nothing is removed");
    look.tx.latch().await?.ok_or_else(missing)
}

async fn gates(look: &Look, removal: Option<RemovalId>) -> Result<Status, Refused> {
    if let Some(id) = removal
        && look.tx.removal(id).await?.is_none()
    {
        return Err(Refused::missing(format!("there is no removal {id}")));
    }
    let (switch, clock) = look.removals;
    Ok(removals::status(&look.tx, removal, switch, clock).await?)
}

async fn duplicates(look: &Look, limit: Option<u32>) -> Result<DuplicatesView, Refused> {
    let limit = within("limit", limit.unwrap_or(PEOPLE), PEOPLE_MAX)?;
    let found = look.tx.duplicates(i64::from(limit)).await?;
    Ok(DuplicatesView::of(found))
}
