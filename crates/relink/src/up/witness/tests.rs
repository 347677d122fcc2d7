use super::*;
use simulator::control::{Kind, Tier};

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

fn session(well_since: Option<i64>) -> SessionView {
    SessionView {
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
    }
}

/// Looks at minutes, each with the minute since which the session is well.
fn seen(looks: &[(i64, Option<i64>)]) -> Witness {
    let mut witness = Witness::default();
    for &(minute, well_since) in looks {
        witness.note(at(minute), &[session(well_since)]);
    }
    witness
}

#[test]
fn a_break_reaches_from_the_look_before_it_to_the_providers_own_word() {
    let witness = seen(&[(0, Some(0)), (10, None), (20, None), (30, Some(25))]);
    for (from, until, breaks) in [
        (0, 0, 1),
        (10, 24, 1),
        (25, 40, 1),
        (26, 40, 0),
        (-5, -1, 0),
    ] {
        let counted = witness.breaks("s1", at(from), at(until));
        assert_eq!(counted, breaks, "{from} to {until}");
    }
    assert_eq!(witness.breaks("another", at(0), at(40)), 0);
    assert_eq!(witness.broken_since("s1"), None);
    assert_eq!(
        seen(&[(0, Some(0)), (10, None)]).broken_since("s1"),
        Some(at(0))
    );
}

#[test]
fn what_was_lost_and_back_between_two_looks_is_a_break() {
    let witness = seen(&[(0, Some(0)), (10, Some(7)), (20, Some(7)), (30, Some(28))]);
    assert_eq!(witness.breaks("s1", at(0), at(40)), 2);
    assert_eq!(witness.breaks("s1", at(11), at(19)), 0);
    let lost = seen(&[(0, None), (10, None)]);
    assert_eq!(lost.breaks("s1", at(5), at(50)), 1);
}

#[test]
fn who_was_behind_a_session_and_whether_it_was_gone_is_remembered() {
    let mut witness = seen(&[(0, Some(0))]);
    assert!(!witness.changed_hands("s1") && !witness.was_gone("s1"));
    let taken = SessionView {
        identity: "bob".to_owned(),
        ..session(Some(4))
    };
    witness.note(at(5), &[taken]);
    assert!(witness.changed_hands("s1") && !witness.was_gone("s1"));
    // A stranger's session is not the account's.
    assert_eq!(witness.breaks("s1", at(5), at(5)), 1);
    let gone = SessionView {
        presence: Presence::Gone,
        ..session(None)
    };
    witness.note(at(10), &[gone]);
    witness.note(at(15), &[session(Some(14))]);
    assert!(witness.was_gone("s1"));
    assert_eq!(witness.breaks("s1", at(15), at(20)), 0);
}

#[test]
fn the_farthest_that_the_clocks_were_apart_is_kept() {
    let mut witness = Witness::default();
    for seconds in [3, -70, 60, 0] {
        witness.note_clock(SignedDuration::from_secs(seconds));
    }
    assert_eq!(witness.clock_off(), SignedDuration::from_secs(-70));
}
