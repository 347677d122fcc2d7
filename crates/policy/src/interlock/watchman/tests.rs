use super::*;
use crate::samples::at;
use jiff::SignedDuration;
use proptest::prelude::*;

/// That far on by the database's clock, and by the machine's.
fn reading(database: SignedDuration, machine: Duration) -> Reading {
    Reading {
        at: at(0).checked_add(database).expect("a time of our years"),
        machine,
    }
}

fn start() -> Reading {
    reading(SignedDuration::ZERO, Duration::from_secs(1_000))
}

/// `database` and `machine` in milliseconds since the start.
fn judged(database: i64, machine: u64, rate: f64) -> Option<String> {
    let machine = Duration::from_secs(1_000) + Duration::from_millis(machine);
    clock_disagrees(
        start(),
        reading(SignedDuration::from_millis(database), machine),
        rate,
    )
}

#[track_caller]
fn check(database: i64, machine: u64, rate: f64, words: Option<&str>) {
    let said = judged(database, machine, rate);
    assert_eq!(
        said.as_deref(),
        words,
        "{database} ms in {machine} ms at {rate}"
    );
}

#[test]
fn r_del_1_a_clock_that_goes_back_at_all_is_not_believed() {
    check(0, 0, 1.0, None);
    check(-1, 0, 1.0, Some("the database's clock went back by 1ms"));
    let back = reading(SignedDuration::from_nanos(-1), Duration::from_secs(1_000));
    let said = clock_disagrees(start(), back, 1.0);
    assert_eq!(
        said.as_deref(),
        Some("the database's clock went back by 1ns")
    );
}

#[test]
fn r_del_1_the_two_clocks_lie_a_minute_apart_at_most() {
    let far = |database: &str, machine: &str| {
        format!("the database's clock went on by {database} s where {machine} s were expected")
    };
    check(60_000, 0, 1.0, None);
    check(60_001, 0, 1.0, Some(&far("60.001", "0.000")));
    check(0, 60_000, 1.0, None);
    check(0, 60_001, 1.0, Some(&far("0.000", "60.001")));
    check(7_260_000, 7_200_000, 1.0, None);
    check(
        7_260_001,
        7_200_000,
        1.0,
        Some(&far("7260.001", "7200.000")),
    );
}

#[test]
fn r_del_1_the_minute_is_the_machines_where_the_database_runs_faster() {
    check(600_000, 0, 10.0, None);
    check(
        600_001,
        0,
        10.0,
        Some("the database's clock went on by 600.001 s where 0.000 s were expected"),
    );
    check(100_000, 10_000, 10.0, None);
    check(700_000, 10_000, 10.0, None);
    check(
        0,
        70_000,
        10.0,
        Some("the database's clock went on by 0.000 s where 700.000 s were expected"),
    );
    // Where it runs slower, the minute is the database's.
    check(60_000, 0, 0.5, None);
    check(
        60_001,
        0,
        0.5,
        Some("the database's clock went on by 60.001 s where 0.000 s were expected"),
    );
    check(0, 120_000, 0.5, None);
}

#[test]
fn r_del_1_a_rate_that_is_none_is_not_believed() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let words = format!("a clock cannot run {rate} times as fast");
        check(0, 0, rate, Some(&words));
    }
}

#[test]
fn r_del_1_readings_out_of_order_are_not_believed() {
    let earlier = reading(SignedDuration::ZERO, Duration::from_millis(999_999));
    let said = clock_disagrees(start(), earlier, 1.0);
    assert_eq!(
        said.as_deref(),
        Some("this machine's readings are out of order")
    );
}

proptest! {
    #[test]
    fn r_del_1_a_step_of_more_than_a_minute_is_found_and_none_is_not(
        machine in 0_u64..100_000_000, step in -7_200_000_i64..7_200_000, rate in 1_u32..100,
    ) {
        let (rate_ms, real) = (i64::from(rate), i64::try_from(machine).expect("it is small"));
        let database = real * rate_ms + step;
        let found = judged(database, machine, f64::from(rate)).is_some();
        let must = database < 0 || step.abs() > 60_000 * rate_ms;
        // A float has no nanoseconds left after some years; a millisecond is near enough.
        if step.abs().abs_diff(60_000 * rate_ms) > 1 {
            prop_assert_eq!(found, must);
        }
    }
}
