use super::*;
use crate::samples::at;

const DAY: i64 = 24 * 60 * 60;

/// R-SUB-1: the end itself is the first instant of the grace, seven days later is the first after it.
#[test]
fn r_sub_1_grace_is_seven_days_from_the_end_on() {
    let (ended_at, over) = (at(0), at(7 * DAY));
    let grace = Standing::Grace {
        ended_at,
        until: over,
    };
    let after = Standing::GraceOver {
        ended_at,
        since: over,
    };
    for (now, expected) in [
        (-1, Standing::Ends { at: ended_at }),
        (0, grace),
        (7 * DAY - 1, grace),
        (7 * DAY, after),
        (400 * DAY, after),
    ] {
        assert_eq!(standing(Some(ended_at), at(now)), expected, "{now} s");
        assert_eq!(standing(None, at(now)), Standing::Runs);
    }
    assert_eq!((grace.as_str(), after.as_str()), ("grace", "grace_over"));
}

/// R-SUB-1: which days a subscription that ended at 0 has behind it, the last of which is told.
#[test]
fn r_sub_1_notices_are_due_on_days_zero_three_and_six() {
    let last_due = |now: i64| {
        let due = notice_cutoffs(at(now)).into_iter();
        due.filter(|&(_, cutoff)| at(0) <= cutoff)
            .map(|(day, _)| day)
            .max()
    };
    for (now, expected) in [
        (-1, None),
        (0, Some(0)),
        (3 * DAY - 1, Some(0)),
        (3 * DAY, Some(3)),
        (6 * DAY - 1, Some(3)),
        (6 * DAY, Some(6)),
        (7 * DAY, Some(6)),
        (400 * DAY, Some(6)),
    ] {
        assert_eq!(last_due(now), expected, "{now} s");
    }
    assert!(
        NOTICE_DAYS
            .iter()
            .all(|&day| SignedDuration::from_hours(i64::from(day) * 24) < GRACE)
    );
}
