//! Looking at a session that is to be removed (gate 3), and what follows.

use super::prove::words;
use super::{Basis, GateFacts, LookFacts, REQUEST_AGE_MAX, RemovalStep, Seen, confirmation};
use crate::confirm::Answer;
use crate::decision::{Decision, NewJob};
use crate::ids::{Identity, RemovalId, SessionId};
use crate::jobs::{LookAtRemoval, NameRemoval, REMOVALS_EXECUTE, REMOVALS_LOOK};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// From this decision to the next look. Gate 3 counts from the look's end, which the database stamps a little after
/// the decision; a wait of exactly a minute would fall short of it again and again.
const NEXT_LOOK: SignedDuration = SignedDuration::from_secs(90);

/// One look as it was answered; the database has stamped its start, and stamps its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovalLook {
    /// The removal.
    pub removal: RemovalId,
    /// Its number within the removal.
    pub number: i32,
    /// What was seen.
    pub seen: Seen,
    /// In words: `404 Account not found`, `another identity`.
    pub why: String,
    /// Whether the control answered as it must.
    pub control_good: bool,
    /// What the control answered, in words.
    pub control_why: String,
}

/// The two answers of a look, with the persons behind the sessions where they told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedAt {
    /// The session's answer, and the person behind it.
    pub session: (Answer, Option<Identity>),
    /// The control, its answer and the person behind it; none: no session is known good.
    pub control: Option<(SessionId, Answer, Option<Identity>)>,
}

/// What is known when a look has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct AfterLook {
    /// The removal.
    pub removal: RemovalId,
    /// This look's number.
    pub number: i32,
    /// When the removal was asked for.
    pub requested_at: Timestamp,
    /// The gates' facts as they were before this look ended: `looks` has this one without its end.
    pub facts: GateFacts,
    /// What was answered.
    pub looked: LookedAt,
}

/// Records the look and says how it goes on: another look at least a minute after this one, the attempt itself once
/// three in a row count, or the end of the removal.
///
/// A look that has ended already, or that newer ones have overtaken, decides nothing: it was delivered twice.
pub fn after_look(known: &AfterLook, now: Timestamp) -> Decision {
    let mut decision = Decision::nothing(now);
    let is_open = |it: &&LookFacts| it.number == known.number && it.finished_at.is_none();
    let Some(look) = known.facts.looks.iter().find(is_open) else {
        return decision;
    };
    let seen = as_recorded(known, look);
    let facts = with_its_end(&known.facts, &seen, now);
    let why = given_up(known, &facts, &seen);
    decision.removals.steps.push(RemovalStep::Looked(seen));
    if let Some(why) = why {
        decision.removals.steps.push(RemovalStep::Withdrawn {
            removal: known.removal,
            why,
        });
    } else if confirmation::refusal(&facts).is_none() {
        decision.jobs.push(execute_job(known.removal, now));
    } else {
        let run_at = now.checked_add(NEXT_LOOK).unwrap_or(Timestamp::MAX);
        let number = known.number.saturating_add(1);
        decision.jobs.push(look_job(known.removal, number, run_at));
    }
    decision
}

/// The same number is the same job.
fn look_job(removal: RemovalId, number: i32, run_at: Timestamp) -> NewJob {
    NewJob {
        kind: REMOVALS_LOOK,
        cause: format!("{}@{removal}/{number}", REMOVALS_LOOK.name),
        workspace: None,
        account: None,
        run_at,
        payload: json!(LookAtRemoval { removal, number }),
    }
}

/// One removal is one attempt, however often it is asked for.
fn execute_job(removal: RemovalId, run_at: Timestamp) -> NewJob {
    NewJob {
        kind: REMOVALS_EXECUTE,
        cause: format!("{}@{removal}", REMOVALS_EXECUTE.name),
        workspace: None,
        account: None,
        run_at,
        payload: json!(NameRemoval { removal }),
    }
}

fn as_recorded(known: &AfterLook, look: &LookFacts) -> RemovalLook {
    let control = known.looked.control.as_ref();
    let (seen, why) = match known.facts.basis {
        Basis::Case { .. } => of_a_case(&known.looked.session.0),
        Basis::Warrant { .. } => of_a_warrant(&known.looked, look),
    };
    RemovalLook {
        removal: known.removal,
        number: known.number,
        seen,
        why,
        control_good: control.is_some_and(|(control, answer, _)| {
            Some(control) == look.control.as_ref() && *answer == Answer::Present
        }),
        control_why: control.map_or("no control", |it| words(&it.1)).to_owned(),
    }
}

fn of_a_case(answer: &Answer) -> (Seen, String) {
    match answer {
        Answer::Gone => (Seen::Gone, words(answer).to_owned()),
        Answer::Present => (Seen::Present, "the session answers".to_owned()),
        Answer::Inconclusive { why } => (Seen::Inconclusive, why.clone()),
    }
}

fn of_a_warrant(looked: &LookedAt, look: &LookFacts) -> (Seen, String) {
    let (answer, identity) = &looked.session;
    let (seen, why) = match (answer, &looked.control) {
        (Answer::Inconclusive { why }, _) => (Seen::Inconclusive, why.as_str()),
        (Answer::Gone, _) => (Seen::Gone, "the session is gone"),
        (Answer::Present, None) => (Seen::Present, "it is the duplicate of no linked session"),
        (Answer::Present, Some(_)) if !look.control_linked => {
            (Seen::Present, "the control is not linked")
        }
        (Answer::Present, Some((_, Answer::Present, twin))) => {
            same_person(identity.as_ref(), twin.as_ref())
        }
        (Answer::Present, Some(_)) => (Seen::Inconclusive, "the control does not answer"),
    };
    (seen, why.to_owned())
}

fn same_person(one: Option<&Identity>, twin: Option<&Identity>) -> (Seen, &'static str) {
    match (one, twin) {
        (Some(one), Some(twin)) if one == twin => (Seen::Duplicate, "the control's identity"),
        (Some(_), Some(_)) => (Seen::Present, "another identity than the control's"),
        _ => (Seen::Inconclusive, "nobody told whose session it is"),
    }
}

/// The facts as the database will have them once this look has ended.
fn with_its_end(facts: &GateFacts, seen: &RemovalLook, now: Timestamp) -> GateFacts {
    let mut facts = facts.clone();
    facts.at = now;
    for look in &mut facts.looks {
        if look.number == seen.number {
            look.finished_at = Some(now);
            look.seen = Some(seen.seen);
            look.control_good = seen.control_good;
        }
    }
    facts
}

/// Why no further look can confirm it.
fn given_up(known: &AfterLook, facts: &GateFacts, seen: &RemovalLook) -> Option<String> {
    let contradicts = match facts.basis {
        Basis::Case { .. } => seen.seen == Seen::Present,
        Basis::Warrant { .. } => matches!(seen.seen, Seen::Present | Seen::Gone),
    };
    if contradicts {
        return Some(seen.why.clone());
    }
    let age = facts.at.duration_since(known.requested_at);
    let too_old = format!("not confirmed within {REQUEST_AGE_MAX:#}");
    confirmation::basis(facts).or_else(|| (age > REQUEST_AGE_MAX).then_some(too_old))
}

#[cfg(test)]
mod tests;
