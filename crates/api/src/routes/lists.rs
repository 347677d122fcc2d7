//! What operators look at, a page at a time: accounts, campaigns, cases, schedules, the audit and their own acts.

use super::page::{after, bad_cursor, limit};
use super::{ById, Nothing};
use crate::document::Made;
use crate::methods::post;
use crate::route::{Look, Route, act, shown, view};
use jiff::Timestamp;
use operations::Refused;
use operations::accounts::Adopt;
use policy::account::Status;
use policy::campaigns::PauseReason;
use policy::confirm::CaseState;
use policy::holds::HoldReason;
use policy::ids::{AccountId, CampaignId, CaseId};
use policy::instant::optional as instant;
use policy::words::optional as word;
use serde::Deserialize;
use store::operators::Scope;
use store::schemas::{AccountStatus, CaseStateName, HoldName, PauseName};
use store::views::{
    AccountDetail, AccountFilter, AccountView, AuditFilter, AuditView, CampaignDetail,
    CampaignFilter, CampaignView, CaseDetail, CaseFilter, CaseView, KeptSession, LossFilter,
    LossPage, LossPlace, OperatorActView, Page,
};
use utoipa::ToSchema;
use uuid::Uuid;

const READ: Scope = Scope::Read;

/// The part of operators' routes that is about rows: what they show, and accounts that operators make.
#[rustfmt::skip] // A table: a line a route.
pub(super) fn routes() -> Vec<Route> {
    vec![
        view("/v1/accounts", READ, "Accounts, in the order of their ids", |look, asked: Accounts| shown(accounts(look, asked))),
        view("/v1/accounts/{id}", READ, "An account with its holds and campaigns", |look, one: ById| shown(account(look, one.id))),
        act::<Adopt>(post(), "/v1/sessions/{session}/account", "Makes an account of a living session that belongs to nobody (R-WSP-1)").makes(&[Made::Id("account")]),
        view("/v1/sessions/kept", READ, "Live sessions that disconnected accounts kept (R-DIS-4)", |look, asked: KeptPage| shown(kept(look, asked))),
        view("/v1/campaigns", READ, "Campaigns, in the order of their ids", |look, asked: Campaigns| shown(campaigns(look, asked))),
        view("/v1/campaigns/{id}", READ, "A campaign with its pauses and steps", |look, one: ById| shown(campaign(look, one.id))),
        view("/v1/cases", READ, "Cases of suspected-missing sessions, the newest first", |look, asked: Cases| shown(cases(look, asked))),
        view("/v1/cases/{id}", READ, "A case with its polls, controls, verdict and evidence", |look, one: ById| shown(case(look, one.id))),
        view("/v1/schedules", READ, "Every schedule: last and next slot, skipped, missed, running", |look, _: Nothing| shown(look.tx.schedule_views())),
        view("/v1/audit", READ, "The newest changes of status, the oldest of them first", |look, asked: Audit| shown(audit(look, asked))),
        view("/v1/losses", READ, "Losses and returns of accounts, each line once (R-WAT-7)", |look, asked: Losses| shown(losses(look, asked))),
        view("/v1/acts", READ, "What operators did, the oldest first", |look, asked: Acts| shown(acts(look, asked))),
    ]
}

fn missing<T>(found: Option<T>, what: &str, id: Uuid) -> Result<T, Refused> {
    found.ok_or_else(|| Refused::missing(format!("there is no {what} {id}")))
}

/// Which accounts; all that is said must fit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Accounts {
    workspace: Option<Uuid>,
    #[serde(default, deserialize_with = "word")]
    #[schema(value_type = Option<AccountStatus>)]
    status: Option<Status>,
    /// The provider's type, `LINKEDIN`.
    kind: Option<String>,
    /// Held for this reason.
    #[serde(default, deserialize_with = "word")]
    #[schema(value_type = Option<HoldName>)]
    hold: Option<HoldReason>,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

/// Which kept sessions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeptPage {
    /// The `next` of the page before.
    after: Option<String>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

async fn kept(look: &Look, asked: KeptPage) -> Result<Page<KeptSession>, Refused> {
    let limit = limit(asked.limit)?;
    let after = asked.after.unwrap_or_default();
    Ok(look.tx.kept_sessions(&after, limit).await?)
}

