//! Writing what was decided about cases: those opened, then polls, then ends.

use crate::columns::columns;
use crate::counted::Applied;
use crate::decision::Author;
use crate::error::StoreError;
use crate::number::clamp;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{OnRefused, Parts, Tx, each_apart};
use crate::whole::whole;
use jiff::Timestamp;
use policy::confirm::{
    Answer, CaseChanges, CaseVerdict, DISMISSED_FOR, NewCase, Poll, REOPEN_WAITS, StoppedCase,
    poll_job,
};
use policy::ids::{AccountId, CaseId, WorkspaceId};
use uuid::Uuid;

const OPEN: Sql = sql!("cases/open");
const RECORD_POLLS: Sql = sql!("cases/record_polls");
const STOP: Sql = sql!("cases/stop");
const CLOSE: Sql = sql!("cases/close");

/// Work on cases, as alerts of rows set aside name it.
const CASES: &str = "cases.apply";

impl Tx {
    /// Opens cases, records polls and closes cases. Cases opened count as changed.
    pub(crate) async fn apply_cases(
        &self,
        changes: &CaseChanges,
        at: Timestamp,
        on_refused: OnRefused,
        by: &Author<'_>,
    ) -> Result<Applied, StoreError> {
        let CaseChanges {
            opened,
            polls,
            stopped,
            verdicts,
        } = changes;
        let new: u64 = each_apart!(
            self,
            Parts::or(on_refused, CASES, opened),
            |one| format!("account {}", one.account),
            |some| async { self.open_cases(some, at, by).await }
        )
        .iter()
        .sum();
        each_apart!(
            self,
            Parts::or(on_refused, CASES, polls),
            |poll| format!("case {}", poll.case),
            |some| async { self.record_polls(some).await }
        );
        each_apart!(
            self,
            Parts::or(on_refused, CASES, stopped),
            |one| format!("case {}", one.case),
            |some| async { self.stop_cases(some, at).await }
        );
        each_apart!(
            self,
            Parts::or(on_refused, CASES, verdicts),
            |closed| format!("case {}", closed.case),
            |some| async { self.close_cases(some, at).await }
        );
        let mut applied = Applied {
            changed: new,
            ..Applied::default()
        };
        applied.count("relink_cases_opened_total", &[], new);
        for poll in polls {
            let answer = poll.answer.as_str();
            applied.count("relink_confirm_polls_total", &[("answer", answer)], 1);
        }
        for closed in verdicts {
            let verdict = closed.verdict.as_str();
            applied.count("relink_cases_closed_total", &[("verdict", verdict)], 1);
        }
        Ok(applied)
    }

    /// Opens cases and enqueues the first poll of each that is new. Returns how many are. A session that answered its
    /// last cases is not suspected again at once.
    async fn open_cases(
        &self,
        cases: &[NewCase],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<u64, StoreError> {
        whole!(NewCase {
            account,
            session,
            evidence,
            poll_at
        });
        let wanted = columns(OPEN, cases)
            .with("account_id", |case| case.account.0)
            .with("id", |_| Uuid::now_v7())
            .with("session_id", |case| case.session.0.as_str())
            .with("evidence", |case| &case.evidence)
            .value("at", at)
            .value("waits_s", REOPEN_WAITS.map(|it| it.as_secs_f64()).to_vec())
            .value("dismissed_s", DISMISSED_FOR.as_secs_f64());
        let rows = self.rows_with(wanted).await?;
        let mut polls = Vec::with_capacity(rows.len());
        for found in &rows {
            let case = CaseId(row::get(found, "id")?);
            let account = AccountId(row::get(found, "account_id")?);
            let asked = cases.iter().find(|asked| asked.account == account);
            let workspace = WorkspaceId(row::get(found, "workspace_id")?);
            let due = asked.map_or(at, |asked| asked.poll_at);
            polls.push(poll_job(case, 1, (workspace, account), due));
        }
        self.enqueue(&polls, by.schedule, by.traceparent).await
    }

    async fn record_polls(&self, polls: &[Poll]) -> Result<(), StoreError> {
        whole!(Poll {
            case,
            number,
            started_at,
            finished_at,
            answer,
            control,
            control_answer
        });
        let made = columns(RECORD_POLLS, polls)
            .with("case_id", |poll| poll.case.0)
            .with("number", |poll| clamp::<i32, _>(poll.number))
            .with("started_at", |poll| poll.started_at)
            .with("finished_at", |poll| poll.finished_at)
            .with("answer", |poll| poll.answer.as_str())
            .with("why", |poll| why(&poll.answer))
            .with("control_session", |poll| {
                poll.control.as_ref().map(|session| session.0.as_str())
            })
            .with("control_answer", |poll| poll.control_answer.as_str())
            .with("control_why", |poll| why(&poll.control_answer));
        self.execute_with(made).await.map(drop)
    }

    async fn stop_cases(&self, stopped: &[StoppedCase], at: Timestamp) -> Result<(), StoreError> {
        whole!(StoppedCase { case, why });
        let waiting = columns(STOP, stopped)
            .with("id", |one| one.case.0)
            .with("why", |one| one.why.as_str())
            .value("at", at);
        self.execute_with(waiting).await.map(drop)
    }

    async fn close_cases(&self, verdicts: &[CaseVerdict], at: Timestamp) -> Result<(), StoreError> {
        whole!(CaseVerdict { case, verdict });
        let ended = columns(CLOSE, verdicts)
            .with("id", |closed| closed.case.0)
            .with("verdict", |closed| closed.verdict.as_str())
            .value("at", at);
        self.execute_with(ended).await.map(drop)
    }
}

fn why(answer: &Answer) -> Option<&str> {
    match answer {
        Answer::Present | Answer::Gone => None,
        Answer::Inconclusive { why } => Some(why),
    }
}
