//! `sends.dispatch` (R-CAP-4, R-HEAL-4, R-TPL-1): plans the next send of each account that may send.

use fleet::{Job, JobError, RowCounts, Spec, Sweep};
use jiff::{SignedDuration, Timestamp};
use policy::decision::NewJob;
use policy::ids::{AccountId, EnrollmentId, SendId};
use policy::jobs::{
    CompareInvitations, NameSend, SENDS_COMPARE, SENDS_DISPATCH, SENDS_EXECUTE, TickShards,
};
use policy::schedule::Period;
use policy::sends::Action;
use policy::sends::by_hand::look_at;
use policy::sends::decided::Closed;
use policy::sends::dispatch::{Offer, choose};
use policy::sends::set_aside::{SetAsides, StopCause};
use policy::templates::render;
use policy::templates::render::{Fault, Stop};
use serde_json::json;
use std::collections::HashMap;
use store::Tx;
use store::sends::{Cursor, NewPlan, Page, PlanVerdict, StepFacts};

/// What comes due until the next tick is planned in this one.
const HORIZON: SignedDuration = SignedDuration::from_mins(1);
/// Accounts looked at together; bounds the memory of a run, whatever the fleet's size (R-WAT-1).
const ACCOUNTS_PER_PAGE: i64 = 1_000;
/// People of one account that one run may stop before it leaves the account to the next.
const STOPS_MAX: usize = 16;
/// An action rests this long whose next row can be neither planned nor stopped: what waits behind it is looked at again.
const STUCK: SignedDuration = SignedDuration::from_mins(15);

/// Walks through the accounts of a range and plans.
pub(crate) struct SendsDispatch;

impl Sweep for SendsDispatch {
    const SPEC: Spec = Spec::new(
        SENDS_DISPATCH,
        "Plans the next send of each account that may send: campaigns take turns, the oldest due goes first",
    )
    .every(Period::minutes(1))
    .sharded();
    type Payload = TickShards;

    async fn sweep(tx: &Tx, jobs: &[Job<TickShards>]) -> Result<RowCounts, JobError> {
        let mut swept = RowCounts::default();
        let mut asides = SetAsides::default();
        for job in jobs {
            let mut after = Some(Cursor::START);
            while let Some(cursor) = after {
                let page = tx
                    .offers(job.payload.shards, cursor, HORIZON, ACCOUNTS_PER_PAGE)
                    .await?;
                after = page.next;
                swept.seen += page.accounts.len() as u64;
                let trace = job.claimed.traceparent.as_deref();
                swept.changed += plan_page(tx, page, &mut asides, trace).await?;
            }
        }
        tx.raise(&asides.alerts()).await?;
        Ok(swept)
    }
}

/// A choice of the rules, until the database has answered.
struct Chosen {
    plan: NewPlan,
    facts: StepFacts,
    stop: Option<Stop>,
}

/// Returns how many sends it planned. Who cannot be planned stops, and the next in line is offered.
async fn plan_page(
    tx: &Tx,
    mut page: Page,
    asides: &mut SetAsides,
    trace: Option<&str>,
) -> Result<u64, JobError> {
    let mut planned = 0;
    for _ in 0..STOPS_MAX {
        for (account, why) in &page.unreadable {
            asides.account(*account, why.clone());
        }
        let chosen = choose_texts(tx, page).await?;
        let Planned {
            jobs,
            compares,
            again,
        } = plan(tx, chosen, asides).await?;
        tx.enqueue(&jobs, None, trace).await?;
        tx.enqueue(&compares, None, trace).await?;
        planned += jobs.len() as u64;
        if again.is_empty() {
            break;
        }
        page = tx.offers_of(&again, HORIZON).await?;
    }
    Ok(planned)
}

/// Whose turn it is, with what is said to them; closes the actions that may not go.
async fn choose_texts(tx: &Tx, page: Page) -> Result<Vec<Chosen>, JobError> {
    let now = tx.now().at;
    let mut slots: HashMap<EnrollmentId, Timestamp> = HashMap::new();
    let mut closed: Vec<Closed> = vec![];
    for (known, offered) in page.accounts {
        let (enrollments, offers): (Vec<EnrollmentId>, Vec<Offer>) = offered
            .into_iter()
            .map(|one| (one.enrollment, Offer { facts: one.facts }))
            .unzip();
        let choice = choose(&known.sender, &offers, now, HORIZON);
        closed.extend(choice.closed);
        slots.extend(
            choice
                .plan
                .map(|plan| (enrollments[plan.candidate], plan.at)),
        );
    }
    tx.close_actions(&closed).await?;
    let wanted: Vec<EnrollmentId> = slots.keys().copied().collect();
    let facts = tx.step_facts(&wanted).await?;
    let chosen = facts
        .into_iter()
        .filter_map(|facts| Some(chosen(*slots.get(&facts.enrollment)?, facts)));
    Ok(chosen.collect())
}

