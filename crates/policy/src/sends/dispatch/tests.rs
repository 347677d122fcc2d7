use super::*;
use crate::account::Status;
use crate::samples::account;
use crate::sends::Action;
use crate::sends::samples::{hours, invites, last, sender, when};
use crate::sends::sender::{Caps, Probe};
use proptest::prelude::*;

fn now() -> Timestamp {
    when("2026-11-24T12:00:00Z")
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// An offer under a cap of 1 a day whose newest send was so many hours ago.
fn offer(action: Action, hours_ago: i64) -> Offer {
    let counted = later(now(), hours(-hours_ago));
    let facts = ActionFacts {
        action,
        ..invites(1, 80, &[counted])
    };
    Offer { facts }
}

fn planned(choice: &Choice) -> Option<(usize, Timestamp)> {
    choice.plan.as_ref().map(|it| (it.candidate, it.at))
}

#[test]
fn r_cap_4_the_first_offer_that_may_go_soon_is_planned_and_the_others_rest_until_they_may() {
    let offers = [
        offer(Action::Invite, 20),
        offer(Action::Message, 30),
        offer(Action::Email, 40),
        offer(Action::ProfileView, 23),
    ];
    let choice = choose(&sender(), &offers, now(), minutes(10));
    assert_eq!(planned(&choice), Some((1, now())));
    let closed = |action, in_hours| Closed {
        account: account(1),
        action,
        until: later(now(), hours(in_hours)),
        rule: "daily_cap",
    };
    assert_eq!(
        choice.closed,
        [closed(Action::Invite, 4), closed(Action::ProfileView, 1)]
    );
}

#[test]
fn r_cap_4_the_end_of_the_horizon_belongs_to_it() {
    let offers = [offer(Action::Invite, 23)];
    let choice = choose(&sender(), &offers, now(), hours(1));
    assert_eq!(planned(&choice), Some((0, later(now(), hours(1)))));
    let choice = choose(&sender(), &offers, now(), minutes(59));
    assert_eq!((planned(&choice), choice.closed.len()), (None, 1));
    assert_eq!(choose(&sender(), &[], now(), hours(1)), Choice::default());
}

#[test]
fn r_cap_3_a_planned_send_waits_for_the_gap() {
    let sender = Sender {
        last: Some(last(7, now())),
        ..sender()
    };
    let choice = choose(&sender, &[offer(Action::Message, 30)], now(), minutes(10));
    let (_, at) = planned(&choice).expect("a plan");
    let gap = at.duration_since(now()).as_secs();
    assert!((45..=120).contains(&gap), "{gap}");
}

#[test]
fn r_cap_4_what_never_may_rests_an_hour_and_what_is_only_busy_a_minute() {
    let offers = [offer(Action::Invite, 30)];
    for (sender, rest, rule) in [
        (
            Sender {
                status: Status::ReconnectNeeded,
                ..sender()
            },
            minutes(60),
            "status",
        ),
        (
            Sender {
                is_busy: true,
                ..sender()
            },
            minutes(1),
            "busy",
        ),
        (
            Sender {
                probe: Probe::Pending,
                ..sender()
            },
            minutes(1),
            "probing",
        ),
    ] {
        let choice = choose(&sender, &offers, now(), minutes(10));
        let [closed] = choice.closed.as_slice() else {
            panic!("one closed: {choice:?}");
        };
        assert_eq!((closed.until, closed.rule), (later(now(), rest), rule));
        assert_eq!(choice.plan, None);
    }
}

proptest! {
    #[test]
    fn r_cap_4_each_offer_is_open_or_closed_and_the_plan_is_the_first_open_one(
        offers in prop::collection::vec((0_u32..3, 0_i64..60), 0..7), horizon in 0_i64..300,
    ) {
        let offers: Vec<_> = Action::ALL.into_iter().zip(offers).map(|(action, (day, ago))| {
            let mut offer = offer(action, ago);
            offer.facts.caps = Caps { day, week: 7 };
            offer
        }).collect();
        let choice = choose(&sender(), &offers, now(), minutes(horizon));
        let is_closed = |offer: &Offer| choice.closed.iter().any(|it| it.action == offer.facts.action);
        let first_open = offers.iter().position(|it| !is_closed(it));
        prop_assert_eq!(planned(&choice).map(|it| it.0), first_open);
        let end = later(now(), minutes(horizon));
        prop_assert!(planned(&choice).is_none_or(|(_, at)| now() <= at && at <= end));
        // Nothing is closed shorter than the horizon, but what is looked at again sooner because it never may.
        prop_assert!(choice.closed.iter().all(|it| it.until > end || it.rule == "no_cap"));
        prop_assert_eq!(choose(&sender(), &offers, now(), minutes(horizon)), choice);
    }
}
