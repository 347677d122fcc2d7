use super::*;
use crate::samples::at;
use proptest::prelude::*;

fn facts(status: Status) -> PillFacts {
    PillFacts {
        status,
        since: at(0),
        last_activity: None,
        checkpoint: None,
        hold: None,
        zone: TimeZone::UTC,
    }
}

#[track_caller]
fn check(facts: &PillFacts, now: Timestamp, text: &str, colour: Colour, spinner: bool) {
    let pill = pill(facts, now);
    assert_eq!(
        (pill.text.as_str(), pill.colour, pill.spinner),
        (text, colour, spinner)
    );
}

#[test]
fn r_pill_1_each_status_and_age_has_the_pill_of_the_specification() {
    let linking = facts(Status::Connecting);
    let (finishing, longer) = (
        "Linking — finishing connection",
        "Linking — taking longer than expected",
    );
    check(&linking, at(0), finishing, Colour::Blue, true);
    check(&linking, at(300), finishing, Colour::Blue, true);
    check(&linking, at(301), longer, Colour::Amber, false);
    for (status, text, colour) in [
        (
            Status::Connected,
            "Connected · no activity yet",
            Colour::Green,
        ),
        (Status::ReconnectNeeded, "Reconnect needed", Colour::Amber),
        (
            Status::ActionRequired,
            "Confirm in the LinkedIn app",
            Colour::Amber,
        ),
        (
            Status::Recovering,
            "Reconnecting automatically",
            Colour::Blue,
        ),
        (Status::Missing, "Session lost — reconnect", Colour::Amber),
        (Status::Disconnected, "Disconnected", Colour::Grey),
    ] {
        check(&facts(status), at(0), text, colour, false);
        check(&facts(status), at(1_000_000), text, colour, false);
    }
}

#[test]
fn r_pill_1_last_activity_is_told_in_the_largest_whole_unit() {
    for (seconds, words) in [
        (-5, "just now"),
        (0, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3_599, "59 min ago"),
        (3_600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 day ago"),
        (172_799, "1 day ago"),
        (172_800, "2 days ago"),
    ] {
        assert_eq!(ago(at(0), at(seconds)), words, "{seconds} s");
    }
    let active = PillFacts {
        last_activity: Some(at(0)),
        ..facts(Status::Connected)
    };
    check(
        &active,
        at(120),
        "Connected · last activity 2 min ago",
        Colour::Green,
        false,
    );
}

#[test]
fn r_pill_1_a_checkpoint_speaks_in_its_own_words() {
    for (words, text) in [
        (Some("Enter the code we sent"), "Enter the code we sent"),
        (Some("  "), "Confirm in the LinkedIn app"),
        (None, "Confirm in the LinkedIn app"),
    ] {
        let asked = PillFacts {
            checkpoint: words.map(str::to_owned),
            ..facts(Status::ActionRequired)
        };
        check(&asked, at(0), text, Colour::Amber, false);
    }
}

#[test]
fn r_pill_1_a_hold_is_a_second_line_in_the_accounts_own_time() {
    let line = |reason: &str, until, zone: &TimeZone, now| {
        let reason = reason.to_owned();
        hold_text(&Hold { reason, until }, zone, now)
    };
    let east = TimeZone::fixed(jiff::tz::offset(2));
    // at(0) is 10:00 UTC.
    for (reason, until, zone, now, text) in [
        (
            "protective",
            Some(at(4 * 3600)),
            &TimeZone::UTC,
            at(0),
            Some("Paused for safety until 14:00"),
        ),
        (
            "protective",
            Some(at(4 * 3600)),
            &east,
            at(0),
            Some("Paused for safety until 16:00"),
        ),
        (
            "protective",
            Some(at(14 * 3600)),
            &TimeZone::UTC,
            at(0),
            Some("Paused for safety until 2 Mar 00:00"),
        ),
        (
            "restricted",
            None,
            &TimeZone::UTC,
            at(0),
            Some("Restricted by the network"),
        ),
        (
            "subscription",
            None,
            &TimeZone::UTC,
            at(0),
            Some("Paused, subscription ended"),
        ),
        ("audit", None, &TimeZone::UTC, at(0), Some("Paused (audit)")),
        (
            "protective",
            Some(at(9)),
            &TimeZone::UTC,
            at(8),
            Some("Paused for safety until 10:00"),
        ),
        ("protective", Some(at(9)), &TimeZone::UTC, at(9), None),
    ] {
        assert_eq!(line(reason, until, zone, now).as_deref(), text, "{reason}");
    }
}

proptest! {
    #[test]
    fn r_pill_1_every_status_hold_and_age_has_a_pill(
        status in prop::sample::select(Status::ALL.to_vec()),
        age in -1_000_000_000_i64..1_000_000_000,
        active in prop::option::of(-1_000_000_000_i64..1_000_000_000),
        checkpoint in prop::option::of(".*"),
        hold in prop::option::of((".*", prop::option::of(-1_000_000_i64..1_000_000))),
    ) {
        let hold = hold.map(|(reason, until)| Hold { reason, until: until.map(at) });
        let plain = PillFacts { last_activity: active.map(at), checkpoint, ..facts(status) };
        let held = PillFacts { hold, ..plain.clone() };
        let (plain, held) = (pill(&plain, at(age)), pill(&held, at(age)));
        prop_assert!(!held.text.trim().is_empty());
        prop_assert!(LABELS.contains(&held.label));
        prop_assert_eq!(held.spinner, held.label == LINKING);
        prop_assert_eq!(Pill { second_line: None, ..held }, plain, "a hold never changes the first line");
    }
}
