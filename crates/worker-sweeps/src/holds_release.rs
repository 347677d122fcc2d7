//! `holds.release` (R-CAP-8, R-Q-1): ends holds and queue pauses whose time is over.

use fleet::{Job, JobError, RowCounts, Spec, Sweep};
use policy::jobs::{HOLDS_RELEASE, TickShards};
use policy::schedule::Period;
use store::Tx;

/// Ends what is over.
pub(crate) struct HoldsRelease;

impl Sweep for HoldsRelease {
    const SPEC: Spec = Spec::new(
        HOLDS_RELEASE,
        "Ends holds of accounts and pauses of queues whose time is over",
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
        }
        Ok(RowCounts {
            seen: changed,
            changed,
        })
    }
}