async fn accounts(look: &Look, asked: Accounts) -> Result<Page<AccountView>, Refused> {
    let limit = limit(asked.limit)?;
    let filter = AccountFilter {
        workspace: asked.workspace,
        status: asked.status,
        kind: asked.kind,
        hold: asked.hold,
    };
    let found = look.tx.account_views(&filter, asked.after, limit).await?;
    let (pages, now) = (look.pages(), look.tx.now().at);
    let rows = found.rows.into_iter().map(|one| pages.on(one, now));
    Ok(Page {
        rows: rows.collect(),
        next: found.next,
    })
}

async fn account(look: &Look, id: Uuid) -> Result<AccountDetail, Refused> {
    let found = missing(look.tx.account_detail(AccountId(id)).await?, "account", id)?;
    let account = look.pages().on(found.account, look.tx.now().at);
    Ok(AccountDetail { account, ..found })
}

/// Which campaigns.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Campaigns {
    workspace: Option<Uuid>,
    /// Paused for this reason.
    #[serde(default, deserialize_with = "word")]
    #[schema(value_type = Option<PauseName>)]
    pause: Option<PauseReason>,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

async fn campaigns(look: &Look, asked: Campaigns) -> Result<Page<CampaignView>, Refused> {
    let limit = limit(asked.limit)?;
    let filter = CampaignFilter {
        workspace: asked.workspace,
        pause: asked.pause,
    };
    Ok(look.tx.campaign_views(&filter, asked.after, limit).await?)
}

async fn campaign(look: &Look, id: Uuid) -> Result<CampaignDetail, Refused> {
    let found = look.tx.campaign_detail(CampaignId(id)).await?;
    missing(found, "campaign", id)
}

/// Which cases.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// `open`, or a verdict.
    #[serde(default, deserialize_with = "word")]
    #[schema(value_type = Option<CaseStateName>)]
    verdict: Option<CaseState>,
    account: Option<Uuid>,
    /// The `next` of the page before.
    after: Option<String>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

async fn cases(look: &Look, asked: Cases) -> Result<Page<CaseView>, Refused> {
    let limit = limit(asked.limit)?;
    let before = after(asked.after.as_deref())?;
    let filter = CaseFilter {
        state: asked.verdict,
        account: asked.account,
    };
    Ok(look.tx.case_views(&filter, before, limit).await?)
}

async fn case(look: &Look, id: Uuid) -> Result<CaseDetail, Refused> {
    missing(look.tx.case_detail(CaseId(id)).await?, "case", id)
}

/// Which changes of status.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Audit {
    account: Option<Uuid>,
    /// Recorded since then.
    #[serde(default, deserialize_with = "instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

async fn audit(look: &Look, asked: Audit) -> Result<Vec<AuditView>, Refused> {
    let limit = limit(asked.limit)?;
    let (account, since) = (asked.account, asked.since);
    let filter = AuditFilter { account, since };
    Ok(look.tx.audit_tail(&filter, limit).await?)
}

/// Part of the feed of losses, and a place in it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Losses {
    workspace: Option<Uuid>,
    /// Recorded since then, for a feed that begins; all there are, unless said.
    #[serde(default, deserialize_with = "instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// The `next` of the page before: goes on from there, also much later.
    after: Option<String>,
    /// Lines at most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

async fn losses(look: &Look, asked: Losses) -> Result<LossPage, Refused> {
    let limit = limit(asked.limit)?;
    let place = match (asked.after, asked.since) {
        (Some(_), Some(_)) => {
            let why = "since: a feed that goes on has its place; say `after` alone";
            return Err(Refused::invalid(why));
        }
        (Some(after), None) => {
            let read: Result<LossPlace, String> = after.parse();
            read.map_err(|why| bad_cursor(&why))?
        }
        (None, since) => LossPlace::since(since.unwrap_or(Timestamp::UNIX_EPOCH)),
    };
    let filter = LossFilter {
        workspace: asked.workspace,
    };
    Ok(look.tx.loss_page(&filter, &place, limit).await?)
}

/// Which acts of operators.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acts {
    #[serde(default, deserialize_with = "instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    #[serde(default, deserialize_with = "instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// The `next` of the page before.
    after: Option<String>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

async fn acts(look: &Look, asked: Acts) -> Result<Page<OperatorActView>, Refused> {
    let limit = limit(asked.limit)?;
    let after = after(asked.after.as_deref())?;
    let range = (asked.from, asked.to);
    Ok(look.tx.operator_acts(range, after, limit).await?)
}
