use super::*;
use crate::samples::at;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

#[test]
fn r_lnk_8_the_ladder_is_1_5_15_min_then_hours_then_six_hours() {
    for (number, seconds) in [
        (0, MINUTE),
        (1, MINUTE),
        (2, 5 * MINUTE),
        (3, 15 * MINUTE),
        (4, HOUR),
        (5, 2 * HOUR),
        (6, 3 * HOUR),
        (7, 4 * HOUR),
        (8, 10 * HOUR),
        (9, 16 * HOUR),
        (107, 604 * HOUR),
    ] {
        assert_eq!(rung(number, at(0)).at, at(seconds), "rung {number}");
    }
    assert_eq!(rung(u32::MAX, at(0)).number, u32::MAX, "no end");
}

#[test]
fn r_lnk_8_the_next_rung_is_the_first_not_before_and_none_is_made_up_for() {
    for (from, number) in [
        (-HOUR, 1),
        (0, 1),
        (MINUTE, 1),
        (MINUTE + 1, 2),
        (5 * MINUTE, 2),
        (15 * MINUTE, 3),
        (15 * MINUTE + 1, 4),
        (HOUR, 4),
        (4 * HOUR, 7),
        (4 * HOUR + 1, 8),
        (10 * HOUR, 8),
        (10 * HOUR + 1, 9),
        (604 * HOUR, 107),
        (604 * HOUR + 1, 108),
    ] {
        let found = next_rung(at(0), at(from));
        assert_eq!(found, rung(number, at(0)), "{from} s");
        assert!(found.at >= at(from));
    }
}

#[test]
fn r_lnk_8_only_what_has_stopped_is_restarted_and_connecting_after_an_hour() {
    for health in Health::ALL.map(Some).into_iter().chain([None]) {
        for age in [0, HOUR - 1, HOUR, 100 * HOUR] {
            let wanted = match health {
                Some(Health::Stopped | Health::Error) => true,
                Some(Health::Connecting) => age >= HOUR,
                _ => false,
            };
            let age = SignedDuration::from_secs(age);
            assert_eq!(wants_restart(health, age), wanted, "{health:?} {age}");
        }
    }
}
