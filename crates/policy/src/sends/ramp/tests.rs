use super::*;
use crate::samples::at;
use crate::sends::samples::{hours, outage, plus, sender};
use proptest::prelude::*;

fn new_account(start: u32, step: u32) -> Sender {
    let mut sender = Sender {
        first_connected_at: Some(at(0)),
        ..sender()
    };
    sender.rules.ramp_start = start;
    sender.rules.ramp_step = step;
    sender
}

fn after_outage(length_hours: i64) -> Sender {
    Sender {
        outage: Some(outage(length_hours, at(0))),
        ..sender()
    }
}

fn days(sender: &Sender, cap: u32, days: i64) -> Vec<u32> {
    let day = |it| allowance(cap, sender, plus(at(0), hours(24 * it))).day;
    (0..days).map(day).collect()
}

#[test]
fn r_cap_3_a_new_account_rises_each_full_day_up_to_its_cap() {
    let new = new_account(5, 3);
    assert_eq!(days(&new, 15, 6), [5, 8, 11, 14, 15, 15]);
    let second_before = plus(at(0), hours(24) - SignedDuration::from_secs(1));
    assert_eq!(allowance(15, &new, second_before).day, 5);
    assert_eq!(allowance(15, &new, second_before).bound, Bound::Ramp);
    assert_eq!(
        allowance(15, &new, plus(at(0), hours(96))).bound,
        Bound::Cap
    );
}

#[test]
fn r_cap_3_a_ramp_from_nothing_rises_to_what_an_outage_leaves() {
    let sender = Sender {
        outage: Some(outage(20 * 24, at(0))),
        ..new_account(0, 1)
    };
    assert_eq!(days(&sender, 1, 3), [0, 1, 1]);
    assert_eq!(next_rise(1, &sender, at(0)), Some(at(86_400)));
}

#[test]
fn r_cap_3_a_ramp_that_starts_at_nothing_sends_nothing() {
    assert_eq!(days(&new_account(0, 2), 15, 4), [0, 2, 4, 6]);
    assert_eq!(days(&new_account(0, 0), 15, 3), [0, 0, 0]);
    assert_eq!(next_rise(15, &new_account(0, 0), at(0)), None);
    let rise = next_rise(15, &new_account(0, 2), at(0));
    assert_eq!(rise, Some(at(86_400)));
    assert_eq!(days(&new_account(0, 0), 0, 3), [0, 0, 0]);
    let never = Sender {
        first_connected_at: None,
        ..new_account(5, 3)
    };
    assert_eq!(days(&never, 15, 3), [5, 5, 5]);
    let future = Sender {
        first_connected_at: Some(at(86_400)),
        ..new_account(5, 3)
    };
    assert_eq!(days(&future, 15, 3), [5, 5, 8]);
}

#[test]
fn r_heal_4_after_an_outage_half_returns_in_seven_equal_steps_and_a_quarter_in_fourteen() {
    for (length, cap, expected) in [
        (24, 100, vec![50, 57, 64, 71, 78, 85, 92, 100, 100]),
        (24 * 14, 100, vec![50, 57, 64, 71, 78, 85, 92, 100, 100]),
        (
            24 * 14 + 1,
            100,
            vec![
                25, 30, 35, 41, 46, 51, 57, 62, 67, 73, 78, 83, 89, 94, 100, 100,
            ],
        ),
        (24, 30, vec![15, 17, 19, 21, 23, 25, 27, 30]),
        (24, 1, vec![1, 1]),
        (24 * 20, 3, vec![1, 1, 1, 1, 1, 1, 1, 1, 2]),
        (24, 0, vec![0, 0]),
    ] {
        let until = i64::try_from(expected.len()).expect("few days");
        let seen = days(&after_outage(length), cap, until);
        assert_eq!(seen, expected, "{length} h under {cap}");
    }
}

