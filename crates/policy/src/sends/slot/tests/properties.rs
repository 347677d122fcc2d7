//! Whatever the facts are, by an independent check.

use super::*;
use crate::sends::sender::{Outage, SendingRules};
use jiff::tz::TimeZone;
use proptest::prelude::*;

const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
];

pub(super) fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

prop_compose! {
    pub(super) fn rules()(
        zone in prop::sample::select(ZONES.to_vec()), ends in (0_u16..1440, 0_u16..1440), days in 1_u8..128,
        ramp_start in 0_u32..12, ramp_step in 0_u32..6,
    ) -> SendingRules {
        // Also over midnight; the same minute twice is no window.
        let (start, end) = (ends.0, if ends.0 == ends.1 + 1 { ends.0 + 1 } else { ends.1 + 1 });
        let zone = zone.to_owned();
        SendingRules { zone, start_minute: start, end_minute: end, days, ramp_start, ramp_step }
    }
}

prop_compose! {
    fn senders()(
        rules in rules(), hold in prop::option::of(-600_i64..6_000), first in 0_i64..20_000,
        outage in prop::option::of((0_i64..40_000, 0_i64..30_000)), last_at in prop::option::of(-400_i64..300),
        slack in 0_i64..120,
    ) -> Sender {
        let ago = |by: i64| plus(now(), minutes(-by));
        let outage = outage.map(|(length, since)| Outage { from: ago(since + length), until: ago(since) });
        let until = hold.map(|by| plus(now(), minutes(by)));
        let held = |it| SendHold { reason: "protective".to_owned(), until: Some(it) };
        Sender {
            rules,
            holds: until.into_iter().map(held).collect(),
            first_connected_at: Some(ago(first)),
            outage,
            last: last_at.map(|by| last(9, plus(now(), SignedDuration::from_secs(by)))),
            slack: SignedDuration::from_secs(slack),
            ..sender()
        }
    }
}

prop_compose! {
    fn facts()(
        day in 1_u32..12, week in 1_u32..30, cooldown in prop::option::of(-600_i64..6_000),
        counted in prop::collection::vec(0_i64..11_000, 0..40), action in prop::sample::select(Action::ALL.to_vec()),
    ) -> ActionFacts {
        let mut counted: Vec<_> = counted.into_iter().map(|by| plus(now(), minutes(-by))).collect();
        counted.sort();
        let cooled = |by| Cooldown { until: plus(now(), minutes(by)), code: "429".to_owned(), streak: 1 };
        ActionFacts { action, cooldown: cooldown.map(cooled), ..invites(day, week, &counted) }
    }
}

/// Whether every rule allows that instant; each is written here anew, in the words of the specification.
pub(super) fn allowed(sender: &Sender, facts: &ActionFacts, at: Timestamp) -> bool {
    let age = |it: Timestamp| at.duration_since(it);
    let within = |width: SignedDuration| {
        let width = width + sender.slack;
        facts.counted.iter().filter(|it| age(**it) < width).count()
    };
    let whole_days = |it: Timestamp| age(it).as_secs().max(0) / 86_400;
    let day = f64::from(facts.caps.day);
    let rules = &sender.rules;
    let connected = sender.first_connected_at.map_or(0, whole_days);
    let ramp = i64::from(rules.ramp_start) + i64::from(rules.ramp_step) * connected;
    let recovered = sender.outage.map_or(day, |it| {
        let length = it.until.duration_since(it.from);
        let (start, days) = match length.as_secs() {
            secs if secs < 3_600 => return day,
            secs if secs <= 14 * 86_400 => (0.5, 7),
            _ => (0.25, 14),
        };
        let part = whole_days(it.until).min(days);
        // A little more than the fraction, so that a whole number is not rounded away.
        #[expect(clippy::cast_precision_loss, reason = "fourteen at most")]
        let share = start + (1.0 - start) * part as f64 / days as f64;
        (day * share + 1e-9).floor()
    });
    #[expect(clippy::cast_precision_loss, reason = "thousands at most")]
    let allowance = day.min(ramp as f64).min(recovered.max(1.0));
    let zone = TimeZone::get(&rules.zone).expect("a zone");
    let local = at.to_zoned(zone);
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let weekday = local.weekday().to_monday_zero_offset();
    let gap = sender.last.map(|it| it.at + gap(sender, facts.action));
    #[expect(clippy::cast_precision_loss, reason = "forty at most")]
    let used = within(hours(24)) as f64;
    sender
        .holds
        .iter()
        .all(|it| it.until.is_some_and(|until| until <= at))
        && facts.cooldown.as_ref().is_none_or(|it| it.until <= at)
        && used < allowance
        && within(hours(168)) < facts.caps.week as usize
        && gap.is_none_or(|free| free <= at)
        && in_hours(rules, minute, weekday)
}

/// Whether nothing is ever sent: the ramp neither starts nor rises.
fn stays_at_nothing(sender: &Sender) -> bool {
    (sender.rules.ramp_start, sender.rules.ramp_step) == (0, 0)
}

/// Whether that minute of that weekday lies in the window of it or, over midnight, of the weekday before.
fn in_hours(rules: &SendingRules, minute: i32, weekday: i8) -> bool {
    let (start, end) = (i32::from(rules.start_minute), i32::from(rules.end_minute));
    let is_active = |weekday: i8| rules.days & (1 << weekday.rem_euclid(7)) != 0;
    if start < end {
        return start <= minute && minute < end && is_active(weekday);
    }
    (start <= minute && is_active(weekday)) || (minute < end && is_active(weekday - 1))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn r_cap_4_the_instant_satisfies_every_rule_and_no_earlier_one_does(sender in senders(), facts in facts()) {
        let slot = next_instant(&sender, &facts, now());
        if stays_at_nothing(&sender) {
            prop_assert_eq!(slot, Slot::Never(Reason::NoRamp));
            return Ok(());
        }
        let Slot::At { at, rule } = slot else {
            panic!("an instant: {slot:?}");
        };
        prop_assert!(at >= now());
        prop_assert_eq!(rule.is_none(), at == now());
        prop_assert_eq!(blocking(&sender, &facts, now()).is_empty(), at == now());
        prop_assert!(allowed(&sender, &facts, at), "{at} is forbidden");
        // Every seventh minute, the first and last hours' every minute, and the nanosecond before.
        let span = at.duration_since(now()).as_mins();
        let near = (0..span).filter(|it| it % 7 == 0 || *it < 60 || span - it < 60);
        let before = near.map(|it| plus(now(), minutes(it)));
        let just_before = (at > now()).then(|| plus(at, SignedDuration::from_nanos(-1)));
        for earlier in before.chain(just_before) {
            prop_assert!(!allowed(&sender, &facts, earlier), "{earlier} is allowed, {at} was found");
        }
    }

    #[test]
    fn r_cap_4_asking_again_in_between_gives_the_same_instant(
        sender in senders(), facts in facts(), part in 0.0..1.0_f64,
    ) {
        prop_assume!(!stays_at_nothing(&sender));
        let Slot::At { at, .. } = next_instant(&sender, &facts, now()) else {
            panic!("an instant");
        };
        let between = plus(now(), at.duration_since(now()).mul_f64(part));
        let Slot::At { at: again, .. } = next_instant(&sender, &facts, between) else {
            panic!("an instant again");
        };
        prop_assert_eq!(again, at.max(between));
    }
}
