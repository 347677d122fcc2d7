//! Every zone of the database over two years, against a naive check.

use super::*;
use jiff::tz::Offset;

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

/// The naive check: whether a second is in the window, from the offset alone, in whole numbers.
fn is_open_naively(offset: Offset, second: i64, start: i64, end: i64, days: u8) -> bool {
    let local = second + i64::from(offset.seconds());
    let minute = local.rem_euclid(DAY) / MINUTE;
    let opened_today = start <= minute && minute < if end < start { DAY } else { end };
    let opened_before = end < start && minute < end;
    // 1970-01-01 was a Thursday.
    let is_active = |date: i64| days & (1 << (date + 3).rem_euclid(7)) != 0;
    let date = local.div_euclid(DAY);
    (opened_today && is_active(date)) || (opened_before && is_active(date - 1))
}

/// One zone's offsets over a span of time: where each begins, in seconds.
fn offsets(zone: &TimeZone, from: i64, until: i64) -> Vec<(i64, Offset)> {
    let begin = second(from);
    let changes = zone.following(begin);
    let changes = changes.map(|it| (it.timestamp().as_second(), it.offset()));
    let mut offsets = vec![(from, zone.to_offset(begin))];
    offsets.extend(changes.take_while(|(at, _)| *at < until));
    offsets
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a second of these years")
}

/// Seconds to look from: some in each week.
fn weekly(from: i64, until: i64) -> impl Iterator<Item = i64> {
    let step = 2 * DAY + 3 * 3_600 + 17;
    (from..until).step_by(usize::try_from(step).expect("positive"))
}

/// Seconds to look from: around every change.
fn around(offsets: &[(i64, Offset)]) -> impl Iterator<Item = i64> {
    let steps = [-90_000, -7_201, -3_600, -1, 0, 1, 1_799, 3_600];
    let changes = offsets.iter().skip(1);
    changes.flat_map(move |(at, _)| steps.map(|by| at + by))
}

struct Zone {
    name: String,
    changes: Vec<(i64, Offset)>,
}

impl Zone {
    /// From an instant at which it is open, it stays so until the end that it says; how many seconds were checked.
    fn check_end(&self, window: &Window, opens: i64) -> usize {
        let (start, end) = (i64::from(window.start_minute), i64::from(window.end_minute));
        let naive = |at| is_open_naively(self.offset(at), at, start, end, window.days);
        let closes = window.closes(second(opens)).map(Timestamp::as_second);
        let last = closes.unwrap_or(opens + DAY);
        let steps = (last - opens) / (15 * MINUTE) + 1;
        let name = &self.name;
        for step in 0..steps {
            let at = opens + step * 15 * MINUTE;
            assert!(
                at >= last || naive(at),
                "{name}: {opens} to {last}, closed at {at}"
            );
        }
        assert!(naive(last - 1), "{name}: {last} is late");
        assert!(
            closes.is_none_or(|it| !naive(it)),
            "{name}: {last} is early"
        );
        usize::try_from(steps).expect("few")
    }

    fn offset(&self, at: i64) -> Offset {
        let after = self.changes.partition_point(|(begin, _)| *begin <= at);
        self.changes[after.max(1) - 1].1
    }

    /// Looks from `from` and returns how many seconds were checked naively between there and the opening.
    fn check(&self, window: &Window, from: i64) -> usize {
        let (start, end) = (i64::from(window.start_minute), i64::from(window.end_minute));
        let naive = |at| is_open_naively(self.offset(at), at, start, end, window.days);
        let opens = window
            .opens(second(from))
            .expect("it opens within a fortnight");
        let name = &self.name;
        assert_eq!(opens.subsec_nanosecond(), 0);
        let opens = opens.as_second();
        assert!(
            opens >= from && naive(opens),
            "{name}: {from} opens at {opens}, where it is closed"
        );
        assert!(window.is_open(second(opens)), "{name}: {opens}");
        // Windows and changes of these years stand on whole minutes: minutes near both ends and quarters between.
        let mut checked = 0;
        let mut at = from;
        while at < opens {
            assert!(
                !naive(at),
                "{name}: {from} opens at {opens}, and was open at {at}"
            );
            checked += 1;
            let is_near = at - from < 20 * MINUTE || opens - at <= 20 * MINUTE;
            let quarter = opens - 20 * MINUTE - at;
            at += if is_near {
                MINUTE
            } else {
                quarter.clamp(MINUTE, 15 * MINUTE)
            };
        }
        assert!(
            opens == from || !naive(opens - 1),
            "{name}: {opens} is late by a second"
        );
        checked + self.check_end(window, opens)
    }
}

