//! What operators see of attempts, and do about them (R-LNK-1).

use super::linking::link_by_operator;
use super::page::{after, limit};
use crate::methods::delete;
use crate::route::{Look, Route, act, shown, view};
use operations::attempts::WithdrawAttempt;
use operations::{Code, Refused};
use policy::account::AttemptPhase;
use policy::ids::{AccountId, AttemptId, WorkspaceId};
use serde::Deserialize;
use store::operators::Scope;
use store::schemas::AttemptState;
use store::views::{AttemptFilter, AttemptView, Page};
use utoipa::ToSchema;
use uuid::Uuid;

const READ: Scope = Scope::Read;

/// Which attempts; all that is said must fit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Attempts {
    workspace: Option<Uuid>,
    account: Option<Uuid>,
    #[serde(default, deserialize_with = "policy::words::optional")]
    #[schema(value_type = Option<AttemptState>)]
    state: Option<AttemptPhase>,
    /// The `next` of the page before.
    after: Option<String>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

/// One attempt by its id.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Attempt {
    attempt: Uuid,
}

/// The part of operators' routes that is about owners who sign in.
#[rustfmt::skip] // A table: a line a route.
pub(super) fn routes() -> Vec<Route> {
    vec![
        view("/v1/attempts", READ, "Attempts of owners to sign in, the newest first", |look, asked: Attempts| shown(attempts(look, asked))),
        view("/v1/attempts/{attempt}", READ, "One attempt", |look, one: Attempt| shown(attempt(look, one.attempt))),
        act::<WithdrawAttempt>(delete(), "/v1/attempts/{attempt}", "Takes an open attempt back: its link works no more, and nothing binds by it").may(&[Code::Finished]),
        link_by_operator(),
    ]
}

async fn attempts(look: &Look, asked: Attempts) -> Result<Page<AttemptView>, Refused> {
    let (limit, before) = (limit(asked.limit)?, after(asked.after.as_deref())?);
    let filter = AttemptFilter {
        workspace: asked.workspace.map(WorkspaceId),
        account: asked.account.map(AccountId),
        state: asked.state,
    };
    Ok(look.tx.attempt_views(&filter, before, limit).await?)
}

async fn attempt(look: &Look, id: Uuid) -> Result<AttemptView, Refused> {
    let any = AttemptFilter::default();
    let found = look.tx.attempt_view(&any, AttemptId(id)).await?;
    found.ok_or_else(|| Refused::missing(format!("there is no attempt {id}")))
}
