//! Facts for tests: a removal that all six gates let pass, and how to spoil each.

use super::{Basis, FlagFacts, Gate, GateFacts, LookFacts, RemovalChanges, RemovalStep, Seen};
use crate::decision::{Decision, NewJob};
use crate::ids::RemovalId;
use crate::samples::{at, session_id};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub(super) const REMOVAL: RemovalId = RemovalId(Uuid::from_u128(5));
pub(super) const HOUR: i64 = 3_600;
pub(super) const NANOSECOND: SignedDuration = SignedDuration::from_nanos(1);

/// That look, begun at that second and ended one later.
pub(super) fn look(number: i32, start: i64, seen: Seen) -> LookFacts {
    LookFacts {
        number,
        started_at: at(start),
        finished_at: Some(at(start + 1)),
        seen: Some(seen),
        control: Some(session_id(2)),
        control_good: true,
        control_linked: true,
        by_worker: true,
    }
}

/// A case of session 1 whose third look ended at 123; judged at 123.
pub(super) fn case() -> GateFacts {
    GateFacts {
        at: at(123),
        session: session_id(1),
        switch: true,
        latch: None,
        fleet: 100,
        suspects: 1,
        basis: Basis::Case {
            confirmed: true,
            same_session: true,
        },
        linked: Some("missing".to_owned()),
        awaited: false,
        looks: looks(Seen::Gone),
        intents: 0,
        flag: Some(FlagFacts {
            enabled_at: at(-HOUR),
            ends_at: at(HOUR),
            by: "anna".to_owned(),
        }),
        guards: vec![],
    }
}

/// The same for a warrant that was issued at 0.
pub(super) fn warrant() -> GateFacts {
    GateFacts {
        basis: Basis::Warrant {
            same_session: true,
            issued_by: "anna".to_owned(),
            issued_at: at(0),
            approved_by: Some("ben".to_owned()),
            ends_at: at(HOUR),
            revoked: false,
        },
        linked: None,
        looks: looks(Seen::Duplicate),
        ..case()
    }
}

fn looks(seen: Seen) -> Vec<LookFacts> {
    vec![look(3, 122, seen), look(2, 61, seen), look(1, 0, seen)]
}

/// Makes one gate refuse and leaves the five others alone.
pub(super) fn spoil(facts: &mut GateFacts, gate: Gate) {
    match gate {
        Gate::Switch => facts.switch = false,
        Gate::Sanity => facts.suspects = 6,
        Gate::Confirmation => facts.looks[1].control_good = false,
        Gate::Cap => facts.intents = 3,
        Gate::Flag => facts.flag = None,
        Gate::Audit => facts.guards = vec!["trigger chain on relink.account_audit".to_owned()],
    }
}

/// What a decision does to removals, and asks for.
pub(super) fn done(decision: &Decision) -> (&[RemovalStep], &[NewJob]) {
    let rest = Decision {
        removals: RemovalChanges::default(),
        jobs: vec![],
        alerts: vec![],
        ..decision.clone()
    };
    assert_eq!(rest, Decision::nothing(decision.at), "nothing else");
    (&decision.removals.steps, &decision.jobs)
}

/// A moment later; earlier if negative.
pub(super) fn plus(instant: Timestamp, more: SignedDuration) -> Timestamp {
    let sum = instant.checked_add(more);
    sum.expect("tests stay within the years of a timestamp")
}
