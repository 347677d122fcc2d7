//! `status.apply` (R-WAT-3, R-CAM-2): judges a whole run, then applies it in shares, side by side.

use crate::news::news_max;
use fleet::{Decide, JobError, Look, Spec};
use jiff::{SignedDuration, Timestamp};
use policy::decision::Decision;
use policy::jobs::{ApplyStep, STATUS_APPLY};
use policy::watch::{Chunk, RunProgress, RunStage, apply_chunk};
use store::{StoreError, Tx};

/// Judges a run, or applies a share of it.
pub(crate) struct StatusApply;

impl Decide for StatusApply {
    const SPEC: Spec = Spec::new(
        STATUS_APPLY,
        "Judges a run of the status watch, then applies it in shares, one a job",
    );
    type Payload = ApplyStep;
    /// What was found, and the age from which on it is no news.
    type Facts = (Chunk, SignedDuration);

    async fn gather(look: &Look, payload: ApplyStep) -> Result<Self::Facts, JobError> {
        let read = look.store.reading(async |tx| {
            let found = match tx.run_progress(payload.slot()).await? {
                Some(run) => chunk(tx, payload, run).await?,
                None => Chunk::Past,
            };
            Ok((found, news_max(tx.now())))
        });
        read.await
    }

    fn decide((chunk, news_max): Self::Facts, now: Timestamp) -> Decision {
        apply_chunk(chunk, news_max, now)
    }
}

async fn chunk(tx: &Tx, asked: ApplyStep, run: RunProgress) -> Result<Chunk, StoreError> {
    let listed_at = run.listed_at;
    Ok(match (asked, run.stage) {
        (ApplyStep::Judge(asked), RunStage::Compared) => Chunk::Judge {
            listed_at,
            counts: Box::new(tx.run_counts(asked.slot).await?),
            due: tx.due_stops(asked.slot).await?,
        },
        (ApplyStep::Share(asked), RunStage::Judged) => Chunk::Share {
            rows: tx.proposals(&asked).await?,
            asked,
            listed_at,
        },
        _ => Chunk::Past,
    })
}
