//! Cases of suspected-missing sessions (R-DEL-2).

use super::{ByAge, Page, fetched};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::confirm::CaseState;
use policy::ids::CaseId;
use policy::words::Word;
use serde::Serialize;
use serde_json::Value;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const CASES: Sql = sql!("views/cases");
const POLLS: Sql = sql!("cases/polls");

/// Which cases.
#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    /// Open, or with one verdict.
    pub state: Option<CaseState>,
    /// Of one account.
    pub account: Option<Uuid>,
}

/// A case in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ListedCase)]
pub struct CaseView {
    /// Its id.
    pub id: Uuid,
    /// Whose session.
    pub account_id: Uuid,
    /// That account's name.
    pub account: String,
    /// That account's workspace.
    pub workspace: String,
    /// The suspected session.
    pub session: String,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
    /// `confirmed`, `recovered`, `expired`, `withdrawn` or `dismissed`; none while it is open.
    pub verdict: Option<String>,
    /// When it was closed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// When the breaker stopped its verdict: its polls are done, and nothing is sent over the session.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub stopped_at: Option<Timestamp>,
    /// What stops it.
    pub stopped_why: Option<String>,
    /// Operator who confirmed it.
    pub confirmed_by: Option<String>,
    /// Polls so far.
    pub polls: i64,
    /// Those that count: gone, beside a control that was there.
    pub gone: i64,
    /// What was seen when it was opened.
    #[schema(value_type = Object)]
    pub evidence: Value,
}

/// One poll of a case, beside its control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PollView {
    /// From 1.
    pub number: i32,
    /// When it was asked.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// When both had answered.
    #[schema(value_type = String, format = DateTime)]
    pub finished_at: Timestamp,
    /// `present`, `gone` or `inconclusive`.
    pub answer: String,
    /// Why it is inconclusive.
    pub why: Option<String>,
    /// A session known good, asked beside it.
    pub control_session: Option<String>,
    /// `present`, `gone` or `inconclusive`.
    pub control_answer: String,
    /// Why that is inconclusive.
    pub control_why: Option<String>,
}

/// One case with its polls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseDetail {
    /// Itself.
    #[serde(flatten)]
    pub case: CaseView,
    /// Its polls, in order.
    pub all_polls: Vec<PollView>,
}

impl Tx {
    /// One page of cases, the newest first.
    pub async fn case_views(
        &self,
        filter: &CaseFilter,
        before: Option<ByAge>,
        limit: u32,
    ) -> Result<Page<CaseView>, StoreError> {
        let rows = self.cases_by(filter, None, before, fetched(limit)).await?;
        Ok(Page::of(rows, limit, |one| {
            ByAge::text(one.opened_at, one.id)
        }))
    }

    /// One case; none if there is none of that id.
    pub async fn case_detail(&self, id: CaseId) -> Result<Option<CaseDetail>, StoreError> {
        let any = CaseFilter::default();
        let found = self.cases_by(&any, Some(id.0), None, 1);
        let Some(case) = found.await?.pop() else {
            return Ok(None);
        };
        let polls = self.rows(POLLS, &[&id.0]).await?;
        let all_polls = polls.iter().map(poll).collect::<Result<_, _>>()?;
        Ok(Some(CaseDetail { case, all_polls }))
    }

    async fn cases_by(
        &self,
        filter: &CaseFilter,
        id: Option<Uuid>,
        before: Option<ByAge>,
        limit: i64,
    ) -> Result<Vec<CaseView>, StoreError> {
        let (at, before) = before.map(|ByAge(at, id)| (at, id)).unzip();
        let page = values(CASES)
            .value("verdict", filter.state.map(Word::word))
            .value("account", filter.account)
            .value("id", id)
            .value("before_at", at)
            .value("before_id", before)
            .value("limit", limit);
        let rows = self.rows_with(page).await?;
        rows.iter().map(case).collect()
    }
}

fn case(found: &Row) -> Result<CaseView, StoreError> {
    Ok(CaseView {
        id: row::get(found, "id")?,
        account_id: row::get(found, "account_id")?,
        account: row::get(found, "account")?,
        workspace: row::get(found, "workspace")?,
        session: row::get(found, "session_id")?,
        opened_at: row::get(found, "opened_at")?,
        verdict: row::get(found, "verdict")?,
        closed_at: row::get(found, "closed_at")?,
        stopped_at: row::get(found, "stopped_at")?,
        stopped_why: row::get(found, "stopped_why")?,
        confirmed_by: row::get(found, "confirmed_by")?,
        polls: row::get(found, "polls")?,
        gone: row::get(found, "gone")?,
        evidence: row::get(found, "evidence")?,
    })
}

fn poll(found: &Row) -> Result<PollView, StoreError> {
    Ok(PollView {
        number: row::get(found, "number")?,
        started_at: row::get(found, "started_at")?,
        finished_at: row::get(found, "finished_at")?,
        answer: row::get(found, "answer")?,
        why: row::get(found, "why")?,
        control_session: row::get(found, "control_session")?,
        control_answer: row::get(found, "control_answer")?,
        control_why: row::get(found, "control_why")?,
    })
}
