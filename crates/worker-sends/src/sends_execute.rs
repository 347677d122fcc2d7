//! `sends.execute` (R-CAP-2, R-CAP-3, R-CAP-5): makes planned sends, each at most once.

use fleet::{Act, Job, JobError, Look, Spec, Tools, Turn};
use jiff::Timestamp;
use metering::labels::{DENIALS, known};
use policy::ids::{AccountId, SendId};
use policy::jobs::{NameSend, SENDS_EXECUTE};
use policy::sends::call::{Outcome, Started};
use policy::sends::decided::{ClockSeen, Closed};
use policy::sends::lateness::CALL_WITHIN;
use policy::sends::settle;
use policy::sends::settle::SettleFacts;
use policy::sends::slot::{Slot, allowance_of_ours, closes_at, gap, next_instant};
use policy::sends::{Action, SendState};
use policy::settled::Settled;
use provider::outcome_of;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use store::sends::{AsSender, Ask, SendFacts, Start, Verdict};
use store::{Author, Tx};

/// When a send that the database refused, against what the rules computed, is looked at again.
const LOOK_AGAIN: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);

/// Reserves, calls once, settles.
pub(crate) struct SendsExecute;

/// Permission to call, for a short while.
pub(crate) struct Permit {
    started: Started,
    since: Instant,
}

/// End of a call.
pub(crate) struct CallEnd {
    outcome: Outcome,
    /// Instant that the provider's own clock had shown before it; none where it had shown none.
    shown_at: Option<Timestamp>,
}

impl Act for SendsExecute {
    const SPEC: Spec = Spec::new(
        SENDS_EXECUTE,
        "Makes planned sends: reserves their capacity, calls the provider once each, settles",
    )
    .batch(16)
    .failures(10);
    type Payload = NameSend;
    type Ticket = NameSend;
    type Permit = Permit;
    type Outcome = CallEnd;
    type Facts = SettleFacts;

    async fn reserve(
        tx: &Tx,
        jobs: &[Job<NameSend>],
        by: &Author<'_>,
        _tools: &Tools,
    ) -> Result<Vec<Turn<NameSend>>, JobError> {
        let names: Vec<(AccountId, SendId)> = jobs
            .iter()
            .map(|job| (job.payload.account, job.payload.send))
            .collect();
        let owners: Vec<AccountId> = names.iter().map(|(account, _)| *account).collect();
        // Before what is theirs, also of those that are only taken back.
        tx.lock_accounts(&owners).await?;
        let accounts: Vec<_> = owners.iter().map(|account| account.0).collect();
        let sends: HashMap<SendId, SendFacts> = tx
            .send_facts(&names)
            .await?
            .into_iter()
            .map(|one| (one.send, one))
            .collect();
        let senders: HashMap<AccountId, AsSender> = tx
            .senders(&accounts)
            .await?
            .into_iter()
            .map(|one| (one.sender.account, one))
            .collect();
        let now = tx.now().at;
        let mut asks = vec![];
        let mut closed = vec![];
        for job in jobs {
            let name = job.payload;
            let (Some(send), Some(sender)) = (sends.get(&name.send), senders.get(&name.account))
            else {
                continue;
            };
            match may_go(send, sender, now) {
                Eligibility::Ask(mut ask) => {
                    ask.job = Some(job.claimed.id.0);
                    asks.push(ask);
                }
                Eligibility::Not(kept) => closed.push(kept),
                Eligibility::Past => {}
            }
        }
        let verdicts = tx.reserve(&asks, by).await?;
        for (send, verdict) in &verdicts {
            if let (Verdict::Refused(rule), Some(facts)) = (verdict, sends.get(send)) {
                count_denial(rule, facts.facts.action);
                closed.push((
                    facts.account,
                    facts.send,
                    rule.clone(),
                    Some(closed_for_now(facts, now)),
                ));
            }
        }
        let taken_back: Vec<_> = closed
            .iter()
            .map(|one| (one.0, one.1, one.2.clone()))
            .collect();
        tx.cancel_sends(&taken_back, by).await?;
        let until: Vec<Closed> = closed.into_iter().filter_map(|one| one.3).collect();
        tx.close_actions(&until).await?;
        Ok(jobs
            .iter()
            .map(|job| turn(job.payload, sends.get(&job.payload.send), &verdicts))
            .collect())
    }

