use super::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

/// Runs as minutes of their beginning and end, all applied; at 60 times the machine's speed.
fn pace(now: i64, runs: &[(i64, Option<i64>)]) -> Pace {
    let run = |&(start, end): &(i64, Option<i64>)| WatchRun {
        started_at: at(start),
        ended_at: end.map(at),
        is_applied: end.is_some(),
    };
    Pace {
        at: at(now),
        speed: 60.0,
        runs: runs.iter().map(run).collect(),
    }
}

#[test]
fn r_st_5_a_machine_that_keeps_up_has_fifteen_minutes_and_five_seconds() {
    let quick = [(0, Some(1)), (5, Some(6)), (10, Some(11)), (15, Some(16))];
    assert_eq!(pace(30, &quick).connected_by(at(2)), at(22));
    assert_eq!(pace(60, &[]).connected_by(at(2)), at(22));
}

#[test]
fn r_st_5_a_slow_machine_has_until_its_second_run_has_seen_the_session() {
    // Well while the first run is under way: it may have been listed before.
    let slow = [
        (0, Some(50)),
        (51, Some(110)),
        (111, Some(170)),
        (171, None),
    ];
    let pace = pace(200, &slow);
    assert_eq!(pace.connected_by(at(10)), at(175));
    // As soon as two more have ended; until then nobody can say.
    assert_eq!(pace.connected_by(at(52)), at(205));
    assert_eq!(pace.longest_run(), SignedDuration::from_mins(59));
}

#[test]
fn r_st_5_runs_that_were_not_applied_excuse_and_a_watch_that_stands_still_does_not() {
    let mut halting = pace(40, &[(0, Some(1)), (20, Some(30)), (31, Some(39))]);
    halting.runs[1].is_applied = false;
    assert_eq!(halting.connected_by(at(10)), at(45));
    // No run has ended for longer than 15 minutes and 20 seconds of the machine.
    for (now, by) in [(65, 70), (66, 30)] {
        let still = pace(now, &[(0, Some(1)), (20, Some(30)), (31, None)]);
        assert_eq!(still.connected_by(at(10)), at(by), "{now}");
    }
}

#[test]
fn r_job_4_a_lost_doorbell_is_rung_again_before_its_job_counts_as_lost() {
    // At 60 times the machine's speed half a minute of it is half an hour.
    assert_eq!(pace(200, &[]).lost_before(), at(150));
}
