use super::*;
use crate::up::witness::Witness;
use simulator::control::{Kind, Presence, SessionView, Tier};

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

/// Looks at the session `s1`, each with the minute since which it is well.
fn causes(looks: &[(i64, Option<i64>)]) -> Causes {
    let mut witness = Witness::default();
    for &(minute, well_since) in looks {
        let session = SessionView {
            id: "s1".to_owned(),
            kind: Kind::Linkedin,
            name: "Ada".to_owned(),
            identity: "ada".to_owned(),
            handle: "ada".to_owned(),
            tier: Tier::Free,
            created_at: at(0),
            words: vec!["OK".to_owned()],
            presence: Presence::Live,
            well_since: well_since.map(at),
            workspace: None,
        };
        witness.note(at(minute), &[session]);
    }
    Causes {
        holds: vec![],
        pauses: vec![],
        witness,
        restricted: BTreeMap::new(),
    }
}

/// Well but for the minutes 100 to 110.
fn lost_once() -> Causes {
    causes(&[(0, Some(0)), (99, Some(0)), (100, None), (110, Some(110))])
}

fn pace(now: i64) -> Pace {
    Pace {
        at: at(now),
        speed: 12.0,
        runs: vec![],
    }
}

fn hold(reason: &str, since: i64) -> HoldLine {
    HoldLine {
        name: "Ada".to_owned(),
        session: Some("s1".to_owned()),
        reason: reason.to_owned(),
        since: at(since),
        note: "10 of the last 49 sends failed".to_owned(),
        is_in_force: true,
        is_asked_for: false,
    }
}

fn pause(reason: &str, paused_at: i64) -> PauseLine {
    PauseLine {
        campaign: "Campaign 1".to_owned(),
        sessions: vec!["s0".to_owned(), "s1".to_owned()],
        reason: reason.to_owned(),
        paused_at: at(paused_at),
        note: String::new(),
        is_in_force: false,
        is_asked_for: false,
    }
}

fn holds_without_cause(causes: Causes, hold: HoldLine) -> usize {
    let holds = vec![hold];
    Causes { holds, ..causes }.unfounded(&pace(500)).len()
}

fn pauses_without_cause(causes: Causes, pause: PauseLine, now: i64) -> usize {
    let pauses = vec![pause];
    Causes { pauses, ..causes }.unfounded(&pace(now)).len()
}

#[test]
fn r_cap_8_a_protective_hold_of_a_healthy_account_has_no_cause() {
    // Until 15 minutes, and five seconds of the machine, after the session was back.
    for (since, wrong) in [(50, 1), (105, 0), (110, 0), (126, 0), (127, 1)] {
        let held = holds_without_cause(lost_once(), hold("protective", since));
        assert_eq!(held, wrong, "{since}");
    }
    let mut causes = lost_once();
    causes.holds = vec![hold("protective", 50)];
    let said = causes.unfounded(&pace(500));
    assert!(said[0].starts_with("Ada: held protective"), "{said:?}");
    assert!(said[0].contains("10 of the last 49"), "{said:?}");
}

#[test]
fn r_cap_7_a_restriction_is_true_from_the_instant_at_which_the_network_made_it() {
    for reason in ["restricted", "protective"] {
        for (since, wrong) in [(19, 1), (20, 0), (90, 0)] {
            let mut causes = lost_once();
            causes.restricted = [("s1".to_owned(), at(20))].into();
            assert_eq!(holds_without_cause(causes, hold(reason, since)), wrong);
        }
    }
    // A lost session is no restricted one.
    assert_eq!(holds_without_cause(lost_once(), hold("restricted", 105)), 1);
}

#[test]
fn r_cap_8_other_holds_are_true_by_what_was_seen_or_asked_for() {
    for reason in ["wrong_account", "session_gone", "operator", "subscription"] {
        assert_eq!(holds_without_cause(lost_once(), hold(reason, 105)), 1);
    }
    for reason in ["operator", "subscription"] {
        let asked_for = HoldLine {
            is_asked_for: true,
            ..hold(reason, 50)
        };
        assert_eq!(holds_without_cause(lost_once(), asked_for), 0);
    }
}

#[test]
fn r_heal_1_a_pause_for_a_lost_sender_needs_one_and_ends_with_its_return() {
    for (paused_at, wrong) in [(50, 1), (105, 0), (126, 0), (127, 1)] {
        let paused = pause("account_disconnected", paused_at);
        let found = pauses_without_cause(lost_once(), paused, 500);
        assert_eq!(found, wrong, "{paused_at}");
    }
    // Back for 15 minutes, five seconds of the machine, and the five minutes until the next heal.
    for (now, wrong) in [(131, 0), (132, 1)] {
        let found = pauses_without_cause(lost_once(), standing(105), now);
        assert_eq!(found, wrong);
    }
}

/// Of a lost sender, and in force.
fn standing(paused_at: i64) -> PauseLine {
    PauseLine {
        is_in_force: true,
        ..pause("account_disconnected", paused_at)
    }
}

#[test]
fn r_heal_1_a_pause_that_is_younger_than_its_heal_may_stand() {
    let lost = || causes(&[(0, Some(0)), (99, Some(0)), (100, None)]);
    // Also one that began while the fleet was stopped, after the instant of the report.
    for (paused_at, now) in [(100, 100), (101, 102), (101, 104), (103, 101)] {
        let found = pauses_without_cause(lost(), standing(paused_at), now);
        assert_eq!(found, 0, "{paused_at}, {now}");
    }
    // Nobody was lost so far.
    assert_eq!(pauses_without_cause(lost(), standing(98), 98), 1);
    // One of old is not excused by what was lost a moment ago.
    let looks = [
        (0, Some(0)),
        (20, None),
        (30, Some(30)),
        (199, Some(30)),
        (200, None),
    ];
    let found = pauses_without_cause(causes(&looks), standing(25), 201);
    assert_eq!(found, 1);
}

#[test]
fn r_cap_8_everyday_refusals_are_no_cause_of_a_campaigns_pause() {
    for reason in ["failure_rate", "manual", "operator", "subscription"] {
        let found = pauses_without_cause(lost_once(), pause(reason, 105), 500);
        assert_eq!(found, 1, "{reason}");
    }
    let lost_thrice = || causes(&[(0, Some(0)), (20, Some(15)), (40, Some(35)), (60, Some(55))]);
    assert_eq!(
        pauses_without_cause(lost_thrice(), pause("stuck_loop", 60), 500),
        0
    );
    assert_eq!(
        pauses_without_cause(lost_once(), pause("stuck_loop", 110), 500),
        1
    );
}
