//! `sends.settle` (R-CAP-6): asks for a look at every unknown outcome that is due for one, and takes up what a dead letter
//! left behind.

use fleet::{Job, JobError, RowCounts, Spec, Sweep};
use jiff::Timestamp;
use policy::decision::{Alert, Decision, NewJob};
use policy::ids::{AccountId, SendId};
use policy::jobs::{NameSend, SENDS_EXECUTE, SENDS_RESOLVE, SENDS_SETTLE, TickShards};
use policy::schedule::{Period, ShardRange};
use policy::sends::SendState;
use policy::sends::call::Outcome;
use policy::sends::resolve::{ResolveFacts, lost_look};
use policy::sends::settle::settle;
use serde_json::json;
use store::sends::NextLook;
use store::{Author, Parts, StoreError, Tx};

/// Sends taken up by one run; what is left is taken up by the next.
const SENDS_MAX: i64 = 5_000;
const ABANDONED: &str = "abandoned";

/// Asks for looks, and takes up what was left behind.
pub(crate) struct SendsSettle;

impl Sweep for SendsSettle {
    const SPEC: Spec = Spec::new(
        SENDS_SETTLE,
        "Asks for a look at every send whose outcome is unknown; takes up sends whose job is a dead letter",
    )
    .every(Period::minutes(5))
    .sharded();
    type Payload = TickShards;

    async fn sweep(tx: &Tx, jobs: &[Job<TickShards>]) -> Result<RowCounts, JobError> {
        let mut swept = RowCounts::default();
        for job in jobs {
            let trace = job.claimed.traceparent.as_deref();
            let (due, asked) = ask_for_looks(tx, job.payload.shards, trace).await?;
            let taken_up = take_up(tx, job.payload.shards, trace).await?;
            swept.seen += due + taken_up;
            swept.changed += asked + taken_up;
        }
        Ok(swept)
    }
}

/// Returns how many are due, and how many of them nobody had asked for yet.
async fn ask_for_looks(
    tx: &Tx,
    shards: ShardRange,
    trace: Option<&str>,
) -> Result<(u64, u64), JobError> {
    let due = tx.unknown_sends(shards, SENDS_MAX).await?;
    let (open, lost): (Vec<_>, Vec<_>) = due
        .into_iter()
        .partition(|one| one.next_look == NextLook::Open);
    let owners: Vec<AccountId> = lost.iter().map(|one| one.facts.account).collect();
    let free = tx.lock_free_accounts(&owners).await?;
    let lost: Vec<_> = lost
        .into_iter()
        .filter(|one| free.contains(&one.facts.account))
        .collect();
    let looks: Vec<NewJob> = open
        .iter()
        .map(|one| new_look(&one.facts, tx.now().at))
        .collect();
    let asked = tx.enqueue(&looks, None, trace).await?;
    // Counted as looks that found nothing: the next one has a name of its own, and is asked for when it is due.
    let noted = lost
        .iter()
        .fold(Decision::nothing(tx.now().at), |noted, one| {
            both(noted, lost_look(&one.facts, tx.now().at))
        });
    tx.apply(&noted, &author(trace)).await?;
    Ok(((open.len() + lost.len()) as u64, asked + lost.len() as u64))
}

fn new_look(facts: &ResolveFacts, now: Timestamp) -> NewJob {
    NewJob {
        kind: SENDS_RESOLVE,
        // The number of looks so far names the next one, however often it is asked for.
        cause: format!("{}:{}#{}", SENDS_RESOLVE.name, facts.send, facts.looks),
        workspace: Some(facts.workspace),
        account: Some(facts.account),
        run_at: now,
        payload: json!(NameSend {
            account: facts.account,
            send: facts.send
        }),
    }
}

fn both(mut one: Decision, other: Decision) -> Decision {
    one.sends.looks.extend(other.sends.looks);
    one.alerts.extend(other.alerts);
    one
}

fn author(trace: Option<&str>) -> Author<'_> {
    Author {
        actor: SENDS_SETTLE.name,
        job: None,
        schedule: None,
        traceparent: trace,
    }
}

/// What was not called is taken back, so that its account goes on; what may have been called is unknown.
async fn take_up(tx: &Tx, shards: ShardRange, trace: Option<&str>) -> Result<u64, JobError> {
    let by = author(trace);
    let mut abandoned = tx.abandoned_sends(shards, SENDS_MAX).await?;
    let owners: Vec<AccountId> = abandoned.iter().map(|(account, _, _)| *account).collect();
    // What somebody else holds is taken up by the next run.
    let free = tx.lock_free_accounts(&owners).await?;
    abandoned.retain(|(account, _, _)| free.contains(account));
    let mut parts = Parts::of(SENDS_SETTLE.name, &abandoned);
    while let Some(some) = tx.next_part(&mut parts).await? {
        let done = take_up_some(tx, some, &by).await;
        tx.end_part(&mut parts, some, done).await?;
    }
    tx.tell_aside(parts, |(_, send, _)| format!("send {send}"))
        .await?;
    Ok(abandoned.len() as u64)
}

async fn take_up_some(
    tx: &Tx,
    abandoned: &[(AccountId, SendId, SendState)],
    by: &Author<'_>,
) -> Result<(), StoreError> {
    let mut uncalled = vec![];
    for &(account, send, state) in abandoned {
        tx.raise(&[Alert {
            code: "send_abandoned",
            subject: format!("send {send}"),
            detail: json!({ "account": account, "state": state.as_str(), "job": SENDS_EXECUTE.name }),
        }])
        .await?;
        if state != SendState::Sending {
            uncalled.push((account, send, ABANDONED.to_owned()));
        } else if let Some(facts) = tx.settle_facts(account, send).await? {
            let why = "its job is a dead letter".to_owned();
            let settled = settle(&facts, &Outcome::Untold { why }, tx.now().at);
            tx.apply(&settled.decision, by).await?;
        }
    }
    tx.cancel_sends(&uncalled, by).await?;
    Ok(())
}
