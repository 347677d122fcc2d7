use super::*;
use crate::samples::account;
use crate::sends::caps::{OwnCaps, in_force};
use crate::sends::dispatch::{Offer, choose};
use crate::sends::explain::{answer, lines};
use crate::sends::samples::{hours, invites, outage, plus, sender, when};
use crate::sends::sender::{Caps, Sender};
use crate::sends::slot::{
    Slot, allowance_now, allowance_of_ours, next_instant, used, used_by_hand,
};
use proptest::prelude::*;

fn now() -> Timestamp {
    when("2026-11-24T12:00:00Z")
}

/// So many, a minute apart, the newest that long ago; oldest first.
fn ago(number: i64, hours_ago: i64) -> Vec<Timestamp> {
    let one = |nth: i64| plus(now(), SignedDuration::from_mins(-60 * hours_ago - nth));
    (0..number).rev().map(one).collect()
}

fn facts(day: u32, week: u32, counted: &[Timestamp], by_hand: &[Timestamp]) -> ActionFacts {
    ActionFacts {
        by_hand: by_hand.to_vec(),
        ..invites(day, week, counted)
    }
}

#[track_caller]
fn next(facts: &ActionFacts, sender: &Sender) -> (Timestamp, Option<&'static str>) {
    match next_instant(sender, facts, now()) {
        Slot::At { at, rule } => (at, rule.map(|rule| rule.as_str())),
        never @ Slot::Never(_) => panic!("{never:?}"),
    }
}

#[test]
fn r_cap_10_what_was_done_by_hand_takes_of_day_and_week() {
    let free = (now(), None);
    let daily = |hours_ago: i64, minutes: i64| {
        let oldest = SignedDuration::from_mins(24 * 60 - 60 * hours_ago - minutes);
        (plus(now(), oldest), Some("daily_cap"))
    };
    let weekly = |hours_ago: i64, minutes: i64| {
        let oldest = SignedDuration::from_mins(168 * 60 - 60 * hours_ago - minutes);
        (plus(now(), oldest), Some("weekly_cap"))
    };
    let cases = [
        (facts(15, 80, &ago(5, 1), &ago(9, 2)), free),
        (facts(15, 80, &ago(5, 1), &ago(10, 2)), daily(2, 9)),
        (facts(15, 80, &[], &ago(15, 2)), daily(2, 14)),
        // More by hand than the cap: until enough of them have left the window.
        (facts(15, 80, &[], &ago(22, 2)), daily(2, 14)),
        (facts(15, 80, &ago(14, 1), &ago(1, 25)), free),
        (facts(15, 80, &ago(20, 30), &ago(59, 40)), free),
        (facts(15, 80, &ago(20, 30), &ago(60, 40)), weekly(40, 59)),
    ];
    for (facts, expected) in cases {
        assert_eq!(next(&facts, &sender()), expected, "{:?}", facts.by_hand);
    }
    let recovering = Sender {
        outage: Some(outage(2, plus(now(), hours(-1)))),
        ..sender()
    };
    let half = facts(15, 80, &ago(3, 1), &ago(4, 2));
    assert_eq!(next(&half, &recovering).1, Some("outage_ramp"));
}

#[test]
fn r_cap_10_the_database_is_asked_for_what_is_left_of_both_windows() {
    for (facts, expected) in [
        (facts(15, 80, &ago(5, 1), &[]), 15),
        (facts(15, 80, &ago(5, 1), &ago(4, 2)), 11),
        (facts(15, 80, &ago(5, 1), &ago(10, 2)), 5),
        (facts(15, 80, &ago(5, 1), &ago(30, 2)), 5),
        // The week has two left, beside the five of today.
        (facts(15, 80, &ago(5, 1), &ago(73, 30)), 7),
        (facts(15, 80, &[], &ago(200, 30)), 0),
        (facts(0, 0, &[], &ago(3, 2)), 0),
    ] {
        assert_eq!(allowance_of_ours(&sender(), &facts, now()), expected);
    }
}

#[test]
fn r_cap_10_by_hand_is_shown_as_such() {
    let said = |facts: &ActionFacts| {
        let slot = next_instant(&sender(), facts, now());
        answer(&slot, facts.action, facts, &sender(), now())
    };
    let some = facts(15, 80, &ago(3, 1), &[ago(5, 30), ago(4, 2)].concat());
    assert_eq!(
        said(&some),
        "yes: invite now, 7/15 today (4 by hand), 12/80 this week (9 by hand)"
    );
    let lines = lines(&sender(), &some, now());
    assert!(lines.contains(&"day: 7/15, 4 by hand (cap)".to_owned()));
    assert!(lines.contains(&"week: 12/80, 9 by hand".to_owned()));
    let full = facts(15, 80, &ago(3, 1), &ago(12, 2));
    assert_eq!(
        said(&full),
        "no: invite daily cap 15/15, 12 of them by hand, next slot Wed 25 Nov 09:49 UTC"
    );
    let week = facts(15, 80, &ago(20, 30), &ago(60, 40));
    assert!(said(&week).contains("weekly cap 80/80, 60 of them by hand, next"));
    let none = invites(15, 80, &ago(3, 1));
    assert_eq!(said(&none), "yes: invite now, 3/15 today, 3/80 this week");
}

