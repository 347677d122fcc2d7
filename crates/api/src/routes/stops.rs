//! What breakers stopped, and operators' answers to it (R-WAT-3).

use super::page::limit;
use crate::document::{Made, Ruled};
use crate::methods::post;
use crate::route::{Look, Route, act, shown, view};
use jiff::Timestamp;
use operations::Refused;
use operations::cases::{Confirm, Dismiss};
use operations::watch::{Accept, Refuse};
use policy::instant::{needed, optional};
use serde::Deserialize;
use store::operators::Scope;
use store::views::{Page, StoppedLossView, StoppedRunView};
use utoipa::ToSchema;
use uuid::Uuid;

const READ: Scope = Scope::Read;

/// The part of operators' routes that is about breakers.
#[rustfmt::skip] // A table: a line a route.
pub(super) fn routes() -> Vec<Route> {
    vec![
        view("/v1/watch/runs", READ, "Runs of the status watch that stopped losses, the newest first (R-WAT-3)", |look, asked: StoppedRuns| shown(runs(look, asked))),
        view("/v1/watch/runs/{run}/losses", READ, "What one run stopped, in the order of accounts", |look, asked: StoppedOfRun| shown(losses(look, asked))),
        act::<Accept>(post(), "/v1/watch/acceptances", "Accepts losses that the breaker stopped, of a run or of accounts").makes(&[Made::Count("accepted")]).ruled(Ruled::OneOf(&["run", "accounts"])),
        act::<Refuse>(post(), "/v1/watch/refusals", "Refuses losses that the breaker stopped, for 24 hours").makes(&[Made::Count("refused")]).ruled(Ruled::OneOf(&["run", "accounts"])),
        act::<Confirm>(post(), "/v1/cases/confirmations", "Confirms cases whose verdict is stopped (R-DEL-3)").makes(&[Made::Ids("cases")]),
        act::<Dismiss>(post(), "/v1/cases/dismissals", "Ends cases whose sessions are not gone").makes(&[Made::Ids("cases")]),
    ]
}

/// Which runs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StoppedRuns {
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, format = DateTime)]
    after: Option<Timestamp>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

async fn runs(look: &Look, asked: StoppedRuns) -> Result<Page<StoppedRunView>, Refused> {
    let limit = limit(asked.limit)?;
    Ok(look.tx.stopped_runs(asked.after, limit).await?)
}

/// Which losses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StoppedOfRun {
    /// Run that stopped them.
    #[serde(deserialize_with = "needed")]
    #[schema(value_type = String, format = DateTime)]
    run: Timestamp,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

async fn losses(look: &Look, asked: StoppedOfRun) -> Result<Page<StoppedLossView>, Refused> {
    let limit = limit(asked.limit)?;
    Ok(look
        .tx
        .stopped_losses(asked.run, asked.after, limit)
        .await?)
}
