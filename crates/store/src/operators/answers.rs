//! Answers of operators to what breakers stopped (R-WAT-3).

use super::Act;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::confirm::poll_job;
use policy::decision::NewJob;
use policy::ids::{AccountId, CaseId, WorkspaceId};
use policy::jobs::AcceptedLosses;
use tokio_postgres::Row;
use uuid::Uuid;

const DECIDE_LOSSES: Sql = sql!("operators/decide_losses");
const CONFIRM_CASES: Sql = sql!("operators/confirm_cases");
const DISMISS_CASES: Sql = sql!("operators/dismiss_cases");

/// Stopped losses that an operator answers.
#[derive(Clone, Debug)]
pub enum StoppedLosses {
    /// All open ones that a run stopped.
    OfRun(Timestamp),
    /// The open ones of accounts.
    OfAccounts(Vec<AccountId>),
}

impl Tx {
    /// Accepts losses that the breaker stopped, and asks for the job that applies those seen within the last period. How
    /// many it changed: what was accepted before is not accepted again.
    pub async fn accept_losses(
        &self,
        act: &Act<'_>,
        losses: &StoppedLosses,
    ) -> Result<i64, StoreError> {
        let changed = self.decide_losses(act, losses, "accept").await?;
        if changed > 0 {
            let audit = act.audit;
            let job = AcceptedLosses { audit, after: None }.job(self.now().at);
            self.enqueue_of_act(act, &[job]).await?;
        }
        Ok(changed)
    }

    /// Refuses losses that the breaker stopped: for 24 hours, while their sessions keep saying them. How many it changed.
    pub async fn refuse_losses(
        &self,
        act: &Act<'_>,
        losses: &StoppedLosses,
    ) -> Result<i64, StoreError> {
        self.decide_losses(act, losses, "refuse").await
    }

    async fn decide_losses(
        &self,
        act: &Act<'_>,
        losses: &StoppedLosses,
        decision: &str,
    ) -> Result<i64, StoreError> {
        let (run, accounts) = match losses {
            StoppedLosses::OfRun(run) => (Some(*run), None),
            StoppedLosses::OfAccounts(accounts) => {
                let ids: Vec<Uuid> = accounts.iter().map(|account| account.0).collect();
                (None, Some(ids))
            }
        };
        let asked = values(DECIDE_LOSSES)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("run", run)
            .value("accounts", accounts)
            .value("decision", decision)
            .value("reason", act.reason);
        self.acted(asked, "changed").await
    }

    /// Confirms stopped cases and asks for the poll that may end each; one by one, for each is a session.
    pub async fn confirm_cases(&self, act: &Act<'_>, cases: &[CaseId]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
        let asked = values(CONFIRM_CASES)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("cases", ids)
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        let polls: Vec<NewJob> = rows.iter().map(confirmed_poll).collect::<Result<_, _>>()?;
        self.enqueue_of_act(act, &polls).await.map(drop)
    }

    /// Ends cases because their sessions are not gone. How many.
    pub async fn dismiss_cases(&self, act: &Act<'_>, cases: &[CaseId]) -> Result<i64, StoreError> {
        let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
        let asked = values(DISMISS_CASES)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("cases", ids)
            .value("reason", act.reason);
        self.acted(asked, "dismissed").await
    }
}

/// The poll that waits is an hour away; of two with one number the first is recorded, and the other decides nothing.
fn confirmed_poll(found: &Row) -> Result<NewJob, StoreError> {
    let number: i32 = row::get(found, "number")?;
    let owner = (
        WorkspaceId(row::get(found, "workspace_id")?),
        AccountId(row::get(found, "account_id")?),
    );
    let case = CaseId(row::get(found, "case_id")?);
    let number = u32::try_from(number).unwrap_or(1);
    let mut job = poll_job(case, number, owner, row::get(found, "due_at")?);
    job.cause = format!("{}+confirmed", job.cause);
    Ok(job)
}
