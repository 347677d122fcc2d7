//! `status.compare` (R-WAT-1): holds a range of shards against the list.

use fleet::{Job, JobError, RowCounts, Spec, Sweep};
use jiff::Timestamp;
use policy::decision::NewJob;
use policy::jobs::{ApplyRun, CompareShards, STATUS_APPLY, STATUS_COMPARE};
use policy::watch::{RunVerdict, pairs};
use std::collections::BTreeMap;
use store::Tx;

/// Writes what a run proposes for its shards; the last range asks for the judgement.
pub(crate) struct StatusCompare;

impl Sweep for StatusCompare {
    const SPEC: Spec = Spec::new(
        STATUS_COMPARE,
        "Holds a range of shards against the sessions that a run saw",
    )
    .batch(8);
    type Payload = CompareShards;

    async fn sweep(tx: &Tx, jobs: &[Job<CompareShards>]) -> Result<RowCounts, JobError> {
        let mut proposed = 0;
        let pairs = pairs();
        let mut last: BTreeMap<Timestamp, (i32, &Job<CompareShards>)> = BTreeMap::new();
        for job in jobs {
            let CompareShards { slot, shards } = job.payload;
            proposed += tx.compare(slot, shards, &pairs).await?;
            let (ranges, _) = last.entry(slot).or_insert((0, job));
            *ranges += 1;
        }
        for (slot, (ranges, job)) in last {
            if tx.count_down(slot, ranges).await? > 0 {
                continue;
            }
            let apply = ApplyRun {
                slot,
                chunk: 0,
                verdict: RunVerdict::Abort,
            };
            let next = NewJob {
                kind: STATUS_APPLY,
                cause: format!("status.apply@{slot}/0"),
                workspace: None,
                account: None,
                run_at: tx.now().at,
                payload: serde_json::to_value(apply).map_err(JobError::Payload)?,
            };
            let by_run = job.claimed.schedule.as_deref();
            tx.enqueue(&[next], by_run, job.claimed.traceparent.as_deref())
                .await?;
        }
        Ok(RowCounts {
            seen: proposed,
            changed: proposed,
        })
    }
}