#[test]
fn r_cap_10_whose_allowance_is_used_up_by_hand_is_not_offered() {
    let full = facts(15, 80, &[], &ago(15, 2));
    let offers = [Offer { facts: full }];
    let choice = choose(&sender(), &offers, now(), SignedDuration::from_mins(1));
    assert_eq!(choice.plan, None);
    assert_eq!(choice.closed[0].rule, "daily_cap");
}

fn listed(id: Option<&str>, person: &[&str], hours_ago: Option<i64>) -> ListedInvitation {
    ListedInvitation {
        id: id.map(str::to_owned),
        person: person.iter().map(|it| (*it).to_owned()).collect(),
        sent_at: hours_ago.map(|ago| plus(now(), hours(-ago))),
    }
}

#[test]
fn r_cap_10_listed_invitations_that_are_not_ours_are_noted_once() {
    let own = [
        OwnInvitation {
            target: "ACoOurs".to_owned(),
            reference: Some("71".to_owned()),
        },
        OwnInvitation {
            target: "jane-doe".to_owned(),
            reference: None,
        },
    ];
    for (item, expected) in [
        (listed(Some("72"), &["ACoHand"], Some(1)), Some(("72", 1))),
        (listed(None, &["ACoHand"], Some(1)), Some(("ACoHand", 1))),
        (listed(Some("72"), &[], Some(168)), Some(("72", 168))),
        // By a clock that is ahead, it was now.
        (listed(Some("72"), &["ACoHand"], Some(-3)), Some(("72", 0))),
        // Ours, by any of its names.
        (listed(Some("71"), &["ACoHand"], Some(1)), None),
        (listed(Some("72"), &["ACoOurs"], Some(1)), None),
        (listed(Some("72"), &["ACoX", "Jane-Doe"], Some(1)), None),
        // Says nothing: no name, no time, too old.
        (listed(None, &[], Some(1)), None),
        (listed(Some("72"), &["ACoHand"], None), None),
        (listed(Some("72"), &["ACoHand"], Some(169)), None),
    ] {
        let noted = not_ours(account(1), &own, std::slice::from_ref(&item), now());
        let expected = expected.map(|(mark, ago)| HandSend {
            account: account(1),
            action: Action::Invite,
            mark: mark.to_owned(),
            at: plus(now(), hours(-ago)),
        });
        assert_eq!(noted, Vec::from_iter(expected), "{item:?}");
    }
}

#[test]
fn r_cap_10_looks_at_lists_are_spread() {
    let at: Vec<Timestamp> = (0..600).map(|it| look_at(account(it), now())).collect();
    let latest = plus(now(), SignedDuration::from_mins(10));
    assert!(at.iter().all(|at| (now()..latest).contains(at)));
    let distinct: std::collections::HashSet<_> = at.iter().collect();
    assert!(distinct.len() > 300, "{} instants", distinct.len());
}

proptest! {
    #[test]
    fn r_cap_10_by_hand_never_adds_and_is_never_lost(
        ours in prop::collection::vec(0_i64..200, 0..40), by_hand in prop::collection::vec(0_i64..200, 0..40),
        day in 0_u32..30, week in 0_u32..100,
    ) {
        let at = |ago: &Vec<i64>| {
            let mut at: Vec<Timestamp> = ago.iter().map(|it| plus(now(), hours(-it))).collect();
            at.sort_unstable();
            at
        };
        let caps = in_force(Caps { day, week }, None::<OwnCaps>);
        let with = facts(caps.day, caps.week, &at(&ours), &at(&by_hand));
        let without = facts(caps.day, caps.week, &at(&ours), &[]);
        let of_ours = allowance_of_ours(&sender(), &with, now());
        prop_assert!(of_ours <= allowance_now(&sender(), &without, now()).max(used(&sender(), &without, now()).0));
        let (day_used, week_used) = used(&sender(), &with, now());
        let (ours_day, ours_week) = used(&sender(), &without, now());
        let (hand_day, hand_week) = used_by_hand(&sender(), &with, now());
        prop_assert_eq!((day_used, week_used), (ours_day + hand_day, ours_week + hand_week));
        // What the database lets go in one call keeps both windows within their caps.
        let more = of_ours.saturating_sub(ours_day);
        if hand_week > 0 && more > 0 {
            prop_assert!(day_used + more <= day && week_used + more <= week);
        }
        if let (Slot::At { at: with, .. }, Slot::At { at: without, .. }) =
            (next_instant(&sender(), &with, now()), next_instant(&sender(), &without, now()))
        {
            prop_assert!(with >= without);
        }
    }
}
