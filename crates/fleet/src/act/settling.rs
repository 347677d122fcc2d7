//! Writing what came of a call, until it is written. What a call answered is known to its run alone: it is settled whoever
//! has the job by then, for the fence is for what can be repeated.

use crate::context::Context;
use crate::error::JobError;
use crate::job::Act;
use crate::look::Look;
use crate::spec::Spec;
use crate::{metrics, retry, trace};
use policy::decision::Alert;
use policy::settled::Settled;
use serde_json::json;
use store::jobs::{Claimed, Failure, FailureKind};
use store::{Applied, Author};

/// Rows that others change between look and write are looked at again so often; each time somebody has got further.
const MOVES_MAX: u8 = 8;

/// A call that has ended.
pub(super) struct Call<J: Act> {
    pub(super) ticket: J::Ticket,
    pub(super) outcome: J::Outcome,
    pub(super) caller: Caller,
}

/// Whoever made a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// This run, which alone knows what came of it.
    ThisRun,
    /// An earlier one that did not live to tell: whoever has the job says so.
    Vanished,
}

/// What became of the job of a call that is settled.
pub(super) enum JobEnd {
    /// Closed.
    Closed,
    /// A dead letter.
    Dead,
    /// Another run's, or over; the settlement stands.
    Others,
}

/// Writes what came of the call, also while the database is away: the outcome is known here and nowhere else.
pub(super) async fn settle<J: Act>(
    context: &Context,
    spec: &Spec,
    look: &Look,
    call: &Call<J>,
) -> Result<JobEnd, JobError> {
    let mut failures = 0;
    let mut moves = 0;
    loop {
        // No attempt hangs for ever with a connection that says nothing.
        let settling = settle_once(context, spec, look, call);
        let settled = tokio::time::timeout(spec.limit, settling).await;
        let error = match settled.unwrap_or(Err(JobError::Overdue(spec.limit))) {
            Ok(end) => return Ok(end),
            Err(error) => error,
        };
        match error.kind() {
            FailureKind::Transient | FailureKind::Overdue => failures += 1,
            // Others noted or decided something between the look and the write: looked at again at once.
            FailureKind::Superseded if call.caller == Caller::ThisRun && moves < MOVES_MAX => {
                moves += 1;
                continue;
            }
            FailureKind::Superseded | FailureKind::Permanent | FailureKind::Panicked => {
                return Err(error);
            }
        }
        let wait = retry::reconnect(failures);
        tracing::warn!(
            error = crate::chain(&error),
            retry_in_ms = wait.as_millis(),
            "an outcome waits for the database"
        );
        metrics::store_trouble("settle");
        tokio::time::sleep(wait).await;
    }
}

async fn settle_once<J: Act>(
    context: &Context,
    spec: &Spec,
    look: &Look,
    call: &Call<J>,
) -> Result<JobEnd, JobError> {
    let tx = context.store.begin().await?;
    match write(&tx, context, spec, look, call).await {
        Ok(Written { end, counted }) => {
            trace::commit(tx).await?;
            if let Some((settled, applied, alerts)) = counted {
                metering::count_alerts(&alerts);
                metrics::applied(&settled.decision, &applied);
            }
            Ok(end)
        }
        Err(error) => {
            tx.abandon().await;
            Err(error)
        }
    }
}

/// A settlement that is written, and not yet committed.
struct Written {
    end: JobEnd,
    /// What is counted once it is committed: the decision, what it changed, the alerts beside it.
    counted: Option<(Settled, Applied, Vec<Alert>)>,
}

async fn write<J: Act>(
    tx: &store::Tx,
    context: &Context,
    spec: &Spec,
    look: &Look,
    call: &Call<J>,
) -> Result<Written, JobError> {
    let job = &look.job;
    let here = trace::current().map(|step| step.to_string());
    let by = Author {
        actor: &context.name,
        job: Some(job.id.0),
        schedule: job.schedule.as_deref(),
        traceparent: here.as_deref(),
    };
    let facts = J::facts(tx, &call.ticket).await?;
    let settled = facts.map(|facts| J::settle(facts, &call.outcome, tx.now().at));
    let applied = match &settled {
        Some(settled) => tx.apply(&settled.decision, &by).await?,
        None => Applied::default(),
    };
    let (end, alerts) = match settled.as_ref().and_then(|settled| settled.dead.as_deref()) {
        None => (close(tx, job, call.caller).await?, vec![]),
        Some(why) => bury(tx, context, spec, job, why).await?,
    };
    tx.ring_closed();
    let counted = settled.map(|settled| (settled, applied, alerts));
    Ok(Written { end, counted })
}

/// Closes the job after its call is settled. What is known to this run alone stands whoever has the job; what anybody can
/// find out again is left to whoever has it.
async fn close(tx: &store::Tx, job: &Claimed, caller: Caller) -> Result<JobEnd, JobError> {
    match caller {
        Caller::Vanished => tx.close(&[(job.id, job.attempt)]).await?,
        Caller::ThisRun => {
            if !tx.close_settled(job.id, job.attempt).await? {
                return Ok(JobEnd::Others);
            }
        }
    }
    Ok(JobEnd::Closed)
}

/// The call's end is settled, and the job is a dead letter for a person to look at (R-JOB-3), whoever has it by then. One
/// that is over cannot be; the alert is raised all the same.
async fn bury(
    tx: &store::Tx,
    context: &Context,
    spec: &Spec,
    job: &Claimed,
    why: &str,
) -> Result<(JobEnd, Vec<Alert>), JobError> {
    let failure = Failure {
        job: job.id,
        attempt: job.attempt,
        kind: FailureKind::Permanent,
        error: why,
        retry_at: None,
        worker: &context.name,
    };
    let is_buried = tx.bury_settled(&failure).await?;
    let kind = spec.kind.name;
    let alerts = vec![Alert {
        code: "dead_letter",
        subject: format!("{kind} permanent"),
        detail: json!({ "kind": kind, "job": job.id, "fault": "permanent", "error": why }),
    }];
    tx.raise(&alerts).await?;
    let end = if is_buried {
        JobEnd::Dead
    } else {
        JobEnd::Others
    };
    Ok((end, alerts))
}
