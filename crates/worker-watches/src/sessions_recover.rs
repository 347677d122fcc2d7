//! `sessions.recover` (R-LNK-8): restarts sessions that the provider stopped, each rung at most once.

use fleet::{Act, Job, JobError, Look, Spec, Tools, Turn};
use jiff::Timestamp;
use policy::ids::{AccountId, JobId, SessionId, WorkspaceId};
use policy::jobs::{RecoverSession, SESSIONS_RECOVER};
use policy::life::RECOVERY_PATIENCE;
use policy::restarts::{self, Budget, Candidate, RestartFacts, RestartOutcome};
use policy::settled::Settled;
use provider::restart_outcome_of;
use std::time::{Duration, Instant};
use store::restarts::RestartTicket;
use store::{Author, Tx};

/// A worker that was frozen between winning the right to call and calling does not call: by then others may have found
/// the call begun, and gone on to the next rung.
const CALL_WITHIN: Duration = Duration::from_secs(20);

/// Takes a place in the fleet's bound, calls once, settles.
pub(crate) struct SessionsRecover;

/// A restart that may be called, and what was asked.
pub(crate) struct Ticket {
    asked: RecoverSession,
    named: RestartTicket,
}

/// Permission to restart one session, for a short while.
pub(crate) struct Permit {
    session: SessionId,
    since: Instant,
}

impl Act for SessionsRecover {
    const SPEC: Spec = Spec::new(
        SESSIONS_RECOVER,
        "Restarts sessions that the provider stopped, a rung of the ladder each, inside the fleet's bound; never for credentials",
    )
    .batch(16)
    .failures(10);
    type Payload = RecoverSession;
    type Ticket = Ticket;
    type Permit = Permit;
    type Outcome = RestartOutcome;
    type Facts = RestartFacts;

    async fn reserve(
        tx: &Tx,
        jobs: &[Job<RecoverSession>],
        by: &Author<'_>,
        _tools: &Tools,
    ) -> Result<Vec<Turn<Ticket>>, JobError> {
        tx.lock_restarts().await?;
        let asking: Vec<(JobId, RecoverSession)> = jobs
            .iter()
            .map(|job| (job.claimed.id, job.payload))
            .collect();
        let accounts: Vec<AccountId> = asking.iter().map(|(_, asked)| asked.account).collect();
        tx.abandon_restarts(&accounts).await?;
        let candidates = tx.restart_candidates(&asking).await?;
        let workspaces: Vec<WorkspaceId> = candidates.iter().map(|one| one.row.workspace).collect();
        let mut budget = tx.restart_budget(&workspaces).await?;
        tell_owners(tx, &candidates, budget.now).await?;
        let turns = restarts::turns(&candidates, &mut budget);
        write(tx, (&candidates, &turns), &budget, by).await?;
        Ok(asking
            .iter()
            .map(|(job, asked)| {
                let mut all = candidates.iter().zip(&turns);
                let found = all.find(|(one, _)| one.job == *job);
                found.map_or(Turn::Over, |(_, turn)| ticket(*asked, turn))
            })
            .collect())
    }

    async fn start(tx: &Tx, ticket: &Ticket, _tools: &Tools) -> Result<Option<Permit>, JobError> {
        let session = tx.start_restart(ticket.named).await?;
        Ok(session.map(|session| Permit {
            session,
            since: Instant::now(),
        }))
    }

    async fn call(look: &Look, permit: Permit) -> RestartOutcome {
        // Nothing is awaited between this look at the clock and the call.
        if permit.since.elapsed() > CALL_WITHIN {
            return RestartOutcome::NotSent {
                why: "the worker stood still before the call".to_owned(),
            };
        }
        restart_outcome_of(look.provider.restart(&permit.session).await)
    }

    fn vanished() -> RestartOutcome {
        RestartOutcome::Unknown {
            why: "the worker that called did not live to tell".to_owned(),
        }
    }

    async fn facts(tx: &Tx, ticket: &Ticket) -> Result<Option<RestartFacts>, JobError> {
        let Some(called) = tx.called_restart(ticket.named).await? else {
            return Ok(None);
        };
        let known = tx.verification_facts(ticket.named.account).await?;
        Ok(known.map(|known| RestartFacts {
            asked: ticket.asked,
            restart: ticket.named.restart,
            session: called.session,
            called_at: called.called_at,
            known,
        }))
    }

    fn settle(facts: RestartFacts, outcome: &RestartOutcome, now: Timestamp) -> Settled {
        restarts::settle(&facts, outcome, now)
    }
}

/// Owners hear of it once in an episode, when the ladder alone has not helped for four hours (R-LNK-7).
async fn tell_owners(tx: &Tx, candidates: &[Candidate], now: Timestamp) -> Result<(), JobError> {
    let are_long = candidates.iter().filter(|one| {
        one.is_recovering() && now.duration_since(one.row.since) >= RECOVERY_PATIENCE
    });
    let accounts: Vec<AccountId> = are_long.map(|one| one.row.account).collect();
    Ok(tx.tell_recovering_long(&accounts).await?)
}

async fn write(
    tx: &Tx,
    (candidates, turns): (&[Candidate], &[restarts::Turn]),
    budget: &Budget,
    by: &Author<'_>,
) -> Result<(), JobError> {
    let (mut going, mut withdrawn, mut next) = (vec![], vec![], vec![]);
    for (one, turn) in candidates.iter().zip(turns) {
        match turn {
            restarts::Turn::Go(restart) => going.push(restart.clone()),
            restarts::Turn::Vanished(_) => {}
            restarts::Turn::Over(reserved, job) => {
                let account = one.row.account;
                withdrawn.extend(reserved.map(|restart| RestartTicket { account, restart }));
                next.extend(job.clone());
            }
        }
    }
    tx.reserve_restarts(&going).await?;
    tx.withdraw_restarts(&withdrawn).await?;
    tx.take_places(budget).await?;
    tx.enqueue(&next, None, by.traceparent).await?;
    Ok(())
}

fn ticket(asked: RecoverSession, turn: &restarts::Turn) -> Turn<Ticket> {
    let named = |restart| Ticket {
        asked,
        named: RestartTicket {
            account: asked.account,
            restart,
        },
    };
    match turn {
        restarts::Turn::Go(restart) => Turn::Go(named(restart.id)),
        restarts::Turn::Vanished(restart) => Turn::Vanished(named(*restart)),
        restarts::Turn::Over(..) => Turn::Over,
    }
}
