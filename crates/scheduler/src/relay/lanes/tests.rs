use super::*;

fn key(lanes: &mut Lanes, workspace: u128, kind: &str) -> LaneKey {
    let lane = Lane {
        workspace: Uuid::from_u128(workspace),
        kind: kind.to_owned(),
    };
    lanes.key(&lane).expect("a key")
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

fn picked(lanes: &mut Lanes, room: usize) -> Vec<u128> {
    let keys = lanes.pick(room, false, |_| false);
    keys.iter().map(|it| it.workspace.as_u128()).collect()
}

#[test]
fn r_job_6_a_round_goes_on_where_the_last_one_ended() {
    let mut lanes = Lanes::default();
    for workspace in 1..=5 {
        let key = key(&mut lanes, workspace, "a");
        lanes.learn(key, at(0), at(1));
    }
    assert_eq!(picked(&mut lanes, 2), [1, 2]);
    assert_eq!(picked(&mut lanes, 2), [3, 4]);
    assert_eq!(picked(&mut lanes, 2), [5, 1]);
    assert_eq!(picked(&mut lanes, 9), [2, 3, 4, 5, 1]);
    let quiet = key(&mut lanes, 0, "a");
    lanes.wake(quiet);
    assert_eq!(
        picked(&mut lanes, 1),
        [2],
        "the fleet's own has a share of its own"
    );
    assert_eq!(lanes.pick(1, true, |_| false), [quiet]);
}

#[test]
fn lanes_of_one_workspace_are_picked_together_and_a_look_is_bounded() {
    let mut lanes = Lanes::default();
    for workspace in 1..=3 {
        for kind in ["a", "b"] {
            let key = key(&mut lanes, workspace, kind);
            lanes.wake(key);
        }
    }
    assert_eq!(picked(&mut lanes, 2), [1, 1, 2, 2]);
    assert_eq!(picked(&mut lanes, 1), [3, 3]);
    for workspace in 10..20_010 {
        let key = key(&mut lanes, workspace, "a");
        lanes.wake(key);
    }
    assert_eq!(picked(&mut lanes, 12_000).len(), LANES_MAX);
}

#[test]
fn what_is_held_as_a_whole_is_put_aside_until_pauses_change() {
    let mut lanes = Lanes::default();
    let (held, free) = (key(&mut lanes, 1, "held"), key(&mut lanes, 1, "free"));
    lanes.wake(held);
    lanes.wake(free);
    let is_held = |lane: &Lane| lane.kind == "held";
    assert_eq!(lanes.pick(10, false, is_held), [free]);
    lanes.settle(free, Reading::Ended(None), Instant::now());
    // Neither a ring nor a lap takes it back.
    lanes.wake(held);
    lanes.learn(held, at(0), at(1));
    assert!(!lanes.is_ready(false));
    lanes.unpark();
    assert_eq!(lanes.pick(10, false, |_| false), [held]);
}

#[test]
fn a_lane_is_ready_when_its_next_job_comes_due() {
    let mut lanes = Lanes::default();
    let machine = Instant::now();
    let lane = key(&mut lanes, 1, "a");
    lanes.learn(lane, at(100), at(1));
    lanes.learn(lane, at(50), at(1));
    lanes.learn(lane, at(70), at(1));
    assert_eq!(
        (lanes.next_due(), lanes.is_ready(false)),
        (Some(at(50)), false)
    );
    lanes.promote(at(49), machine);
    assert!(!lanes.is_ready(false));
    lanes.promote(at(50), machine);
    assert!(lanes.is_ready(false));
    lanes.settle(lane, Reading::Ended(Some(at(90))), machine);
    assert_eq!(
        (lanes.next_due(), lanes.is_ready(false)),
        (Some(at(90)), false)
    );
    lanes.promote(at(90), machine);
    lanes.settle(lane, Reading::Ended(None), machine);
    assert_eq!((lanes.next_due(), lanes.is_ready(false)), (None, false));
}

#[test]
fn r_q_1_a_long_lane_that_is_held_row_by_row_is_read_in_parts_and_then_rests() {
    let mut lanes = Lanes::default();
    let machine = Instant::now();
    let lane = key(&mut lanes, 1, "a");
    lanes.wake(lane);
    for part in 1..=20 {
        let row = (at(part), Uuid::from_u128(1));
        lanes.settle(lane, Reading::Stopped(row), machine);
        assert_eq!(lanes.after(lane), Some(row));
        assert!(lanes.is_ready(false));
    }
    // Jobs that may start were found behind: the next look goes on there.
    lanes.settle(lane, Reading::Filled, machine);
    assert_eq!(lanes.after(lane), Some((at(20), Uuid::from_u128(1))));
    lanes.settle(lane, Reading::Ended(None), machine);
    lanes.wake(lane);
    assert!(!lanes.is_ready(false), "it rests, whoever rings");
    assert_eq!(lanes.next_rested(), Some(machine + REST_MAX));
    lanes.promote(at(0), machine + REST_MAX);
    assert!(lanes.is_ready(false));
    assert_eq!(lanes.after(lane), None, "from its beginning again");
    lanes.settle(lane, Reading::Stopped((at(1), Uuid::nil())), machine);
    for _ in 0..SCAN_LOOKS_MAX {
        lanes.settle(lane, Reading::Filled, machine);
    }
    assert_eq!(
        lanes.after(lane),
        None,
        "what waits again before it has its turn"
    );
}