    async fn start(tx: &Tx, ticket: &NameSend, _tools: &Tools) -> Result<Option<Permit>, JobError> {
        match tx.start_send(ticket.account, ticket.send).await? {
            Start::Won(started) => Ok(Some(Permit {
                started,
                since: Instant::now(),
            })),
            Start::Refused(why) => {
                tracing::info!(why, "a reservation did not start");
                Ok(None)
            }
        }
    }

    async fn call(look: &Look, permit: Permit) -> CallEnd {
        let shown_at = look.provider.clock();
        // Nothing is awaited between this look at the clock and the call.
        if permit.since.elapsed() > CALL_WITHIN {
            let why = "the worker stood still before the call".to_owned();
            let outcome = Outcome::NotSent { why };
            return CallEnd { outcome, shown_at };
        }
        let outcome = outcome_of(look.provider.send(permit.started).await);
        if let Outcome::Refused { class, .. } = &outcome {
            metrics::counter!("relink_send_refusals_total", "reason" => class.as_str())
                .increment(1);
        }
        CallEnd { outcome, shown_at }
    }

    fn vanished() -> CallEnd {
        let why = "the worker that called did not live to tell".to_owned();
        CallEnd {
            outcome: Outcome::Untold { why },
            shown_at: None,
        }
    }

    async fn facts(tx: &Tx, ticket: &NameSend) -> Result<Option<SettleFacts>, JobError> {
        Ok(tx.settle_facts(ticket.account, ticket.send).await?)
    }

    fn settle(facts: SettleFacts, called: &CallEnd, now: Timestamp) -> Settled {
        let mut settled = settle::settle(&facts, &called.outcome, now);
        let sends = &mut settled.decision.sends;
        if sends
            .settlements
            .iter()
            .any(|it| it.to == SendState::Unknown)
        {
            sends
                .clocks
                .extend(called.shown_at.map(|shown_at| ClockSeen {
                    account: facts.account,
                    send: facts.send,
                    shown_at,
                }));
        }
        settled
    }
}

/// What the rules say of a send.
enum Eligibility {
    /// Ask the database for its capacity.
    Ask(Ask),
    /// Take it back, for this rule; and until when its action is closed.
    Not((AccountId, SendId, String, Option<Closed>)),
    /// It is no longer ours to reserve.
    Past,
}

fn may_go(send: &SendFacts, known: &AsSender, now: Timestamp) -> Eligibility {
    if !matches!(send.state, SendState::Planned | SendState::Reserved) {
        return Eligibility::Past;
    }
    let mut sender = known.sender.clone();
    // A reservation that is taken anew does not keep a distance from itself; the database looks at the others.
    sender.last = sender.last.filter(|last| last.send != send.send);
    let action = send.facts.action;
    match next_instant(&sender, &send.facts, now) {
        Slot::At { at, .. } if at <= now => Eligibility::Ask(Ask {
            account: send.account,
            send: send.send,
            allowance: allowance_of_ours(&sender, &send.facts, now),
            gap: Duration::try_from(gap(&sender, action)).unwrap_or_default(),
            rules_version: known.rules_version,
            closes_at: closes_at(&sender, now),
            job: None,
        }),
        Slot::At { at, rule } => {
            let rule = rule.map_or("later", |rule| rule.as_str());
            let closed = Closed {
                account: send.account,
                action,
                until: at,
                rule,
            };
            Eligibility::Not((send.account, send.send, rule.to_owned(), Some(closed)))
        }
        Slot::Never(reason) => {
            Eligibility::Not((send.account, send.send, reason.as_str().to_owned(), None))
        }
    }
}

fn closed_for_now(facts: &SendFacts, now: Timestamp) -> Closed {
    Closed {
        account: facts.account,
        action: facts.facts.action,
        until: now.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX),
        rule: "refused_by_database",
    }
}

fn turn(
    name: NameSend,
    send: Option<&SendFacts>,
    verdicts: &HashMap<SendId, Verdict>,
) -> Turn<NameSend> {
    match (send.map(|send| send.state), verdicts.get(&name.send)) {
        (_, Some(Verdict::Reserved)) => Turn::Go(name),
        // Whoever began this call is gone, or this job would not be ours.
        (Some(SendState::Sending), _) => Turn::Vanished(name),
        _ => Turn::Over,
    }
}

fn count_denial(rule: &str, action: Action) {
    tracing::info!(
        rule,
        action = action.as_str(),
        "the database refused a reservation"
    );
    let known = known(DENIALS, rule);
    metrics::counter!("relink_send_denials_total", "rule" => known).increment(1);
}
