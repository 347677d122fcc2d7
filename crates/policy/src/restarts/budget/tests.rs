use super::*;
use crate::samples::{at, workspace};
use std::collections::BTreeMap;

fn budget(sessions: i64, now: i64) -> Budget {
    Budget {
        now: at(now),
        bounds: bounds(sessions, 3),
        in_flight: 0,
        taken: HashMap::new(),
        new: vec![],
    }
}

#[test]
fn r_lnk_8_the_fleets_bound_grows_with_it_within_limits() {
    for (sessions, workspaces, per_minute, per_workspace, in_flight) in [
        (0, 2, 10, 5, 10),
        (2_000, 2, 10, 5, 10),
        (2_200, 2, 11, 6, 10),
        (2_200, 1, 11, 11, 10),
        (100_000, 2, 500, 250, 25),
        (1_000_000, 9, 600, 300, 30),
        (-1, 0, 10, 10, 10),
    ] {
        let wanted = Bounds {
            per_minute,
            per_workspace,
            in_flight,
        };
        assert_eq!(bounds(sessions, workspaces), wanted, "{sessions} sessions");
    }
}

/// Everybody who asks, in this order of workspaces, until all have been restarted: starts by minute and workspace.
fn starts(asking: &[u128], sessions: i64) -> BTreeMap<i64, Vec<u128>> {
    let mut known = HashMap::new();
    let mut waiting: Vec<(Option<Timestamp>, u128)> = asking.iter().map(|it| (None, *it)).collect();
    let mut starts: BTreeMap<i64, Vec<u128>> = BTreeMap::new();
    let mut asked = 0;
    for minute in 0..MINUTES {
        let mut present = Budget {
            taken: std::mem::take(&mut known),
            ..budget(sessions, minute * 60 + 59)
        };
        let mut later = vec![];
        for (kept, of) in waiting {
            if kept.is_some_and(|kept| present.now < kept) {
                later.push((kept, of));
                continue;
            }
            asked += 1;
            if present.holds(kept) {
                starts.entry(minute).or_default().push(of);
                present.in_flight = 0;
                continue;
            }
            match present.take(workspace(of)) {
                Place::Now => {
                    starts.entry(minute).or_default().push(of);
                    // Calls are short.
                    present.in_flight = 0;
                }
                Place::Kept(at) | Place::Full(at) => later.push((Some(at), of)),
            }
        }
        known = present.taken;
        waiting = later;
        if waiting.is_empty() {
            break;
        }
    }
    assert!(waiting.is_empty(), "all are restarted");
    assert!(asked <= 2 * asking.len(), "nobody asks a third time");
    starts
}

#[test]
fn r_lnk_8_500_at_once_never_exceed_the_bound_and_leave_others_their_half() {
    let alone = starts(&[1; 500], 600);
    assert!(alone.values().all(|of| of.len() <= 5));
    let mut asking = vec![1; 500];
    asking.extend([2; 3]);
    let both = starts(&asking, 600);
    assert!(both.values().all(|of| of.len() <= 10));
    assert_eq!(both[&0].iter().filter(|it| **it == 2).count(), 3);
    let three: Vec<u128> = (0..600).map(|nth| nth % 3).collect();
    let all = starts(&three, 600);
    assert!(all.values().all(|of| of.len() <= 10));
    assert_eq!(all.len(), 60, "no place is left empty");
}

#[test]
fn r_lnk_8_a_place_is_spread_over_its_minute_and_lapses_with_it() {
    let mut full = budget(0, 0);
    for _ in 0..5 {
        assert_eq!(full.take(workspace(1)), Place::Now);
    }
    assert_eq!(full.take(workspace(1)), Place::Kept(at(60)));
    assert_eq!(full.take(workspace(1)), Place::Kept(at(63)));
    assert_eq!(full.take(workspace(2)), Place::Now, "another's half");
    let mut later = budget(0, 119);
    assert!(later.holds(Some(at(63))));
    let mut late = budget(0, 120);
    assert!(!late.holds(Some(at(63))), "or minutes would pile up");
    assert!(!late.holds(None));
}

#[test]
fn r_lnk_8_calls_that_hang_leave_the_present_minute() {
    let mut hung = Budget {
        in_flight: 10,
        ..budget(0, 0)
    };
    assert!(!hung.holds(Some(at(1))));
    assert_eq!(hung.take(workspace(1)), Place::Kept(at(60)));
    hung.in_flight = 9;
    assert_eq!(hung.take(workspace(1)), Place::Now);
    assert_eq!(hung.take(workspace(1)), Place::Kept(at(63)), "ten now");
}

#[test]
fn r_lnk_8_a_day_that_is_full_is_asked_again_tomorrow() {
    let mut full = budget(0, 0);
    let first = Budget::minute(full.now);
    for minute in first..first + MINUTES {
        full.taken.insert((minute, None), 10);
    }
    assert_eq!(full.take(workspace(1)), Place::Full(at(86_400)));
    assert_eq!(full.new, []);
}
