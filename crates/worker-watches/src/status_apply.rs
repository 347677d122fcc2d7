//! `status.apply` (R-WAT-3, R-CAM-2): judges a whole run, then applies it chunk by chunk.

use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::jobs::{ApplyRun, STATUS_APPLY};
use policy::watch::{Chunk, RunCounts, apply_chunk};

/// Proposals dealt with by one job.
const CHUNK_ROWS: u16 = 2_000;

/// Applies what a run proposes, or nothing of its losses.
pub(crate) struct StatusApply;

impl Decide for StatusApply {
    const SPEC: Spec = Spec::new(
        STATUS_APPLY,
        "Judges a run of the status watch and applies it, some rows a job",
    );
    type Payload = ApplyRun;
    type Facts = Chunk;

    async fn gather(look: &Look, payload: ApplyRun) -> Result<Chunk, JobError> {
        let read = look.store.reading(async |tx| {
            let counts: Option<RunCounts> = match payload.chunk {
                0 => Some(tx.run_counts(payload.slot).await?),
                _ => None,
            };
            let rows = tx.proposals(payload.slot, i64::from(CHUNK_ROWS)).await?;
            let is_last = rows.len() < usize::from(CHUNK_ROWS);
            Ok(Chunk {
                asked: payload,
                counts,
                rows,
                is_last,
            })
        });
        read.await
    }

    fn decide(facts: Chunk, now: Timestamp) -> Decision {
        apply_chunk(facts, now)
    }
}
