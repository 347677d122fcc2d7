use super::*;
use crate::confirm::{Answer, Poll};
use crate::duplicates::{Listing, any_listing, known};
use crate::ids::{CaseId, SessionId};
use crate::samples::at;
use proptest::prelude::*;
use uuid::Uuid;

const MINUTE: i64 = 60;

fn state(every_s: i64) -> DutyState {
    DutyState {
        duty: "some.duty".to_owned(),
        every: SignedDuration::from_secs(every_s),
        counted_from: at(0),
        conclusive_at: None,
        tried_at: None,
        inconclusive: 0,
        note: None,
        is_held: false,
        alerted_at: None,
    }
}

#[test]
fn r_wat_5_a_duty_is_blind_after_three_periods_and_five_minutes() {
    // Period, last conclusive run, counted from, held, first blind second.
    let cases = [
        (5 * MINUTE, None, 0, false, Some(20 * MINUTE + 1)),
        (MINUTE, None, 0, false, Some(8 * MINUTE + 1)),
        (
            6 * 60 * MINUTE,
            None,
            0,
            false,
            Some((18 * 60 + 5) * MINUTE + 1),
        ),
        (5 * MINUTE, Some(600), 0, false, Some(600 + 20 * MINUTE + 1)),
        // Paused until then: the count begins anew, however old the last run is.
        (
            5 * MINUTE,
            Some(600),
            90_000,
            false,
            Some(90_000 + 20 * MINUTE + 1),
        ),
        (
            5 * MINUTE,
            Some(90_600),
            90_000,
            false,
            Some(90_600 + 20 * MINUTE + 1),
        ),
        (5 * MINUTE, Some(600), 0, true, None),
    ];
    for (every, conclusive, counted, held, first) in cases {
        let duty = DutyState {
            conclusive_at: conclusive.map(at),
            counted_from: at(counted),
            is_held: held,
            ..state(every)
        };
        let blind = |second: i64| duty.is_blind(at(second), 1.0);
        let case = (every, conclusive, counted, held);
        match first {
            Some(first) => assert_eq!((blind(first - 1), blind(first)), (false, true), "{case:?}"),
            None => assert!(!blind(1_000_000), "{case:?}"),
        }
    }
}

#[test]
fn r_wat_5_a_faster_clock_leaves_machines_thirty_seconds() {
    let duty = state(MINUTE);
    for (rate, first) in [
        (1.0, 481),
        (10.0, 481),
        (60.0, 180 + 1_801),
        (120.0, 180 + 3_601),
    ] {
        let blind = |second: i64| duty.is_blind(at(second), rate);
        assert_eq!((blind(first - 1), blind(first)), (false, true), "{rate}");
    }
}

#[test]
fn r_wat_5_three_runs_in_a_row_prove_it_before_the_slack() {
    // Period in minutes, runs that could decide nothing, second, held, whether operators are told; by a leader that is new,
    // and at any rate.
    let cases = [
        (5, 3, 15 * MINUTE + 1, false, true),
        (5, 3, 15 * MINUTE, false, false),
        (5, 2, 15 * MINUTE + 1, false, false),
        (5, 3, 15 * MINUTE + 1, true, false),
        (1, 7, 7 * MINUTE, false, false),
    ];
    for (period, inconclusive, second, is_held, told) in cases {
        let duty = DutyState {
            inconclusive,
            is_held,
            note: Some("GET /accounts: answered 503".to_owned()),
            ..state(period * MINUTE)
        };
        for rate in [None, Some(1.0), Some(120.0)] {
            let alerts = blind_alerts(std::slice::from_ref(&duty), at(second), rate);
            assert_eq!(
                !alerts.is_empty(),
                told,
                "{period} {inconclusive} {second} {rate:?}"
            );
        }
    }
    let silent = state(5 * MINUTE);
    assert_eq!(blind_alerts(&[silent], at(1_000_000), None), []);
}

#[test]
fn r_wat_5_operators_are_told_at_once_and_once_a_period() {
    let now = at(100_000);
    // Conclusive, told, whether it is told now.
    let cases = [
        (None, None, true),
        (None, Some(100_000 - 299), false),
        (None, Some(100_000 - 300), true),
        // Told of an earlier blindness: between the two it saw.
        (Some(98_000), Some(97_999), true),
        (Some(98_000), Some(99_900), false),
        (Some(99_999), None, false),
    ];
    for (conclusive, told, due) in cases {
        let duty = DutyState {
            conclusive_at: conclusive.map(at),
            alerted_at: told.map(at),
            inconclusive: 4,
            note: Some("GET /accounts: answered 503".to_owned()),
            ..state(5 * MINUTE)
        };
        let alerts = blind_alerts(&[duty], now, Some(1.0));
        assert_eq!(!alerts.is_empty(), due, "{conclusive:?} {told:?}");
        for alert in alerts {
            assert_eq!(
                (alert.code, alert.subject.as_str()),
                ("duty_blind", "some.duty")
            );
            let why = alert.detail["why"].as_str().expect("a reason");
            assert!(
                why.contains("answered 503") && why.contains("4 times"),
                "{why}"
            );
        }
    }
}

