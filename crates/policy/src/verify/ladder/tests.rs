use super::*;
use crate::samples::{account, at, row, session_id};
use crate::verify::AccountRow;
use uuid::Uuid;

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

fn prior(tries: u16, next_at: i64) -> PriorLook {
    PriorLook {
        version: 7,
        session: session_id(1),
        tries,
        next_at: at(next_at),
    }
}

/// Looks in a day, and in each later one, of a session that never verifies, asked for by every run of the watch.
#[test]
fn r_lnk_6_what_never_verifies_is_asked_for_at_most_twelve_times_a_day() {
    let lost = row(1, Status::ReconnectNeeded);
    let mut known: Option<PriorLook> = None;
    let mut looks = vec![];
    for tick in (0..7 * DAY).step_by(300) {
        let now = at(tick);
        if is_due(&lost, known.as_ref(), now) {
            let tries = tries_before(&lost, known.as_ref(), now) + 1;
            looks.push(tick);
            known = Some(PriorLook {
                tries,
                next_at: next_look(tries, now),
                ..prior(0, 0)
            });
        }
    }
    let minutes: Vec<i64> = looks.iter().take(9).map(|at| at / MINUTE).collect();
    assert_eq!(minutes, [0, 5, 15, 35, 75, 155, 275, 455, 815]);
    let of_day = |day: i64| looks.iter().filter(|at| **at / DAY == day).count();
    assert_eq!(
        (0..7).map(of_day).collect::<Vec<_>>(),
        [10, 4, 4, 4, 4, 4, 4]
    );
}

#[test]
fn r_lnk_6_a_look_waits_for_the_last_one_unless_something_changed() {
    let lost = row(1, Status::ReconnectNeeded);
    let connecting = AccountRow {
        version: 8,
        ..row(1, Status::Connecting)
    };
    let flipped = AccountRow {
        version: 8,
        ..lost.clone()
    };
    let relinked = AccountRow {
        session: Some(session_id(2)),
        ..lost.clone()
    };
    let six_hours = 6 * 60 * MINUTE;
    for (what, row, prior, now, due) in [
        ("no look yet", &lost, None, 0, true),
        ("too early", &lost, Some(prior(3, 600)), 599, false),
        ("in time", &lost, Some(prior(3, 600)), 600, true),
        ("proved", &lost, Some(prior(0, 600)), 0, true),
        ("another session", &relinked, Some(prior(3, 600)), 0, true),
        (
            "its owner tries anew",
            &connecting,
            Some(prior(3, 600)),
            0,
            true,
        ),
        (
            "a flip of the fleet's own",
            &flipped,
            Some(prior(3, 600)),
            0,
            false,
        ),
    ] {
        assert_eq!(is_due(row, prior.as_ref(), at(now)), due, "{what}");
    }
    for (now, tries) in [(600, 3), (600 + six_hours, 3), (601 + six_hours, 0)] {
        let seen = tries_before(&lost, Some(&prior(3, 600)), at(now));
        assert_eq!(seen, tries, "at {now}");
    }
}

#[test]
fn r_lnk_6_a_few_are_asked_for_at_once_and_many_are_spread() {
    let last = AccountRow {
        account: AccountId(Uuid::from_u128(u128::MAX)),
        ..row(1, Status::Recovering)
    };
    for (together, seconds) in [
        (1, 0),
        (AT_ONCE, 0),
        (250, 59),
        (500, 119),
        (1_000, 239),
        (200_000, 239),
        (usize::MAX, 239),
    ] {
        let at_last = paced(last.account, together, at(0));
        assert_eq!(at_last.as_second(), at(seconds).as_second(), "{together}");
        assert_eq!(paced(AccountId(Uuid::nil()), together, at(0)), at(0));
    }
    let accounts = (0..10_000_u128).map(|it| AccountId(Uuid::from_u128(it << 12)));
    let soon = accounts
        .filter(|it| paced(*it, 1_000, at(0)) <= at(60))
        .count();
    assert!(
        soon >= 1 && paced(account(1), 1_000, at(5)) >= at(5),
        "{soon}"
    );
}
