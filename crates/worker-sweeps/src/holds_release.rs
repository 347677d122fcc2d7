//! `holds.release` (R-CAP-8, R-Q-1, R-DEL-2, R-WAT-6): ends holds and queue pauses whose time is over, asks again for polls
//! and restarts whose job died, and settles the notices of a burst after their second look.

use fleet::{Job, JobError, RowCounts, Spec, Sweep};
use policy::confirm::rescue;
use policy::decision::Alert;
use policy::jobs::{HOLDS_RELEASE, TickShards};
use policy::restarts::{missed, shards_of_tick};
use policy::schedule::{Period, ShardRange};
use policy::sends::disproof::{Disproved, disproof};
use serde_json::json;
use store::{Author, Parts, Tx};

/// Cases of a range that one run takes up; what is left is taken up by the next.
const CASES_MAX: i64 = 500;
/// Accounts of a range that one run asks restarts for; what is left is taken up by the next.
const RESTARTS_MAX: i64 = 500;
/// Enrollments of a range that one run marks as overdue; what is left is marked by the next.
const OVERDUE_MAX: i64 = 5_000;

/// Protective holds of a range that one run judges anew; what is left is judged by the next.
const HOLDS_MAX: i64 = 500;

/// Ends what is over, and goes on with what was left behind.
pub(crate) struct HoldsRelease;

impl Sweep for HoldsRelease {
    const SPEC: Spec = Spec::new(
        HOLDS_RELEASE,
        "Ends holds of accounts and pauses of queues whose time is over; asks again for polls of cases, and restarts, whose job died; settles notices that waited for a second look",
    )
    .every(Period::minutes(1))
    .sharded()
    .batch(16);
    type Payload = TickShards;

    async fn sweep(tx: &Tx, jobs: &[Job<TickShards>]) -> Result<RowCounts, JobError> {
        let mut changed = 0;
        for job in jobs {
            let ended = tx.release(job.payload.shards).await?;
            changed += ended;
            if ended > 0 {
                tracing::info!(ended, "holds or pauses are over");
            }
            changed += end_disproved(tx, job.payload.shards).await?;
            changed += tx.settle_notices(job.payload.shards).await?;
            changed += mark_overdue(tx, job.payload).await?;
            let trace = job.claimed.traceparent.as_deref();
            changed += take_up_cases(tx, job.payload.shards, trace).await?;
            changed += take_up_restarts(tx, job.payload, trace).await?;
        }
        Ok(RowCounts {
            seen: changed,
            changed,
        })
    }
}

/// A protective hold that the return of its account disproves ends before its time (R-CAP-8, R-HEAL-2).
async fn end_disproved(tx: &Tx, shards: ShardRange) -> Result<u64, JobError> {
    let held = tx.holds_to_disprove(shards, HOLDS_MAX).await?;
    let disproved: Vec<Disproved> = held
        .iter()
        .filter_map(|(account, judged)| disproof(*account, judged))
        .collect();
    let mut ended = 0;
    let mut parts = Parts::of(HOLDS_RELEASE.name, &disproved);
    while let Some(some) = tx.next_part(&mut parts).await? {
        let done = tx.end_disproved_holds(some).await;
        ended += tx.end_part(&mut parts, some, done).await?.unwrap_or(0);
    }
    tx.tell_aside(parts, |one| format!("account {}", one.account))
        .await?;
    Ok(ended)
}

/// Without this a case whose poll is a dead letter, or was discarded, would stay open for ever.
async fn take_up_cases(tx: &Tx, shards: ShardRange, trace: Option<&str>) -> Result<u64, JobError> {
    let cases = tx.unpolled_cases(shards, CASES_MAX).await?;
    let found = cases.len() as u64;
    if found > 0 {
        tracing::info!(found, "cases that nobody would poll any more");
        let by = Author {
            actor: HOLDS_RELEASE.name,
            job: None,
            schedule: None,
            traceparent: trace,
        };
        tx.apply(&rescue(cases, tx.now().at), &by).await?;
    }
    Ok(found)
}

/// What is later than its campaign allows waits for a person (R-CAM-7). Each tick looks at a tenth of the shards: lateness is
/// of days, so ten minutes are none.
async fn mark_overdue(tx: &Tx, payload: TickShards) -> Result<u64, JobError> {
    let shards = shards_of_tick(payload.shards, payload.slot);
    let marked = tx.mark_overdue(&shards, OVERDUE_MAX).await?;
    let alerts: Vec<Alert> = marked
        .iter()
        .map(|(campaign, enrollments)| Alert {
            code: "overdue_steps",
            subject: format!("campaign {campaign}"),
            detail: json!({ "enrollments": enrollments }),
        })
        .collect();
    tx.raise(&alerts).await?;
    Ok(marked.iter().map(|(_, count)| count.unsigned_abs()).sum())
}

/// Without this an account whose restart is a dead letter, or was discarded, would stay `recovering` until its owner comes
/// (R-LNK-8). Each tick looks at a tenth of the shards.
async fn take_up_restarts(
    tx: &Tx,
    TickShards { slot, shards }: TickShards,
    trace: Option<&str>,
) -> Result<u64, JobError> {
    let rows = tx
        .missed_restarts(&shards_of_tick(shards, slot), RESTARTS_MAX)
        .await?;
    let jobs = missed(&rows, slot, tx.now().at);
    if !jobs.is_empty() {
        tracing::info!(
            found = jobs.len(),
            "accounts that nothing would restart any more"
        );
    }
    Ok(tx.enqueue(&jobs, None, trace).await?)
}