proptest! {
    #[test]
    fn r_wat_5_a_conclusive_run_and_a_pause_never_make_a_duty_blind(
        every in 1_i64..90_000, counted in 0_i64..200_000, conclusive in proptest::option::of(0_i64..200_000), now in 0_i64..400_000
    ) {
        let duty = DutyState { conclusive_at: conclusive.map(at), counted_from: at(counted), ..state(every) };
        let later = DutyState { conclusive_at: Some(at(conclusive.unwrap_or(0) + 100)), ..duty.clone() };
        prop_assert!(duty.is_blind(at(now), 1.0) || !later.is_blind(at(now), 1.0));
        let held = DutyState { is_held: true, ..duty.clone() };
        prop_assert!(!held.is_blind(at(now), 1.0));
        let lifted = DutyState { counted_from: at(now), ..duty };
        prop_assert!(!lifted.is_blind(at(now), 1.0));
    }
}

fn no(why: &str) -> Answer {
    Answer::Inconclusive {
        why: why.to_owned(),
    }
}

#[test]
fn r_wat_5_a_poll_that_tells_nothing_is_inconclusive() {
    let away = || no("503");
    let cases = [
        (Answer::Present, Answer::Present, None),
        (Answer::Present, away(), None),
        (Answer::Gone, Answer::Present, None),
        (Answer::Gone, Answer::Gone, Some("control")),
        (
            Answer::Gone,
            no("no session is known good"),
            Some("known good"),
        ),
        (away(), Answer::Present, Some("503")),
        (away(), away(), Some("503")),
    ];
    for (answer, control_answer, note) in cases {
        let poll = Poll {
            case: CaseId(Uuid::nil()),
            number: 1,
            started_at: at(0),
            finished_at: at(1),
            answer,
            control: Some(SessionId("s".to_owned())),
            control_answer,
        };
        is(&of_poll(&poll), note);
    }
}

#[test]
fn r_wat_5_without_a_listing_of_now_nobody_can_look_for_sessions() {
    let listing = |age_s: i64, is_whole| Listing {
        listed_at: at(100_000 - age_s),
        is_whole,
    };
    let cases = [
        (None, Some("never listed")),
        (Some(listing(15 * MINUTE, true)), None),
        (
            Some(listing(15 * MINUTE + 1, true)),
            Some("newest complete listing is of"),
        ),
        (Some(listing(MINUTE, false)), Some("not whole")),
    ];
    for (newest, note) in cases {
        is(
            &of_outcome(DUPLICATES_WATCH, &known(newest, at(100_000))),
            note,
        );
        // Items without a name hide nothing from those who only look for what is there.
        let note = note.filter(|part| *part != "not whole");
        is(
            &of_outcome(ORPHANS_WATCH, &any_listing(newest, at(100_000))),
            note,
        );
    }
}

#[test]
fn r_wat_5_looks_that_fail_and_guards_that_nobody_judged_are_inconclusive() {
    is(&of_look(None), None);
    is(&of_look(Some("answered 503".to_owned())), Some("503"));
    is(&of_guards(None), None);
    is(&of_guards(Some("newer".to_owned())), Some("newer"));
}

#[track_caller]
fn is(found: &DutyVerdict, note: Option<&str>) {
    match (&found.verdict, note) {
        (Verdict::Conclusive, None) => {}
        (Verdict::Inconclusive { note }, Some(part)) if note.contains(part) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_duty_needs_itself_and_what_it_looks_at() {
    let names = |kind| needs(kind).iter().map(|it| it.name).collect::<Vec<_>>();
    assert_eq!(
        names(STATUS_WATCH),
        ["status.watch", "status.compare", "status.apply"]
    );
    assert_eq!(names(ORPHANS_WATCH), ["orphans.watch", "status.watch"]);
    assert_eq!(names(SENDS_SETTLE), ["sends.settle", "sends.resolve"]);
    assert_eq!(names(CONFIRM_POLL), ["confirm.poll"]);
}
