#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
use super::*;
use std::collections::HashSet;

fn targets(from: Option<Status>) -> HashSet<Status> {
    let may = |to: &Status| allowed(from, *to).is_ok();
    Status::ALL.into_iter().filter(may).collect()
}

#[track_caller]
fn check(from: Option<Status>, to: &[Status]) {
    assert_eq!(targets(from), to.iter().copied().collect(), "from {from:?}");
}

#[test]
fn r_st_1_from_each_status_exactly_these_can_be_reached() {
    use Status::{
        ActionRequired, Connected, Connecting, Disconnected, Missing, ReconnectNeeded, Recovering,
    };
    check(None, &[Connecting, ReconnectNeeded]);
    check(
        Some(Connecting),
        &[
            Connected,
            ReconnectNeeded,
            ActionRequired,
            Recovering,
            Missing,
            Disconnected,
        ],
    );
    check(
        Some(Connected),
        &[
            ReconnectNeeded,
            ActionRequired,
            Recovering,
            Missing,
            Disconnected,
        ],
    );
    check(
        Some(ReconnectNeeded),
        &[Connecting, Connected, ActionRequired, Missing, Disconnected],
    );
    check(
        Some(ActionRequired),
        &[
            Connecting,
            Connected,
            ReconnectNeeded,
            Missing,
            Disconnected,
        ],
    );
    check(
        Some(Recovering),
        &[
            Connecting,
            Connected,
            ReconnectNeeded,
            ActionRequired,
            Missing,
            Disconnected,
        ],
    );
    check(
        Some(Missing),
        &[
            Connecting,
            Connected,
            ReconnectNeeded,
            ActionRequired,
            Recovering,
            Disconnected,
        ],
    );
    check(Some(Disconnected), &[Connecting, Connected]);
}

#[test]
fn r_st_1_no_change_is_listed_twice_and_none_stays_where_it_is() {
    let pairs: HashSet<_> = TRANSITIONS.iter().map(|it| (it.from, it.to)).collect();
    assert_eq!(pairs.len(), TRANSITIONS.len());
    assert!(pairs.iter().all(|&(from, to)| from != Some(to)));
}

#[test]
fn r_st_1_no_status_is_a_trap_and_every_one_can_be_disconnected() {
    for status in Status::ALL {
        let seen = reachable(status);
        assert_eq!(seen.len(), Status::ALL.len(), "from {status}: {seen:?}");
        assert!(
            status == Status::Disconnected || allowed(Some(status), Status::Disconnected).is_ok()
        );
    }
}

fn reachable(start: Status) -> HashSet<Status> {
    let mut seen = HashSet::from([start]);
    let mut todo = vec![start];
    while let Some(at) = todo.pop() {
        todo.extend(targets(Some(at)).into_iter().filter(|to| seen.insert(*to)));
    }
    seen
}

#[test]
fn r_st_1_a_forbidden_change_is_an_error_that_names_both_ends() {
    let from_nothing = allowed(None, Status::Connected).unwrap_err();
    assert_eq!(
        from_nothing.to_string(),
        "an account may not go from nothing to connected"
    );
    let same = allowed(Some(Status::Missing), Status::Missing).unwrap_err();
    assert_eq!(
        same.to_string(),
        "an account may not go from missing to missing"
    );
}

#[test]
fn every_status_is_read_back_from_its_word() {
    for status in Status::ALL {
        assert_eq!(Status::parse(status.as_str()), Some(status));
        assert_eq!(
            serde_json::to_value(status).unwrap(),
            serde_json::json!(status.as_str())
        );
    }
    assert_eq!(Status::parse("Connected"), None);
}
