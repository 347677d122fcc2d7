use super::super::samples::{HOUR, NANOSECOND, case, plus, spoil, warrant};
use super::super::{Basis, Seen};
use super::*;
use crate::samples::{at, session_id};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

/// What that gate says.
fn verdict(facts: &GateFacts, gate: Gate) -> Verdict {
    let [verdict] = judge(facts)
        .into_iter()
        .filter(|it| it.gate == gate)
        .collect::<Vec<_>>()
        .try_into()
        .expect("one verdict a gate");
    verdict
}

/// Exactly this gate refuses, or none does.
#[track_caller]
fn check(facts: &GateFacts, gate: Gate, passes: bool) {
    let refusing = if passes { vec![] } else { vec![gate] };
    assert_eq!(refused(facts), refusing);
}

#[track_caller]
fn check_words(facts: &GateFacts, gate: Gate, value: &str, refusal: Option<&str>) {
    let said = verdict(facts, gate);
    assert_eq!(
        (said.value.as_str(), said.refusal.as_deref()),
        (value, refusal)
    );
}

#[test]
fn r_del_1_of_64_combinations_of_the_gates_exactly_one_lets_pass() {
    for facts in [case(), warrant()] {
        let mut passed = 0;
        for combination in 0..64_u32 {
            let broken: Vec<Gate> = (0..)
                .zip(Gate::ALL)
                .filter(|(bit, _)| combination & (1 << bit) != 0)
                .map(|(_, gate)| gate)
                .collect();
            let mut facts = facts.clone();
            for gate in &broken {
                spoil(&mut facts, *gate);
            }
            assert_eq!(refused(&facts), broken, "combination {combination}");
            passed += u32::from(broken.is_empty());
        }
        assert_eq!(passed, 1);
    }
}

#[test]
fn r_del_1_the_verdicts_are_six_and_in_the_order_of_the_specification() {
    assert_eq!(judge(&case()).map(|verdict| verdict.gate), Gate::ALL);
}

#[test]
fn the_gates_words_are_those_of_the_database() {
    let words = ["switch", "sanity", "confirmation", "cap", "flag", "audit"];
    assert_eq!(Gate::ALL.map(Gate::as_str), words);
    assert_eq!(json!(Gate::ALL), json!(words));
}

#[test]
fn r_del_1_the_kill_switch_stops_alone() {
    check_words(&case(), Gate::Switch, "on", None);
    let mut off = case();
    spoil(&mut off, Gate::Switch);
    check(&off, Gate::Switch, false);
    let why = "the process's kill switch is off (RELINK_REMOVALS_ENABLED is not `true`)";
    check_words(&off, Gate::Switch, "off", Some(why));
}

#[test]
fn r_del_1_the_sanity_threshold_is_exact_at_each_boundary() {
    for (suspects, fleet, passes) in [
        (5, 20, true),
        (6, 24, false),
        (5, 21, true),
        (5, 19, false),
        (5, i64::MAX, true),
        (6, i64::MAX, false),
        (1, 3, false),
        (1, 4, true),
        (2, 8, true),
        (2, 7, false),
        (1, 0, false),
        (0, 0, false),
        (0, -1, false),
        (0, 1, true),
        (i64::MAX, i64::MAX, false),
    ] {
        let facts = GateFacts {
            fleet,
            suspects,
            ..case()
        };
        check(&facts, Gate::Sanity, passes);
    }
    check_words(&case(), Gate::Sanity, "1 suspects of 100 in 24 h", None);
    let large = |fleet| GateFacts { fleet, ..case() };
    let value = "1 suspects of more than 1000 in 24 h";
    check_words(&large(1_001), Gate::Sanity, value, None);
    let value = "1 suspects of 1000000 in 24 h";
    check_words(&large(1_000_000), Gate::Sanity, value, None);
    let value = "0 suspects of 0 in 24 h";
    let empty = GateFacts {
        suspects: 0,
        fleet: 0,
        ..case()
    };
    let why = "no account is linked: the fleet cannot be judged";
    check_words(&empty, Gate::Sanity, value, Some(why));
}

#[test]
fn r_del_1_the_latch_stops_until_a_person_clears_it() {
    let latch = Some("the clock went back".to_owned());
    let facts = GateFacts { latch, ..case() };
    check(&facts, Gate::Sanity, false);
    let why = "the latch is set until a person clears it: the clock went back";
    assert_eq!(verdict(&facts, Gate::Sanity).refusal.as_deref(), Some(why));
}

#[test]
fn r_del_1_gate_3_speaks_of_the_looks() {
    check_words(&case(), Gate::Confirmation, "3 of 3 looks", None);
    let mut facts = case();
    facts.looks[2].seen = Some(Seen::Present);
    let why = "look 1: it saw present and not gone";
    check_words(&facts, Gate::Confirmation, "2 of 3 looks", Some(why));
}

