use super::*;
use crate::jobs::SESSIONS_RECOVER;
use crate::restarts::{bounds, missed, shards_of_tick};
use crate::samples::{account, at, row};
use crate::schedule::ShardRange;
use std::collections::HashMap;
use uuid::Uuid;

const HOUR: i64 = 3_600;

fn budget(now: i64) -> Budget {
    Budget {
        now: at(now),
        bounds: bounds(0, 2),
        in_flight: 0,
        taken: HashMap::new(),
        new: vec![],
    }
}

/// A session in ERROR whose account is `recovering` since `at(0)`; its second rung is asked for.
fn candidate() -> Candidate {
    let row = row(1, Status::Recovering);
    Candidate {
        asked: RecoverSession {
            account: row.account,
            version: row.version,
            rung: 2,
            by_operator: None,
            place: None,
        },
        job: JobId(Uuid::from_u128(9)),
        row,
        attempt: None,
        is_held: false,
        health: Some(Health::Error),
        called_at: Some(at(60)),
        made: None,
    }
}

fn operators() -> Candidate {
    let mut one = candidate();
    one.asked.rung = 0;
    one.asked.by_operator = Some(RestartId(Uuid::from_u128(5)));
    one
}

fn asked(job: &NewJob) -> RecoverSession {
    serde_json::from_value(job.payload.clone()).expect("its payload")
}

/// The rung and the instant of the job that goes on.
#[track_caller]
fn goes_on(turn: &Turn) -> (u32, Timestamp) {
    match turn {
        Turn::Over(_, Some(job)) => (asked(job).rung, job.run_at),
        other => panic!("nothing goes on: {other:?}"),
    }
}

#[test]
fn r_lnk_8_a_stopped_session_of_a_recovering_account_is_restarted() {
    for health in [Health::Error, Health::Stopped] {
        let one = Candidate {
            health: Some(health),
            ..candidate()
        };
        let Turn::Go(restart) = turn(&one, &mut budget(300)) else {
            panic!("{health} is not restarted");
        };
        assert_eq!(
            (restart.id.0, restart.rung),
            (one.job.0, 2),
            "named by its job"
        );
    }
    let reserved = RestartId(Uuid::from_u128(4));
    let again = Candidate {
        made: Some((reserved, RestartState::Reserved)),
        ..candidate()
    };
    let Turn::Go(restart) = turn(&again, &mut budget(300)) else {
        panic!("what was only written down is called");
    };
    assert_eq!(restart.id, reserved);
}

#[test]
fn r_lnk_8_no_status_but_recovering_is_ever_restarted() {
    for status in Status::ALL {
        for version in [6, 7, 8] {
            let mut one = candidate();
            one.row.status = status;
            one.row.version = version;
            let goes = matches!(turn(&one, &mut budget(300)), Turn::Go(_));
            let wanted = status == Status::Recovering && version == 7;
            assert_eq!(goes, wanted, "{status} v{version}");
            if !wanted {
                assert_eq!(turn(&one, &mut budget(300)), Turn::Over(None, None));
            }
        }
    }
}

#[test]
fn r_lnk_8_credentials_permissions_and_what_starts_wait_for_the_next_rung() {
    for health in [
        Some(Health::Credentials),
        Some(Health::Permissions),
        Some(Health::Ok),
        Some(Health::Unknown),
        Some(Health::Connecting),
        None,
    ] {
        let one = Candidate {
            health,
            ..candidate()
        };
        let turned = turn(&one, &mut budget(300));
        assert_eq!(goes_on(&turned), (3, at(900)), "{health:?}");
        let mut operators = operators();
        operators.health = health;
        let turned = turn(&operators, &mut budget(300));
        let wanted = health == Some(Health::Connecting);
        assert_eq!(
            matches!(turned, Turn::Go(_)),
            wanted,
            "{health:?}: {turned:?}"
        );
    }
    let long = Candidate {
        health: Some(Health::Connecting),
        ..candidate()
    };
    assert!(matches!(turn(&long, &mut budget(HOUR)), Turn::Go(_)));
    let held = Candidate {
        is_held: true,
        ..candidate()
    };
    assert_eq!(goes_on(&turn(&held, &mut budget(300))), (3, at(900)));
}