fn chosen(slot: Timestamp, facts: StepFacts) -> Chosen {
    let (texts, stop) = match facts.said.as_ref().map(render::texts) {
        Ok(Ok(texts)) => (Ok(texts), None),
        Ok(Err(stop)) => (Err(stop.to_string()), Some(stop)),
        Err(why) => (Err(format!("cannot be read: {why}")), None),
    };
    Chosen {
        plan: NewPlan::of(&facts, slot, texts),
        facts,
        stop,
    }
}

/// What came of a round.
#[derive(Default)]
struct Planned {
    jobs: Vec<NewJob>,
    /// Looks for what was done by hand.
    compares: Vec<NewJob>,
    /// Accounts whose turn was lost to somebody who stopped.
    again: Vec<AccountId>,
}

async fn plan(tx: &Tx, chosen: Vec<Chosen>, asides: &mut SetAsides) -> Result<Planned, JobError> {
    let plans: Vec<NewPlan> = chosen.iter().map(|one| one.plan.clone()).collect();
    let verdicts: HashMap<SendId, PlanVerdict> = tx.plan(&plans).await?.into_iter().collect();
    if verdicts.len() < plans.len() {
        tracing::info!(
            left = plans.len() - verdicts.len(),
            "enrollments moved on before they were planned"
        );
    }
    let mut came = Planned::default();
    let mut stuck: Vec<Closed> = vec![];
    for one in chosen {
        let Some(verdict) = verdicts.get(&one.plan.send) else {
            continue;
        };
        match verdict {
            PlanVerdict::Planned => {
                let slot = one.plan.slot.max(tx.now().at);
                came.jobs.push(execute_job(&one, slot));
                came.compares.extend(compare_job(&one, tx.now().at));
                continue;
            }
            PlanVerdict::Stopped(why) if one.facts.said.is_ok() => {
                let cause = cause(one.stop.as_ref());
                asides.stop(one.facts.campaign, cause, why.clone());
            }
            PlanVerdict::Stopped(why) | PlanVerdict::SetAside(why) => {
                asides.account(one.facts.account, why.clone());
            }
            PlanVerdict::Stuck(why) => {
                asides.account(one.facts.account, why.clone());
                stuck.extend(rest(&one, tx.now().at));
            }
        }
        came.again.push(one.facts.account);
    }
    tx.close_actions(&stuck).await?;
    Ok(came)
}

fn cause(stop: Option<&Stop>) -> StopCause {
    match stop.map(Stop::fault) {
        Some(Fault::Step) => StopCause::Step,
        // Without a reason of the rules, the step was sent already.
        Some(Fault::Person) | None => StopCause::Person,
    }
}

fn rest(stuck: &Chosen, now: Timestamp) -> Option<Closed> {
    let action = stuck.facts.said.as_ref().ok()?.action;
    Some(Closed {
        account: stuck.facts.account,
        action,
        until: now.checked_add(STUCK).unwrap_or(Timestamp::MAX),
        rule: "row_set_aside",
    })
}

fn execute_job(planned: &Chosen, slot: Timestamp) -> NewJob {
    let (account, send): (AccountId, SendId) = (planned.facts.account, planned.plan.send);
    NewJob {
        kind: SENDS_EXECUTE,
        cause: format!("sends.execute:{send}"),
        workspace: Some(planned.facts.workspace),
        account: Some(account),
        run_at: slot,
        payload: json!(NameSend { account, send }),
    }
}

/// Whoever is about to invite is looked at first, once a day: what was invited by hand counts (R-CAP-10).
fn compare_job(planned: &Chosen, now: Timestamp) -> Option<NewJob> {
    let said = planned.facts.said.as_ref().ok();
    said.filter(|said| said.action == Action::Invite)?;
    let account = planned.facts.account;
    let day = now.strftime("%Y-%m-%d");
    Some(NewJob {
        kind: SENDS_COMPARE,
        cause: format!("{}:{account}@{day}", SENDS_COMPARE.name),
        workspace: Some(planned.facts.workspace),
        account: Some(account),
        run_at: look_at(account, now),
        payload: json!(CompareInvitations { account }),
    })
}
