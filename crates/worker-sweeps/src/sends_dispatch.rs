//! `sends.dispatch` (R-CAP-4, R-HEAL-4): plans the next send of each account that may send.

use fleet::{Job, JobError, RowCounts, Spec, Sweep};
use jiff::SignedDuration;
use policy::decision::NewJob;
use policy::ids::EnrollmentId;
use policy::jobs::{NameSend, SENDS_DISPATCH, SENDS_EXECUTE, TickShards};
use policy::schedule::Period;
use policy::sends::decided::Closed;
use policy::sends::dispatch::{Offer, choose};
use serde_json::json;
use store::Tx;
use store::sends::{Cursor, Page, Planned};

/// What comes due until the next tick is planned in this one.
const HORIZON: SignedDuration = SignedDuration::from_mins(1);
/// Accounts looked at together; bounds the memory of a run, whatever the fleet's size (R-WAT-1).
const ACCOUNTS_PER_PAGE: i64 = 1_000;

/// Walks through the accounts of a range and plans.
pub(crate) struct SendsDispatch;

impl Sweep for SendsDispatch {
    const SPEC: Spec = Spec::new(
        SENDS_DISPATCH,
        "Plans the next send of each account that may send: campaigns take turns, the oldest due goes first",
    )
    .every(Period::minutes(1))
    .sharded();
    type Payload = TickShards;

    async fn sweep(tx: &Tx, jobs: &[Job<TickShards>]) -> Result<RowCounts, JobError> {
        let mut swept = RowCounts::default();
        for job in jobs {
            let mut after = Some(Cursor::START);
            while let Some(cursor) = after {
                let page = tx
                    .offers(job.payload.shards, cursor, HORIZON, ACCOUNTS_PER_PAGE)
                    .await?;
                after = page.next;
                swept.seen += page.accounts.len() as u64;
                swept.changed += plan(tx, page, job.claimed.traceparent.as_deref()).await?;
            }
        }
        Ok(swept)
    }
}

/// Returns how many sends it planned.
async fn plan(tx: &Tx, page: Page, trace: Option<&str>) -> Result<u64, JobError> {
    let now = tx.now().at;
    let mut plans = vec![];
    let mut closed: Vec<Closed> = vec![];
    for (known, offered) in page.accounts {
        let (enrollments, offers): (Vec<EnrollmentId>, Vec<Offer>) = offered
            .into_iter()
            .map(|one| (one.enrollment, Offer { facts: one.facts }))
            .unzip();
        let choice = choose(&known.sender, &offers, now, HORIZON);
        closed.extend(choice.closed);
        plans.extend(
            choice
                .plan
                .map(|plan| (enrollments[plan.candidate], plan.at)),
        );
    }
    tx.close_actions(&closed).await?;
    let planned = tx.plan(&plans).await?;
    if planned.len() < plans.len() {
        tracing::info!(
            left = plans.len() - planned.len(),
            "enrollments moved on before they were planned"
        );
    }
    let jobs: Vec<NewJob> = planned.iter().map(execute_job).collect();
    tx.enqueue(&jobs, None, trace).await?;
    Ok(planned.len() as u64)
}

fn execute_job(planned: &Planned) -> NewJob {
    let name = NameSend {
        account: planned.account,
        send: planned.send,
    };
    NewJob {
        kind: SENDS_EXECUTE,
        cause: format!("sends.execute:{}", planned.send),
        workspace: Some(planned.workspace),
        account: Some(planned.account),
        run_at: planned.slot_at,
        payload: json!(name),
    }
}
