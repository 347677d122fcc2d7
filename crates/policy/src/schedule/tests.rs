use super::*;
use crate::samples::at;
use proptest::prelude::*;

fn time(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

#[test]
fn r_wat_2_a_slot_is_the_latest_multiple_of_the_period_since_the_epoch() {
    for (every, now, slot, next) in [
        (
            Period::minutes(5),
            "2026-03-01T10:05:00Z",
            "2026-03-01T10:05:00Z",
            "2026-03-01T10:10:00Z",
        ),
        (
            Period::minutes(5),
            "2026-03-01T10:04:59.999999999Z",
            "2026-03-01T10:00:00Z",
            "2026-03-01T10:05:00Z",
        ),
        (
            Period::hours(6),
            "2026-03-01T05:59:59Z",
            "2026-03-01T00:00:00Z",
            "2026-03-01T06:00:00Z",
        ),
        (
            Period::days(1),
            "2026-03-01T23:59:59Z",
            "2026-03-01T00:00:00Z",
            "2026-03-02T00:00:00Z",
        ),
        (
            Period::minutes(1),
            "1970-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "1970-01-01T00:01:00Z",
        ),
        (
            Period::minutes(1),
            "1969-12-31T23:59:59.5Z",
            "1969-12-31T23:59:00Z",
            "1970-01-01T00:00:00Z",
        ),
    ] {
        assert_eq!(every.slot(time(now)), time(slot), "slot of {now}");
        assert_eq!(every.next(time(now)), time(next), "next of {now}");
    }
}

#[test]
fn r_wat_2_ticks_between_the_last_slot_and_this_are_missed() {
    let every = Period::minutes(5);
    for (last, slot, count) in [
        (0, 0, 0),
        (0, 300, 0),
        (0, 600, 1),
        (0, 3_600, 11),
        (600, 0, 0),
    ] {
        assert_eq!(
            missed(at(last), at(slot), every),
            count,
            "{last} s to {slot} s"
        );
    }
}

#[test]
fn r_wat_1_a_scan_is_cut_into_the_fewest_ranges_that_are_small_enough() {
    for (rows, count) in [
        (0, 1),
        (1, 1),
        (4_096, 1),
        (4_097, 2),
        (8_192, 2),
        (8_193, 4),
        (1_000_000, 256),
        (524_288, 128),
        (524_289, 256),
        (u64::MAX, 256),
    ] {
        assert_eq!(ranges(rows).len(), count, "{rows} rows");
    }
    let words: Vec<_> = ranges(16_384).iter().map(ToString::to_string).collect();
    assert_eq!(words, ["0-63", "64-127", "128-191", "192-255"]);
}

proptest! {
    #[test]
    fn r_wat_1_ranges_cover_every_shard_exactly_once(rows in prop_oneof![0_u64..3_000_000, any::<u64>()]) {
        let ranges = ranges(rows);
        let shards: Vec<u16> = ranges.iter().flat_map(|it| it.first..=it.last).collect();
        prop_assert_eq!(shards, (0..SHARDS).collect::<Vec<_>>());
        let count = ranges.len() as u64;
        prop_assert!(count.is_power_of_two());
        prop_assert!(count == 256 || u128::from(rows) <= u128::from(ROWS_PER_RANGE) * u128::from(count));
        prop_assert!(count == 1 || u128::from(rows) > u128::from(ROWS_PER_RANGE) * u128::from(count / 2));
    }

    #[test]
    fn r_wat_2_now_lies_between_its_slot_and_the_next(
        seconds in -60_000_000_000_i64..200_000_000_000,
        nanos in 0_i32..1_000_000_000,
        minutes in 1_u32..100_000,
    ) {
        let every = Period::minutes(minutes);
        let now = Timestamp::new(seconds, nanos).expect("within range");
        let (slot, next) = (every.slot(now), every.next(now));
        prop_assert!(slot <= now && now < next);
        prop_assert_eq!(next.duration_since(slot), every.period());
        prop_assert_eq!(every.slot(slot), slot);
        prop_assert_eq!(slot.as_second().rem_euclid(i64::from(minutes) * 60), 0);
    }

    #[test]
    fn r_wat_2_any_instant_has_a_slot_that_is_not_after_it(now in any::<i64>(), days in 1_u32..) {
        let now = Timestamp::from_second(now % 250_000_000_000).unwrap_or(Timestamp::MAX);
        let every = Period::days(days);
        prop_assert!(every.slot(now) <= now && every.next(now) >= now);
    }
}
