//! Running chains: a step is a deciding job, and the job of the next step is a part of what it decides. So one transaction
//! has a step's effects, its end and its successor, behind the same fence.

use crate::decide::{Decided, Deciding};
use crate::error::JobError;
use crate::job::Chain;
use crate::look::Look;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use policy::chain::Step;
use policy::decision::NewJob;
use serde::Deserialize;
use serde::Serialize;
use serde::ser::Error as _;
use serde_json::Value;
use serde_json::json;
use store::jobs::Claimed;

/// Field of a payload that holds the progress. Builds before it leave it out and count anew, which only the figures show.
const PROGRESS: &str = "chain";

/// Way that a chain has come, written into the job of its next step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    /// Steps that are done.
    steps: u32,
    /// Rows or items that they looked at.
    seen: u64,
}

impl Progress {
    fn read(payload: &Value) -> Self {
        let found = payload.get(PROGRESS).map(Self::deserialize);
        found.and_then(Result::ok).unwrap_or_default()
    }

    fn and(self, seen: u64) -> Self {
        Self {
            steps: self.steps.saturating_add(1),
            seen: self.seen.saturating_add(seen),
        }
    }
}

/// The [`Runner`](crate::decide::Runner) of a [`Chain`].
pub(crate) fn run<J: Chain>(look: &Look) -> BoxFuture<'_, Result<Deciding, JobError>> {
    Box::pin(async move {
        let job = look.job.clone();
        let checkpoint = J::Checkpoint::deserialize(&job.payload).map_err(JobError::Payload)?;
        let here = J::cause(&checkpoint);
        let facts = J::gather(look, checkpoint).await?;
        let decide = move |now| {
            let Step {
                mut decision,
                next,
                seen,
            } = J::step(facts, now);
            let progress = Progress::read(&job.payload).and(seen);
            if let Some(checkpoint) = &next {
                let successor = successor::<J>(&job, checkpoint, progress, now)?;
                if successor.cause == here {
                    return Err(JobError::Stuck(here));
                }
                decision.jobs.push(successor);
            }
            tracing::debug!(
                steps = progress.steps,
                seen = progress.seen,
                is_last = next.is_none(),
                "a step of a chain is decided"
            );
            Ok(Decided { decision, seen })
        };
        Ok(Box::new(decide) as Deciding)
    })
}

/// The job of the next step, for the same workspace and account.
fn successor<J: Chain>(
    job: &Claimed,
    checkpoint: &J::Checkpoint,
    progress: Progress,
    now: Timestamp,
) -> Result<NewJob, JobError> {
    let mut payload = serde_json::to_value(checkpoint).map_err(JobError::Payload)?;
    let Value::Object(fields) = &mut payload else {
        let error = serde_json::Error::custom("a checkpoint is an object");
        return Err(JobError::Payload(error));
    };
    fields.insert(PROGRESS.to_owned(), json!(progress));
    Ok(NewJob {
        kind: J::SPEC.kind,
        cause: J::cause(checkpoint),
        workspace: job.workspace,
        account: job.account,
        run_at: now,
        payload,
    })
}