/// Looks at one zone with several windows; how many looks and naive checks there were.
fn check_zone(name: &str, from: &str, until: &str) -> (usize, usize) {
    let (from, until) = (when(from).as_second(), when(until).as_second());
    let zone = ZONES.get(name).expect("a zone of the database");
    let changes = offsets(&zone, from - 30 * DAY, until + 30 * DAY);
    let zone = Zone {
        name: name.to_owned(),
        changes,
    };
    let windows = [
        (0, 1440, 0b10_1010),
        (9 * 60, 17 * 60, 0b1_1111),
        (30, 150, 0b100_0001),
        (1_380, 1_440, 127),
        (22 * 60, 150, 0b100_0001),
        (90, 45, 0b1_0101),
    ]
    .map(|(start, end, days)| window(name, start, end, days));
    // Every window around changes; in quiet weeks they take turns.
    let turns = weekly(from, until).zip(windows.iter().cycle());
    let all = around(&zone.changes).flat_map(|at| windows.iter().map(move |it| (at, it)));
    let looks: Vec<_> = turns.chain(all).collect();
    let checked = looks.iter().map(|(from, window)| zone.check(window, *from));
    (looks.len(), checked.sum())
}

#[test]
fn r_cap_3_no_zone_of_the_database_opens_outside_its_local_hours_or_late_in_two_years() {
    let names: Vec<String> = ZONES.available().map(|it| it.as_str().to_owned()).collect();
    let mut total = (0, 0);
    for name in &names {
        let (looks, seconds) = check_zone(name, "2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z");
        total = (total.0 + looks, total.1 + seconds);
    }
    println!(
        "{} zones, {} zone-days, {} looks, {} instants found closed before their openings",
        names.len(),
        names.len() * 730,
        total.0,
        total.1
    );
    assert!(names.len() > 400);
}

#[test]
fn r_cap_3_nor_does_any_of_the_odd_ones_of_the_past() {
    for (name, from, until) in [
        (
            "Pacific/Apia",
            "2011-12-01T00:00:00Z",
            "2012-02-01T00:00:00Z",
        ),
        (
            "Pacific/Kwajalein",
            "1993-07-01T00:00:00Z",
            "1993-10-01T00:00:00Z",
        ),
        (
            "Pacific/Fakaofo",
            "2011-12-01T00:00:00Z",
            "2012-02-01T00:00:00Z",
        ),
        (
            "Pacific/Kiritimati",
            "1994-12-01T00:00:00Z",
            "1995-02-01T00:00:00Z",
        ),
        (
            "Asia/Pyongyang",
            "2015-07-01T00:00:00Z",
            "2018-07-01T00:00:00Z",
        ),
        (
            "America/Caracas",
            "2007-11-01T00:00:00Z",
            "2008-01-15T00:00:00Z",
        ),
        (
            "Asia/Kathmandu",
            "1985-12-01T00:00:00Z",
            "1986-02-01T00:00:00Z",
        ),
        (
            "Africa/Juba",
            "2021-01-01T00:00:00Z",
            "2021-03-01T00:00:00Z",
        ),
        ("Asia/Gaza", "2009-01-01T00:00:00Z", "2012-01-01T00:00:00Z"),
        (
            "Africa/Casablanca",
            "2016-01-01T00:00:00Z",
            "2019-01-01T00:00:00Z",
        ),
        (
            "Antarctica/Casey",
            "2016-01-01T00:00:00Z",
            "2024-01-01T00:00:00Z",
        ),
        (
            "America/Sao_Paulo",
            "2016-01-01T00:00:00Z",
            "2019-06-01T00:00:00Z",
        ),
    ] {
        let (looks, seconds) = check_zone(name, from, until);
        println!("{name}: {looks} looks, {seconds} instants");
    }
}