#[test]
fn r_heal_4_an_outage_below_an_hour_is_none() {
    let of = |length: SignedDuration| Sender {
        outage: Some(Outage {
            from: plus(at(0), -length),
            until: at(0),
        }),
        ..sender()
    };
    let minute = SignedDuration::from_mins(1);
    assert_eq!(days(&of(hours(1) - minute), 100, 2), [100, 100]);
    assert_eq!(days(&of(hours(1)), 100, 2), [50, 57]);
}

#[test]
fn r_heal_4_the_lower_of_ramp_and_outage_wins_and_is_named() {
    let both = Sender {
        outage: Some(outage(48, at(0))),
        ..new_account(10, 20)
    };
    let bounds = (0..5).map(|day| allowance(100, &both, plus(at(0), hours(24 * day))));
    let bounds: Vec<_> = bounds.map(|it| (it.day, it.bound)).collect();
    let expected = [
        (10, Bound::Ramp),
        (30, Bound::Ramp),
        (50, Bound::Ramp),
        (70, Bound::Ramp),
        (78, Bound::Outage),
    ];
    assert_eq!(bounds, expected);
}

#[test]
fn r_heal_4_a_blink_in_the_middle_of_a_recovery_neither_ends_it_nor_begins_it_anew() {
    let long = outage(20 * 24, at(0));
    let back_after = |days: i64| plus(at(0), hours(24 * days));
    for (length, days, keeps_long) in [
        // Shorter than an hour: none by itself.
        (0, 1, true),
        (0, 13, true),
        (0, 14, false),
        // Half is more than what is left of the long one until its fifth day.
        (2, 1, true),
        (2, 4, true),
        (2, 5, false),
        (20 * 24, 1, false),
    ] {
        let latest = outage(length, back_after(days));
        let kept = remembered(Some(long), latest);
        assert_eq!(kept == long, keeps_long, "{length} h on day {days}");
        assert!(kept == long || kept == latest);
    }
    assert_eq!(remembered(None, long), long);
}

#[test]
fn r_heal_4_short_outages_add_up_to_no_long_one() {
    // One hour every six days: each restarts at half, and a week later nothing is left of any.
    let each = (0..4).map(|nth| outage(1, plus(at(0), hours(24 * 6 * nth))));
    let kept = each.fold(None, |before, latest| Some(remembered(before, latest)));
    let of = |outage| Sender { outage, ..sender() };
    let last = plus(at(0), hours(24 * 18));
    assert_eq!(kept, Some(outage(1, last)));
    let seen = [0, 1, 6, 7].map(|day| allowance(100, &of(kept), plus(last, hours(24 * day))).day);
    assert_eq!(seen, [50, 57, 92, 100]);
}

prop_compose! {
    fn senders()(
        start in 0_u32..40, step in 0_u32..12, first in prop::option::of(-40_i64..40), until in prop::option::of(-40_i64..20),
        length in 0_i64..1000, seconds in 0_i64..86_400,
    ) -> Sender {
        let day = |days: i64| at(days * 86_400 + seconds);
        Sender {
            first_connected_at: first.map(day),
            outage: until.map(|it| outage(length, day(it))),
            ..new_account(start, step)
        }
    }
}

proptest! {
    #[test]
    fn r_cap_3_an_allowance_never_falls_is_within_its_cap_and_rises_just_when_it_says(
        sender in senders(), cap in 0_u32..120, hour in 0_i64..2000,
    ) {
        let now = plus(at(0), hours(hour));
        let today = allowance(cap, &sender, now).day;
        prop_assert!(today <= cap && today >= cap.min(first_ramp(&sender, now)).min(1));
        if let Some(rise) = next_rise(cap, &sender, now) {
            prop_assert!(rise > now);
            let before = plus(rise, SignedDuration::from_nanos(-1));
            prop_assert_eq!(allowance(cap, &sender, before).day, today);
            prop_assert!(allowance(cap, &sender, rise).day > today);
        } else {
            let far = plus(now, hours(24 * 365));
            prop_assert_eq!(allowance(cap, &sender, far).day, today);
        }
    }
}
