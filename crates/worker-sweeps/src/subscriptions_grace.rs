//! `subscriptions.grace` (R-SUB-1): holds what belongs to ended subscriptions, and lets go what belongs to renewed ones.

use fleet::{Job, JobError, RowCounts, Spec, Sweep};
use policy::jobs::{SUBSCRIPTIONS_GRACE, TickShards};
use policy::schedule::Period;
use policy::subscriptions::notice_cutoffs;
use store::{Author, Tx};

/// Makes accounts, campaigns and notices follow the subscriptions.
pub(crate) struct SubscriptionsGrace;

impl Sweep for SubscriptionsGrace {
    const SPEC: Spec = Spec::new(
        SUBSCRIPTIONS_GRACE,
        "Pauses campaigns, holds accounts and notes notices of ended subscriptions; undoes it for renewed ones; deletes nothing",
    )
    .every(Period::hours(1))
    .sharded();
    type Payload = TickShards;

    async fn sweep(tx: &Tx, jobs: &[Job<TickShards>]) -> Result<RowCounts, JobError> {
        let mut changed = 0;
        for job in jobs {
            let by = Author {
                actor: SUBSCRIPTIONS_GRACE.name,
                job: Some(job.claimed.id.0),
                schedule: None,
                traceparent: job.claimed.traceparent.as_deref(),
            };
            let shards = job.payload.shards;
            let held = tx.hold_ended(shards, &by).await?;
            let paused = tx.pause_ended(shards, &by).await?;
            let told = tx.note_ended(shards, &notice_cutoffs(tx.now().at)).await?;
            // Last, so that a renewal meanwhile undoes what stands above too.
            let (released, lifted) = tx.undo_renewed(shards, &by).await?;
            let all = held + paused + told + released + lifted;
            changed += all;
            if all > 0 {
                tracing::info!(
                    held,
                    paused,
                    told,
                    released,
                    lifted,
                    "subscriptions ended or were renewed"
                );
            }
        }
        Ok(RowCounts {
            seen: changed,
            changed,
        })
    }
}
