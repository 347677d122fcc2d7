//! R-CAP-3: windows as the history checker reads them.

use tests::checker::is_open;

/// Active on Mondays and Fridays.
const DAYS: i16 = 0b001_0001;

#[track_caller]
fn check(window: (i16, i16), weekday: i32, minute: i32, is_inside: bool) {
    let found = is_open(window, DAYS, (weekday, minute));
    assert_eq!(found, is_inside, "{weekday} {minute}");
}

#[test]
fn r_cap_3_a_window_over_midnight_is_of_the_day_on_which_it_opens() {
    let day = (9 * 60, 18 * 60);
    check(day, 1, 9 * 60 - 1, false);
    check(day, 1, 9 * 60, true);
    check(day, 1, 18 * 60, false);
    check(day, 2, 12 * 60, false);
    let night = (22 * 60, 2 * 60);
    check(night, 1, 22 * 60 - 1, false);
    check(night, 1, 22 * 60, true);
    check(night, 2, 2 * 60 - 1, true);
    check(night, 2, 2 * 60, false);
    check(night, 2, 22 * 60, false);
    check(night, 1, 0, false);
    check(night, 6, 60, true);
    check((22 * 60, 1440), 5, 1439, true);
}
