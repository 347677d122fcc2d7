use super::*;
use crate::samples::at;
use proptest::prelude::*;

fn facts(status: Status) -> PillFacts {
    PillFacts {
        status,
        since: at(0),
        kind: "LINKEDIN".to_owned(),
        last_activity: None,
        checked: None,
        checkpoint: None,
        holds: vec![],
        side: None,
        link_ends: None,
        restarts: RestartsShown::default(),
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
fn r_pill_1_every_account_of_a_restored_copy_says_so() {
    let mut of_a_copy = facts(Status::Connected);
    of_a_copy.holds = vec![Hold {
        reason: crate::holds::COPY.to_owned(),
        until: None,
    }];
    let line = pill(&of_a_copy, at(0)).second_line;
    assert_eq!(line.as_deref(), Some("Paused, this is a restored copy"));
    assert_eq!(action(&of_a_copy, at(0)), OwnerAction::AskSupport);
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
fn r_pill_1_a_mailbox_confirms_in_its_mail_account() {
    for kind in ["GOOGLE_OAUTH", "OUTLOOK", "MAIL", "ICLOUD"] {
        let mailbox = PillFacts {
            kind: kind.to_owned(),
            ..facts(Status::ActionRequired)
        };
        let text = "Confirm in your mail account";
        check(&mailbox, at(0), text, Colour::Amber, false);
    }
}

fn held(holds: &[(&str, Option<i64>)]) -> PillFacts {
    let hold = |(reason, until): &(&str, Option<i64>)| Hold {
        reason: (*reason).to_owned(),
        until: until.map(at),
    };
    PillFacts {
        holds: holds.iter().map(hold).collect(),
        ..facts(Status::Connected)
    }
}

#[track_caller]
fn says(holds: &[(&str, Option<i64>)], zone: &TimeZone, now: i64, text: Option<&str>) {
    let facts = PillFacts {
        zone: zone.clone(),
        ..held(holds)
    };
    assert_eq!(pill(&facts, at(now)).second_line.as_deref(), text);
}

#[test]
fn r_pill_1_a_hold_is_a_second_line_in_the_accounts_own_time() {
    let (utc, east) = (TimeZone::UTC, TimeZone::fixed(jiff::tz::offset(2)));
    // at(0) is 10:00 UTC.
    for (until, zone, now, text) in [
        (4 * 3600, &utc, 0, Some("Paused for safety until 14:00 UTC")),
        (4 * 3600, &east, 0, Some("Paused for safety until 16:00")),
        (
            14 * 3600,
            &utc,
            0,
            Some("Paused for safety until 2 Mar 00:00 UTC"),
        ),
        (9, &utc, 8, Some("Paused for safety until 10:00 UTC")),
        (9, &utc, 9, None),
    ] {
        says(&[("protective", Some(until))], zone, now, text);
    }
}

#[test]
fn r_pill_1_each_hold_has_its_words_and_the_owners_comes_first() {
    for (reason, text) in [
        ("restricted", "Restricted by the network"),
        ("subscription", "Paused, subscription ended"),
        ("operator", "Paused by support"),
        ("wrong_account", "Another person is signed in"),
        ("audit", "Paused (audit)"),
    ] {
        says(&[(reason, None)], &TimeZone::UTC, 0, Some(text));
        let both = [(reason, None), ("protective", Some(9))];
        says(&both, &TimeZone::UTC, 0, Some(text));
    }
    let owners = [("wrong_account", None), ("restricted", None)];
    let text = "Another person is signed in";
    says(&owners, &TimeZone::UTC, 0, Some(text));
}

#[test]
fn r_st_4_news_older_than_a_quarter_of_an_hour_are_called_old() {
    let checked = |status| PillFacts {
        checked: Some(at(0)),
        ..facts(status)
    };
    let line = |facts: &PillFacts, now| pill(facts, at(now)).second_line;
    for status in Status::ALL {
        let is_watched = !matches!(status, Status::Connecting | Status::Disconnected);
        let old = is_watched.then(|| "Not checked since 10:00 UTC".to_owned());
        assert_eq!(
            line(&checked(status), 900),
            None,
            "{status}: the boundary itself"
        );
        assert_eq!(line(&checked(status), 901), old, "{status}");
        assert_eq!(
            line(&facts(status), 901),
            None,
            "{status} without a session"
        );
    }
    let both = PillFacts {
        holds: held(&[("restricted", None)]).holds,
        ..checked(Status::Connected)
    };
    let words = "Restricted by the network · Not checked since 1 Mar 10:00 UTC";
    assert_eq!(line(&both, 86_400).as_deref(), Some(words));
}

#[test]
fn r_st_3_a_lost_calendar_is_a_second_line_and_no_loss() {
    for status in Status::ALL {
        for health in Health::ALL {
            let side = PillFacts {
                side: Some(health),
                ..facts(status)
            };
            let is_lost = !matches!(health, Health::Ok | Health::Unknown);
            let line = (is_lost && status == Status::Connected).then_some("Calendar not connected");
            let shown = pill(&side, at(0));
            assert_eq!(shown.second_line.as_deref(), line, "{status} {health}");
            assert_eq!(shown.text, pill(&facts(status), at(0)).text);
        }
    }
}

#[test]
fn r_lnk_8_a_recovering_pill_says_what_was_done_and_when_it_goes_on() {
    for (made, next, line) in [
        (0, None, None),
        (0, Some(60), Some("Next try at 10:01 UTC")),
        (1, Some(300), Some("Restarted once, next try at 10:05 UTC")),
        (
            3,
            Some(4 * 3_600),
            Some("Restarted 3 times, next try at 14:00 UTC"),
        ),
        (3, Some(0), Some("Restarted 3 times, next try now")),
        (
            9,
            Some(86_400),
            Some("Restarted 9 times, next try at 2 Mar 10:00 UTC"),
        ),
        (2, None, Some("Restarted 2 times")),
    ] {
        for status in Status::ALL {
            let facts = PillFacts {
                restarts: RestartsShown {
                    made,
                    next: next.map(at),
                },
                ..facts(status)
            };
            let line = line.filter(|_| status == Status::Recovering);
            assert_eq!(pill(&facts, at(0)).second_line.as_deref(), line, "{status}");
        }
    }
}

#[test]
fn r_api_1_every_status_hold_and_attempt_names_what_its_owner_can_do() {
    use OwnerAction::{AskSupport, None as Nothing, OwnerConfirm, OwnerReconnect, Wait};
    // Without an attempt, with one whose page ended less than four minutes ago, and just then.
    for (status, alone, signs_in, lapsed) in [
        (Status::Connecting, OwnerReconnect, Wait, OwnerReconnect),
        (Status::Connected, Nothing, Nothing, Nothing),
        (
            Status::ReconnectNeeded,
            OwnerReconnect,
            OwnerReconnect,
            OwnerReconnect,
        ),
        (
            Status::ActionRequired,
            OwnerConfirm,
            OwnerConfirm,
            OwnerConfirm,
        ),
        (Status::Recovering, OwnerReconnect, Wait, OwnerReconnect),
        (
            Status::Missing,
            OwnerReconnect,
            OwnerReconnect,
            OwnerReconnect,
        ),
        (Status::Disconnected, Nothing, Nothing, Nothing),
    ] {
        let now = at(5 * 3600);
        for (age, wanted) in [(None, alone), (Some(239), signs_in), (Some(240), lapsed)] {
            let facts = PillFacts {
                link_ends: age.map(|age| at(5 * 3600 - age)),
                ..facts(status)
            };
            assert_eq!(action(&facts, now), wanted, "{status} {age:?}");
        }
    }
    let recovering = facts(Status::Recovering);
    assert_eq!(action(&recovering, at(4 * 3600 - 1)), Wait);
    assert_eq!(action(&recovering, at(4 * 3600)), OwnerReconnect);
    for (holds, wanted) in [
        (vec![("protective", Some(9))], Wait),
        (vec![("protective", Some(0))], Nothing),
        (vec![("restricted", None)], AskSupport),
        (vec![("operator", None)], AskSupport),
        (vec![("operator", Some(9))], Wait),
        (vec![("subscription", None)], AskSupport),
        (vec![("wrong_account", None)], OwnerReconnect),
        (vec![("audit", None)], AskSupport),
        (
            vec![("protective", Some(9)), ("restricted", None)],
            AskSupport,
        ),
        (
            vec![("restricted", None), ("wrong_account", None)],
            OwnerReconnect,
        ),
    ] {
        assert_eq!(action(&held(&holds), at(0)), wanted, "{holds:?}");
    }
}

#[test]
fn r_st_5_whatever_does_not_send_by_itself_has_a_way_out() {
    for status in Status::ALL {
        for reason in crate::holds::HoldReason::ALL {
            let facts = PillFacts {
                status,
                ..held(&[(reason.as_str(), None)])
            };
            let wants_nothing = action(&facts, at(0)) == OwnerAction::None;
            assert_eq!(
                wants_nothing,
                status == Status::Disconnected,
                "{status} {reason}"
            );
        }
    }
}

proptest! {
    #[test]
    fn r_pill_1_every_status_hold_and_age_has_a_pill(
        status in prop::sample::select(Status::ALL.to_vec()),
        age in -1_000_000_000_i64..1_000_000_000,
        active in prop::option::of(-1_000_000_000_i64..1_000_000_000),
        checked in prop::option::of(-1_000_000_000_i64..1_000_000_000),
        checkpoint in prop::option::of(".*"),
        holds in prop::collection::vec((".*", prop::option::of(-1_000_000_i64..1_000_000)), 0..3),
    ) {
        let holds = holds.into_iter().map(|(reason, until)| Hold { reason, until: until.map(at) }).collect();
        let plain = PillFacts { last_activity: active.map(at), checked: checked.map(at), checkpoint, ..facts(status) };
        let held = PillFacts { holds, ..plain.clone() };
        let (plain, held) = (pill(&plain, at(age)), pill(&held, at(age)));
        prop_assert!(!held.text.trim().is_empty());
        prop_assert!(LABELS.contains(&held.label));
        prop_assert_eq!(held.spinner, held.label == LINKING);
        prop_assert_eq!(
            Pill { second_line: None, ..held }, Pill { second_line: None, ..plain }, "a hold never changes the first line"
        );
    }
}