#[test]
fn r_lnk_10_an_open_attempt_shields_from_restarts_until_it_ends() {
    let mut one = candidate();
    one.attempt = Some(NewestAttempt {
        link_ends_at: at(1_000),
        closed_at: None,
    });
    // 16:40 and four minutes: the hour's rung is the first after it.
    assert_eq!(goes_on(&turn(&one, &mut budget(300))), (4, at(HOUR)));
    assert!(matches!(turn(&one, &mut budget(1_240)), Turn::Go(_)));
}

#[test]
fn r_lnk_8_one_session_is_restarted_once_a_minute_and_a_rung_once() {
    let early = Candidate {
        called_at: Some(at(299)),
        ..candidate()
    };
    assert_eq!(goes_on(&turn(&early, &mut budget(300))), (2, at(359)));
    let id = RestartId(Uuid::from_u128(4));
    for state in RestartState::ALL {
        let one = Candidate {
            made: Some((id, state)),
            ..candidate()
        };
        let turned = turn(&one, &mut budget(300));
        match state {
            RestartState::Reserved => assert!(matches!(turned, Turn::Go(_))),
            RestartState::Calling => assert_eq!(turned, Turn::Vanished(id)),
            _ => assert_eq!(goes_on(&turned), (3, at(900)), "{state}"),
        }
    }
}

#[test]
fn r_lnk_8_two_jobs_of_one_account_do_not_go_together() {
    let both = [operators(), candidate()];
    let turned = turns(&both, &mut budget(300));
    assert!(matches!(turned[0], Turn::Go(_)), "{turned:?}");
    assert_eq!(goes_on(&turned[1]), (2, at(360)));
}

#[test]
fn r_lnk_8_who_finds_no_room_waits_for_the_place_that_is_kept() {
    let mut full = budget(300);
    full.in_flight = full.bounds.in_flight;
    let turned = turn(&candidate(), &mut full);
    let minute_later = at(360);
    assert_eq!(goes_on(&turned), (2, minute_later));
    let Turn::Over(_, Some(job)) = turned else {
        panic!("no job");
    };
    let kept = asked(&job);
    assert_eq!(kept.place, Some(minute_later));
    let then = Candidate {
        asked: kept,
        ..candidate()
    };
    let mut present = budget(360);
    assert!(matches!(turn(&then, &mut present), Turn::Go(_)));
    assert_eq!(present.new, [], "its place was taken before");
}

#[test]
fn r_lnk_8_an_operators_restart_stands_beside_the_ladder() {
    let one = operators();
    let Turn::Go(restart) = turn(&one, &mut budget(300)) else {
        panic!("asked for, and not restarted");
    };
    assert_eq!(Some(restart.id), one.asked.by_operator);
    let settled = Candidate {
        made: Some((restart.id, RestartState::Restarted)),
        ..one
    };
    assert_eq!(turn(&settled, &mut budget(300)), Turn::Over(None, None));
}

#[test]
fn r_lnk_8_what_lost_its_job_goes_on_with_the_next_rung() {
    let row = row(1, Status::Recovering);
    let jobs = missed(std::slice::from_ref(&row), at(1_200), at(1_230));
    let [job] = jobs.as_slice() else {
        panic!("one job");
    };
    assert_eq!((asked(job).rung, job.run_at), (4, at(HOUR)));
    let cause = format!(
        "{}@{}/v7/4~{}",
        SESSIONS_RECOVER.name,
        account(1),
        at(1_200)
    );
    assert_eq!(job.cause, cause, "not that of the job that died");
}

#[test]
fn r_lnk_8_ten_ticks_look_at_every_shard_once() {
    let range = ShardRange {
        first: 16,
        last: 47,
    };
    let ticks = (0..10).flat_map(|minute| shards_of_tick(range, at(60 * minute)));
    let mut seen: Vec<i16> = ticks.collect();
    seen.sort_unstable();
    assert_eq!(seen, (16..=47).collect::<Vec<i16>>());
}
