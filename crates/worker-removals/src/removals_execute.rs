//! `removals.execute` (R-DEL-1, R-DEL-3, R-DEL-5): the one attempt of a removal.

use fleet::{Act, Job, JobError, Look, Spec, Tools, Turn};
use jiff::Timestamp;
use policy::ids::RemovalId;
use policy::interlock;
use policy::interlock::Outcome;
use policy::jobs::{NameRemoval, REMOVALS_EXECUTE};
use policy::settled::Settled;
use removal::{Interlock, Permit, PermitAnswer, Ticket};
use store::{Author, Tx};

/// Asks for a permit, begins the call, makes it once, and writes what came of it.
pub(crate) struct RemovalsExecute;

impl Act for RemovalsExecute {
    const SPEC: Spec = Spec::new(
        REMOVALS_EXECUTE,
        "Removes one session at the provider, once, if all six gates of the interlock let it pass",
    );
    type Payload = NameRemoval;
    type Ticket = Ticket;
    type Permit = Permit;
    type Outcome = Outcome;
    type Facts = RemovalId;

    async fn reserve(
        tx: &Tx,
        jobs: &[Job<NameRemoval>],
        by: &Author<'_>,
        tools: &Tools,
    ) -> Result<Vec<Turn<Ticket>>, JobError> {
        let interlock = interlock(tools)?;
        let mut turns = Vec::with_capacity(jobs.len());
        for job in jobs {
            let by = Author {
                job: Some(job.claimed.id.0),
                ..*by
            };
            let asked = interlock.ask(tx, job.payload.removal, &by).await?;
            let (verdict, turn) = match asked {
                PermitAnswer::Permitted(ticket) => ("permitted", Turn::Go(ticket)),
                PermitAnswer::Vanished(ticket) => ("vanished", Turn::Vanished(ticket)),
                PermitAnswer::Over => ("refused", Turn::Over),
            };
            metrics::counter!("relink_removal_attempts_total", "verdict" => verdict).increment(1);
            turns.push(turn);
        }
        Ok(turns)
    }

    async fn start(tx: &Tx, ticket: &Ticket, tools: &Tools) -> Result<Option<Permit>, JobError> {
        Ok(interlock(tools)?.start(tx, ticket).await?)
    }

    async fn call(look: &Look, permit: Permit) -> Outcome {
        match interlock(&look.tools) {
            Ok(interlock) => {
                let span = fleet::calling("remove");
                let outcome = interlock.call(permit, look.provider.as_ref()).await;
                drop(span);
                let called = matches!(outcome, Outcome::Called { .. });
                metrics::counter!("relink_removal_calls_total", "sent" => if called { "yes" } else { "no" }).increment(1);
                outcome
            }
            Err(error) => Outcome::NotSent {
                why: error.to_string(),
            },
        }
    }

    fn vanished() -> Outcome {
        Outcome::Vanished
    }

    async fn facts(_tx: &Tx, ticket: &Ticket) -> Result<Option<RemovalId>, JobError> {
        Ok(Some(ticket.removal()))
    }

    fn settle(removal: RemovalId, outcome: &Outcome, now: Timestamp) -> Settled {
        interlock::settle(removal, outcome, now)
    }
}

/// A worker that was started without its side of the interlock removes nothing.
fn interlock(tools: &Tools) -> Result<&Interlock, JobError> {
    tools.get().ok_or(JobError::NoTool("the interlock"))
}
