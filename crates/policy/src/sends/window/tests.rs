use super::*;
use crate::sends::samples::{always, when};

mod zones;

fn rules(zone: &str, start_minute: u16, end_minute: u16, days: u8) -> SendingRules {
    SendingRules {
        zone: zone.to_owned(),
        start_minute,
        end_minute,
        days,
        ..always()
    }
}

fn window(zone: &str, start_minute: u16, end_minute: u16, days: u8) -> Window {
    Window::of(&rules(zone, start_minute, end_minute, days)).expect("good rules")
}

#[test]
fn r_cap_3_rules_that_cannot_be_obeyed_name_the_field_and_the_fix() {
    for (rules, expected) in [
        (
            rules("Mars/Olympus", 0, 1440, 127),
            "zone \"Mars/Olympus\" is unknown: use a name of the tz database, such as Europe/Berlin",
        ),
        (rules("", 0, 1440, 127), "zone \"\" is unknown"),
        (
            rules("Etc/Unknown", 0, 1440, 127),
            "zone \"Etc/Unknown\" is unknown",
        ),
        (
            rules("UTC", 600, 600, 127),
            "a window opens and closes at two minutes of the day, not both at 600",
        ),
        (
            rules("UTC", 1440, 300, 127),
            "start_minute 1440 is above 1439",
        ),
        (rules("UTC", 0, 1441, 127), "end_minute 1441 is above 1440"),
        (rules("UTC", 0, 1440, 0), "days 0b0 names no weekday"),
        (
            rules("UTC", 0, 1440, 128),
            "days 0b10000000 names no weekday",
        ),
    ] {
        let error = Window::of(&rules).expect_err("bad rules").to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn r_cap_3_a_window_is_open_from_its_first_minute_to_before_its_last() {
    let berlin = window("Europe/Berlin", 9 * 60, 17 * 60, 0b1_1111);
    for (at, open) in [
        ("2026-11-24T07:59:59.999Z", false),
        ("2026-11-24T08:00:00Z", true),
        ("2026-11-24T15:59:59.999999999Z", true),
        ("2026-11-24T16:00:00Z", false),
        ("2026-11-27T12:00:00Z", true),
        ("2026-11-28T12:00:00Z", false),
        ("2026-11-29T12:00:00Z", false),
        // Summer time: an hour earlier.
        ("2026-07-01T07:00:00Z", true),
        ("2026-07-01T15:00:00Z", false),
    ] {
        assert_eq!(berlin.is_open(when(at)), open, "{at}");
    }
}

#[track_caller]
fn check(window: &Window, from: &str, opens: &str) {
    let seen = window.opens(when(from)).expect("it opens");
    assert_eq!(seen.to_string(), when(opens).to_string(), "from {from}");
}

#[test]
fn r_cap_3_a_closed_window_opens_at_the_next_active_days_start() {
    let berlin = window("Europe/Berlin", 9 * 60, 17 * 60, 0b1_1111);
    check(&berlin, "2026-11-24T03:00:00Z", "2026-11-24T08:00:00Z");
    check(&berlin, "2026-11-24T12:34:56.5Z", "2026-11-24T12:34:56.5Z");
    check(&berlin, "2026-11-24T16:00:00Z", "2026-11-25T08:00:00Z");
    check(&berlin, "2026-11-27T16:00:00Z", "2026-11-30T08:00:00Z");
    // Over the end of summer time.
    check(&berlin, "2026-10-23T15:00:00Z", "2026-10-26T08:00:00Z");
    let mondays = window("UTC", 0, 1, 1);
    check(&mondays, "2026-11-23T00:01:00Z", "2026-11-30T00:00:00Z");
}

#[test]
fn r_cap_3_a_window_over_midnight_belongs_to_the_day_it_opens() {
    // Friday night until Saturday, 06:00; no other night.
    let friday = window("Europe/Berlin", 22 * 60, 6 * 60, 0b1_0000);
    for (at, open) in [
        ("2026-11-27T04:00:00Z", false),
        ("2026-11-27T20:59:59.999Z", false),
        ("2026-11-27T21:00:00Z", true),
        ("2026-11-27T22:59:59Z", true),
        ("2026-11-27T23:00:00Z", true),
        ("2026-11-28T04:59:59.999Z", true),
        ("2026-11-28T05:00:00Z", false),
        ("2026-11-28T21:00:00Z", false),
        ("2026-11-29T03:00:00Z", false),
    ] {
        assert_eq!(friday.is_open(when(at)), open, "{at}");
    }
    check(&friday, "2026-11-28T05:00:00Z", "2026-12-04T21:00:00Z");
    check(&friday, "2026-11-28T03:30:00Z", "2026-11-28T03:30:00Z");
    // Sunday night is Monday's morning: the week's end is no seam.
    let sunday = window("UTC", 1_439, 1, 0b100_0000);
    check(&sunday, "2026-11-29T23:58:59Z", "2026-11-29T23:59:00Z");
    assert!(sunday.is_open(when("2026-11-30T00:00:59Z")));
    assert!(!sunday.is_open(when("2026-11-30T00:01:00Z")));
    // Until midnight is no night after it.
    let evening = window("UTC", 22 * 60, 1440, 0b1_0000);
    assert!(!evening.is_open(when("2026-11-28T00:00:00Z")));
}

#[test]
fn r_cap_3_a_night_keeps_to_the_clock_when_it_changes() {
    // 02:00 to 03:00 is missing on 2026-03-29, and comes twice on 2026-10-25.
    let night = window("Europe/Berlin", 22 * 60, 150, 127);
    closes(&night, "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z");
    closes(&night, "2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z");
    check(&night, "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z");
    closes(&night, "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z");
    // Opens in the gap: where it ends. Midnight is missing in Cairo on 2026-04-24, a Friday.
    let late = window("Africa/Cairo", 10, 5, 0b1_0000);
    check(&late, "2026-04-23T21:59:00Z", "2026-04-23T22:00:00Z");
    closes(&late, "2026-04-23T22:00:00Z", "2026-04-24T21:05:00Z");
}

#[track_caller]
fn closes(window: &Window, from: &str, at: &str) {
    assert!(window.is_open(when(from)), "{from}");
    let seen = window.closes(when(from)).expect("it closes");
    assert_eq!(seen.to_string(), when(at).to_string(), "from {from}");
}

#[test]
fn r_cap_3_a_window_closes_once_and_a_whole_week_never() {
    let berlin = window("Europe/Berlin", 9 * 60, 17 * 60, 0b1_1111);
    closes(&berlin, "2026-11-24T08:00:00Z", "2026-11-24T16:00:00Z");
    closes(&berlin, "2026-11-24T15:59:59.999Z", "2026-11-24T16:00:00Z");
    // Two days that touch at midnight are one.
    let touching = window("UTC", 0, 1440, 0b11);
    closes(&touching, "2026-11-23T05:00:00Z", "2026-11-25T00:00:00Z");
    assert_eq!(
        window("UTC", 0, 1440, 127).closes(when("2026-11-23T05:00:00Z")),
        None
    );
}

#[test]
fn r_cap_3_a_start_inside_a_gap_opens_where_the_gap_ends() {
    // 02:00 to 03:00 is missing on 2026-03-29.
    let night = window("Europe/Berlin", 150, 240, 127);
    check(&night, "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z");
    // All of it is missing: the next day.
    let lost = window("Europe/Berlin", 130, 170, 127);
    check(&lost, "2026-03-29T00:30:00Z", "2026-03-30T00:10:00Z");
    // Sundays alone, and that Sunday lost: a week later.
    let sundays = window("Europe/Berlin", 130, 170, 0b100_0000);
    check(&sundays, "2026-03-22T12:00:00Z", "2026-04-05T00:10:00Z");
}

#[test]
fn r_cap_3_a_missing_midnight_opens_at_the_days_first_instant() {
    for (zone, date, from, opens) in [
        // Each of these days begins at 01:00.
        (
            "Africa/Cairo",
            "2026-04-24",
            "2026-04-23T21:59:00Z",
            "2026-04-23T22:00:00Z",
        ),
        (
            "Asia/Beirut",
            "2026-03-29",
            "2026-03-28T21:59:00Z",
            "2026-03-28T22:00:00Z",
        ),
        (
            "America/Havana",
            "2026-03-08",
            "2026-03-08T04:59:00Z",
            "2026-03-08T05:00:00Z",
        ),
    ] {
        let date: Date = date.parse().expect("a date");
        let day = 1_u8 << date.weekday().to_monday_zero_offset();
        check(&window(zone, 0, 1440, day), from, opens);
    }
}

#[test]
fn r_cap_3_a_fold_opens_twice() {
    // 01:00 to 02:00 comes twice on 2026-11-01.
    let night = window("America/New_York", 60, 90, 127);
    check(&night, "2026-11-01T04:00:00Z", "2026-11-01T05:00:00Z");
    check(&night, "2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z");
    check(&night, "2026-11-01T06:30:00Z", "2026-11-02T06:00:00Z");
    // Its end passed, and then the clock is set back into it.
    let evening = window("America/New_York", 0, 75, 127);
    check(&evening, "2026-11-01T05:20:00Z", "2026-11-01T06:00:00Z");
    // Havana repeats the first hour of a Sunday: midnight comes twice.
    let sunday = window("America/Havana", 0, 30, 0b100_0000);
    check(&sunday, "2026-11-01T03:00:00Z", "2026-11-01T04:00:00Z");
    check(&sunday, "2026-11-01T04:30:00Z", "2026-11-01T05:00:00Z");
}

#[test]
fn r_cap_3_days_of_other_lengths_and_days_that_never_were() {
    // Lord Howe sets its clock by half an hour: 23.5 and 24.5 hours.
    let howe = window("Australia/Lord_Howe", 120, 150, 127);
    check(&howe, "2026-10-03T15:29:00Z", "2026-10-04T15:00:00Z");
    check(&howe, "2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z");
    // Samoa had no Friday, 2011-12-30: Fridays came a fortnight apart.
    let fridays = window("Pacific/Apia", 540, 600, 0b1_0000);
    check(&fridays, "2011-12-23T20:00:00Z", "2012-01-05T19:00:00Z");
    let any = window("Pacific/Apia", 0, 1440, 0b10_0000);
    check(&any, "2011-12-30T09:59:00Z", "2011-12-30T10:00:00Z");
    // Kwajalein had no Saturday, 1993-08-21.
    let saturdays = window("Pacific/Kwajalein", 540, 600, 0b10_0000);
    check(&saturdays, "1993-08-14T22:00:00Z", "1993-08-27T21:00:00Z");
}

#[test]
fn r_cap_3_nothing_is_read_from_the_machine() {
    // The bundled database is there whatever the machine has.
    let zones = ZONES.available().count();
    println!("{zones} zones");
    assert!(zones > 400);
    let no_day_comes = window("UTC", 0, 1440, 127).opens(Timestamp::MAX);
    assert_eq!(no_day_comes, Some(Timestamp::MAX));
    assert_eq!(window("UTC", 0, 1, 1).opens(Timestamp::MAX), None);
}
