//! Notices to owners, and what people do about those that reached nobody (R-LNK-7).

use super::page::limit;
use crate::methods::post;
use crate::route::{Look, Route, act, shown, view};
use operations::Refused;
use operations::notices::Redrive;
use policy::notices::{NoticeState, NoticeStep};
use serde::Deserialize;
use store::operators::Scope;
use store::views::{NoticeFilter, NoticeView, Page};
use utoipa::ToSchema;
use uuid::Uuid;

/// The part of operators' routes that is about notices.
#[rustfmt::skip] // A table: a line a route.
pub(super) fn routes() -> Vec<Route> {
    vec![
        view("/v1/notices", Scope::Read, "Notices to owners, the newest first (R-LNK-7)", |look, asked: Notices| shown(notices(look, asked))),
        act::<Redrive>(post(), "/v1/notices/redrive", "Has a notice told that reached nobody, or that is held back"),
    ]
}

/// Which notices; all that is said must fit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Notices {
    workspace: Option<Uuid>,
    account: Option<Uuid>,
    /// `planned`, `sending`, `sent`, `failed`, `skipped` or `suppressed`.
    state: Option<String>,
    /// `first`, `day_1`, `day_3`, `day_7` or `back`.
    step: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// At most, 100 unless said, at most 1,000.
    limit: Option<u32>,
}

async fn notices(look: &Look, asked: Notices) -> Result<Page<NoticeView>, Refused> {
    let limit = limit(asked.limit)?;
    let state = word("state", asked.state.as_deref(), NoticeState::parse)?;
    let step = word("step", asked.step.as_deref(), NoticeStep::parse)?;
    let after = asked.after.as_deref().map(str::parse).transpose();
    let after = after.map_err(|why| Refused::invalid(format!("after: {why}")))?;
    let filter = NoticeFilter {
        workspace: asked.workspace,
        account: asked.account,
        state,
        step,
    };
    Ok(look.tx.notice_views(&filter, after, limit).await?)
}

fn word<T>(
    field: &str,
    asked: Option<&str>,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, Refused> {
    let read = asked.map(|text| {
        let unknown = || Refused::invalid(format!("{field}: {text:?} is none"));
        parse(text).ok_or_else(unknown)
    });
    read.transpose()
}