#[test]
fn r_del_1_the_cap_is_three_and_nonsense_is_no_permission() {
    for (intents, passes) in [
        (0, true),
        (2, true),
        (3, false),
        (4, false),
        (-1, false),
        (i64::MIN, false),
        (i64::MAX, false),
    ] {
        check(&GateFacts { intents, ..case() }, Gate::Cap, passes);
    }
    let two = GateFacts {
        intents: 2,
        ..case()
    };
    check_words(&two, Gate::Cap, "2 of 3 in 24 h", None);
    let three = GateFacts {
        intents: 3,
        ..case()
    };
    let why = "3 removals a day are the most: wait until the oldest of them is a day old";
    check_words(&three, Gate::Cap, "3 of 3 in 24 h", Some(why));
    let negative = GateFacts {
        intents: -1,
        ..case()
    };
    let why = "the count of removals makes no sense";
    check_words(&negative, Gate::Cap, "-1 of 3 in 24 h", Some(why));
}

/// The flag from and until those instants; judged at 123.
fn flagged(enabled_at: Timestamp, ends_at: Timestamp, by: &str) -> GateFacts {
    let by = by.to_owned();
    let flag = Some(FlagFacts {
        enabled_at,
        ends_at,
        by,
    });
    GateFacts { flag, ..case() }
}

#[test]
fn r_del_1_the_flag_is_a_named_operators_and_lives_four_hours_at_most() {
    let now = at(123);
    for (from, until, by, passes) in [
        (now, plus(now, NANOSECOND), "anna", true),
        (plus(now, NANOSECOND), at(200), "anna", false),
        (at(0), now, "anna", false),
        (at(0), plus(now, -NANOSECOND), "anna", false),
        (at(0), at(4 * HOUR), "anna", true),
        (at(0), plus(at(4 * HOUR), NANOSECOND), "anna", false),
        (at(0), at(HOUR), "", false),
        (at(0), at(HOUR), " \t", false),
    ] {
        check(&flagged(from, until, by), Gate::Flag, passes);
    }
}

#[test]
fn r_del_1_the_flag_says_until_when() {
    let (from, until) = (at(-HOUR), at(HOUR));
    let value = format!("enabled by anna from {from} until {until}");
    check_words(&case(), Gate::Flag, &value, None);
    let off = GateFacts {
        flag: None,
        ..case()
    };
    check_words(&off, Gate::Flag, "off", Some("nobody has enabled the flag"));
    for (from, until, by, why) in [
        (
            at(124),
            at(125),
            "anna",
            format!("the flag is not enabled before {}", at(124)),
        ),
        (
            at(0),
            at(100),
            "anna",
            format!("the flag ended at {}", at(100)),
        ),
        (
            at(0),
            at(5 * HOUR),
            "anna",
            "the flag lives longer than 4h".to_owned(),
        ),
        (
            at(0),
            at(HOUR),
            "",
            "the flag names nobody who enabled it".to_owned(),
        ),
    ] {
        let said = verdict(&flagged(from, until, by), Gate::Flag);
        assert_eq!(said.refusal, Some(why));
    }
}

#[test]
fn r_del_1_one_missing_guard_of_the_record_stops() {
    check_words(&case(), Gate::Audit, "the record's guards stand", None);
    let guards = vec!["one".to_owned(), "two".to_owned()];
    let facts = GateFacts { guards, ..case() };
    check(&facts, Gate::Audit, false);
    let why = "the record is not guarded: one, two";
    check_words(&facts, Gate::Audit, "2 guards down", Some(why));
}

proptest! {
    /// The six gates once more, said in another way.
    #[test]
    fn r_del_1_whatever_the_facts_only_all_six_together_let_pass(
        switch in prop::bool::weighted(0.9), latch in prop::option::weighted(0.1, Just("tripped".to_owned())),
        fleet in -1_i64..30, suspects in 0_i64..8, confirmed in prop::bool::weighted(0.9),
        same_session in prop::bool::weighted(0.9), awaited in prop::bool::weighted(0.1),
        linked in prop::sample::select(vec![Some("missing"), Some("missing"), Some("connected"), None]),
        spacing in prop::collection::vec(58_i64..70, 2), age in 0_i64..4_000, spoilt in 0_usize..9,
        intents in -1_i64..5, from in -200_i64..130, life in 0_i64..15_000, guard in prop::bool::weighted(0.1),
    ) {
        let newest = 123 - age;
        let starts = [newest - 1, newest - 2 - spacing[0], newest - 3 - spacing[0] - spacing[1]];
        let mut facts = GateFacts {
            switch, latch, fleet, suspects, awaited, intents,
            basis: Basis::Case { confirmed, same_session },
            linked: linked.map(str::to_owned),
            guards: Vec::from_iter(guard.then(|| "down".to_owned())),
            ..flagged(at(from), at(from + life), "anna")
        };
        for (look, start) in facts.looks.iter_mut().zip(starts) {
            look.started_at = at(start);
            look.finished_at = Some(at(start + 1));
        }
        if let Some(look) = facts.looks.get_mut(spoilt) {
            look.control = Some(session_id(1));
        }
        let rules = [
            facts.switch,
            facts.latch.is_none() && fleet >= 1 && suspects <= 5 && 4 * suspects <= fleet,
            confirmed && same_session && !awaited && linked == Some("missing") && spoilt >= 3
                && spacing.iter().all(|it| *it >= 60) && age <= HOUR,
            intents == 0 || intents == 1 || intents == 2,
            from <= 123 && 123 < from + life && life <= 4 * HOUR,
            !guard,
        ];
        let expected: Vec<Gate> = Gate::ALL.into_iter().zip(rules).filter(|it| !it.1).map(|it| it.0).collect();
        prop_assert_eq!(refused(&facts), expected);
    }
}
