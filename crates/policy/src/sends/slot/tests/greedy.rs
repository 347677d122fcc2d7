//! Taking every slot that is offered never breaks a cap, whatever changes on the way (R-CAP-2, R-HEAL-4).

use super::properties::{minutes, rules};
use super::*;
use crate::sends::sender::{Caps, LastSend, Outage, SendingRules};
use proptest::prelude::*;

/// What an operator or the provider does between two sends.
#[derive(Clone, Debug)]
enum Change {
    Rules(SendingRules),
    Caps(Caps),
    Outage { hours: i64 },
    Nothing,
}

fn change() -> impl Strategy<Value = Change> {
    let caps = (1_u32..9, 1_u32..25).prop_map(|(day, week)| Change::Caps(Caps { day, week }));
    prop_oneof![
        6 => Just(Change::Nothing),
        1 => rules().prop_map(Change::Rules),
        1 => caps,
        1 => (0_i64..700).prop_map(|hours| Change::Outage { hours }),
    ]
}

/// A send, and how many its windows could hold at that time.
struct Taken {
    at: Timestamp,
    day: u32,
    week: u32,
}

fn take_all(changes: Vec<Change>) -> (Vec<Taken>, SignedDuration) {
    let mut sender = sender();
    (sender.rules.ramp_start, sender.rules.ramp_step) = (3, 2);
    sender.first_connected_at = Some(now());
    sender.slack = SignedDuration::from_secs(60);
    let mut facts = invites(8, 24, &[]);
    let (mut at, mut taken) = (now(), vec![]);
    for (number, change) in (0_u128..).zip(changes) {
        match change {
            Change::Rules(rules) => sender.rules = rules,
            Change::Caps(caps) => facts.caps = caps,
            Change::Outage { hours: length } => {
                let from = at;
                at = plus(at, hours(length));
                sender.outage = Some(Outage { from, until: at });
            }
            Change::Nothing => {}
        }
        let slot = match next_instant(&sender, &facts, at) {
            Slot::At { at: slot, .. } => slot,
            Slot::Never(Reason::NoRamp) => continue,
            Slot::Never(reason) => panic!("an instant: {reason:?}"),
        };
        at = slot;
        let day = allowance_now(&sender, &facts, at);
        let week = facts.caps.week;
        taken.push(Taken { at, day, week });
        facts.counted.push(at);
        let send = send_id(number);
        sender.last = Some(LastSend { send, at });
    }
    (taken, sender.slack)
}

/// By a naive count: every window that ends with a send holds at most what was allowed then. A cap that was lowered
/// binds from then on, not what was sent before.
fn check(taken: &[Taken], slack: SignedDuration) {
    for (index, last) in taken.iter().enumerate() {
        let within = |width: SignedDuration| {
            let since = last.at - (width + slack);
            let held = taken[..=index].iter().filter(|it| it.at > since);
            u32::try_from(held.count()).expect("few")
        };
        let at = last.at;
        assert!(
            within(hours(24)) <= last.day,
            "the day before {at} holds too many"
        );
        assert!(
            within(hours(168)) <= last.week,
            "the week before {at} holds too many"
        );
    }
    for pair in taken.windows(2) {
        let apart = pair[1].at.duration_since(pair[0].at);
        assert!(apart >= minutes(2), "two invitations {apart} apart");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn r_cap_2_taking_every_slot_never_breaks_a_rolling_cap_whatever_changes_in_between(
        changes in prop::collection::vec(change(), 1..120),
    ) {
        let (taken, slack) = take_all(changes);
        check(&taken, slack);
    }
}

/// What a reconnect after an outage of 20 days looks like, day by day.
#[test]
fn r_heal_4_a_day_after_an_outage_holds_no_more_than_its_allowance_and_nothing_is_caught_up() {
    let back = when("2026-11-24T10:00:00Z");
    let mut sender = Sender {
        rules: office("Europe/Berlin"),
        outage: Some(outage(20 * 24, back)),
        ..sender()
    };
    sender.rules.days = 127;
    // Thousands are due.
    let mut facts = invites(30, 1_000, &[]);
    let (mut at, mut number) = (back, 0);
    println!("day  allowance  sends");
    for day in 0..18 {
        let end = plus(back, hours(24 * (day + 1)));
        let mut sends = 0;
        let allowance = allowance_now(&sender, &facts, plus(end, minutes(-1)));
        loop {
            let Slot::At { at: slot, .. } = next_instant(&sender, &facts, at) else {
                panic!("an instant");
            };
            at = slot;
            if at >= end {
                break;
            }
            facts.counted.push(at);
            number += 1;
            sender.last = Some(last(number, at));
            sends += 1;
        }
        println!("{day:>3}  {allowance:>9}  {sends:>5}");
        assert!(sends <= allowance, "a burst on day {day}");
        let expected = [
            7, 9, 10, 12, 13, 15, 17, 18, 20, 21, 23, 25, 26, 28, 30, 30, 30, 30,
        ];
        assert_eq!(allowance, expected[usize::try_from(day).expect("a day")]);
    }
}
