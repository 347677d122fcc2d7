//! Owners' pages: each state of a row has its page, and no text of a stranger's gets out of its place.

use super::*;
use crate::account::AccountKind;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

fn now() -> Timestamp {
    "2026-03-10T09:00:00Z".parse().expect("a time")
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

/// Lost an hour ago; nobody has done anything about it.
fn facts(status: Status) -> PageFacts {
    PageFacts {
        status,
        stranger_since: None,
        workspace_ended_at: None,
        lost_at: Some(ago(60)),
        newest: None,
    }
}

fn with(status: Status, phase: AttemptPhase, minutes_ago: i64) -> PageFacts {
    let newest = PageAttempt {
        phase,
        purpose: AttemptPurpose::Reconnect,
        started_at: ago(minutes_ago),
        was_strangers: false,
    };
    PageFacts {
        newest: Some(newest),
        ..facts(status)
    }
}

#[track_caller]
fn check(facts: &PageFacts, expected: PageState) {
    let ends_at = now() + SignedDuration::from_hours(1);
    assert_eq!(page_state(facts, ends_at, now()), expected, "{facts:?}");
}

#[test]
fn r_lnk_9_each_status_without_an_attempt_has_its_page() {
    for status in Status::ALL {
        let expected = match status {
            Status::Connected => PageState::Connected,
            Status::Disconnected => PageState::Disconnected,
            Status::ActionRequired => PageState::Confirm,
            Status::Recovering => PageState::Recovering,
            Status::Connecting | Status::ReconnectNeeded | Status::Missing => {
                PageState::NotConnected
            }
        };
        check(&facts(status), expected);
        assert_eq!(
            expected.mints(),
            !matches!(status, Status::Connected | Status::Disconnected)
        );
    }
}

#[test]
fn r_lnk_9_an_attempt_of_this_loss_says_more_than_the_status() {
    use AttemptPhase::{
        Answered, Cancelled, Expired, Failed, Lapsed, Linked, MintFailed, Minting, Open, Refused,
        Repaired, Superseded, Verifying,
    };
    let lost = Status::ReconnectNeeded;
    for (phase, expected) in [
        (Minting, PageState::SigningIn),
        (Open, PageState::SigningIn),
        (Answered, PageState::Finishing),
        (Verifying, PageState::Finishing),
        (Linked, PageState::NotConnected),
        (Repaired, PageState::NotConnected),
        (Refused, PageState::Refused),
        (Failed, PageState::NotConnected),
        (Lapsed, PageState::NotConnected),
        (Expired, PageState::NotConnected),
        (Superseded, PageState::NotConnected),
        (Cancelled, PageState::NotConnected),
        (MintFailed, PageState::NotConnected),
    ] {
        check(&with(lost, phase, 5), expected);
        check(&with(lost, phase, 61), PageState::NotConnected);
        check(&with(Status::Connected, phase, 5), PageState::Connected);
        check(
            &with(Status::Disconnected, phase, 5),
            PageState::Disconnected,
        );
    }
    check(&with(Status::Connecting, Linked, 5), PageState::Finishing);
    let mut stranger = with(lost, Refused, 5);
    let newest = stranger.newest.as_mut().expect("an attempt");
    newest.was_strangers = true;
    check(&stranger, PageState::WrongAccount);
}

#[test]
fn r_lnk_4_a_strangers_session_is_told_and_can_be_put_right() {
    for status in [Status::Connected, Status::ReconnectNeeded] {
        let mut held = facts(status);
        held.stranger_since = Some(ago(5));
        check(&held, PageState::WrongAccount);
    }
    let mut trying = with(Status::Connected, AttemptPhase::Open, 1);
    trying.stranger_since = Some(ago(5));
    let newest = trying.newest.as_mut().expect("an attempt");
    newest.purpose = AttemptPurpose::Renew;
    check(&trying, PageState::SigningIn);
    trying.status = Status::ReconnectNeeded;
    check(&trying, PageState::WrongAccount);
    assert_eq!(button_intent(Status::Connected), Intent::Renew);
    assert_eq!(button_intent(Status::Missing), Intent::Repair);
}

#[test]
fn r_lnk_7_an_old_link_and_an_ended_workspace_begin_nothing() {
    let mut over = facts(Status::ReconnectNeeded);
    assert_eq!(page_state(&over, now(), now()), PageState::Expired);
    over.workspace_ended_at = Some(now());
    check(&over, PageState::WorkspaceOver);
    assert_eq!(page_state(&over, now(), now()), PageState::WorkspaceOver);
    assert!(!PageState::Expired.mints() && !PageState::WorkspaceOver.mints());
}

fn subject(status: Status) -> PageSubject {
    PageSubject {
        kind: Some(AccountKind::Linkedin),
        name: masked_name("Ada Lindqvist"),
        expected: Some(masked_handle("ada-lindqvist")),
        team: "Northwind".to_owned(),
        checkpoint: None,
        status,
        since: ago(30),
        first_connected_at: Some(ago(100_000)),
        lost_at: Some(ago(60)),
        told_ended_at: None,
        zone: TimeZone::UTC,
    }
}

#[test]
fn r_lnk_7_the_pages_words_are_honest_and_have_no_deadline() {
    for state in PageState::ALL {
        for place in [PagePlace::Link, PagePlace::Return] {
            let text = page_text(state, place, &subject(Status::ReconnectNeeded));
            assert!(!text.title.is_empty() && !text.lines.is_empty(), "{state}");
            assert_eq!(text.button.is_some(), state.mints(), "{state}");
            let all = text.lines.concat();
            assert_eq!(
                all.contains("There is no deadline"),
                state.mints() || state == PageState::Expired
            );
            assert!(
                !all.contains("Ada") && !all.contains("ada-lindqvist"),
                "{all}"
            );
        }
    }
    let connected = page_text(
        PageState::Connected,
        PagePlace::Link,
        &subject(Status::Connected),
    );
    assert!(
        connected.lines[0].contains("10 March 2026, 08:30 (UTC)"),
        "{connected:?}"
    );
    let wrong = page_text(
        PageState::WrongAccount,
        PagePlace::Link,
        &subject(Status::Connected),
    );
    assert!(wrong.lines[1].contains("a…t"), "{wrong:?}");
    let mut short = subject(Status::Connected);
    short.expected = Some(masked_handle("ada"));
    let short = page_text(PageState::WrongAccount, PagePlace::Return, &short);
    // Of a short name little is shown: its dots are not to run into a full stop.
    assert!(short.lines[1].contains("a…\u{2069}, "), "{short:?}");
    let mut earlier = subject(Status::ReconnectNeeded);
    earlier.told_ended_at = Some(ago(90));
    let earlier = page_text(PageState::NotConnected, PagePlace::Link, &earlier);
    assert!(
        earlier.lines[1].contains("earlier interruption"),
        "{earlier:?}"
    );
}

#[test]
fn r_lnk_3_the_return_page_calls_nothing_connected_that_is_not() {
    let of = subject(Status::ReconnectNeeded);
    let titles = PageState::ALL.map(|state| page_text(state, PagePlace::Return, &of).title);
    for (state, title) in PageState::ALL.into_iter().zip(titles) {
        assert_eq!(
            title == "Connected",
            state == PageState::Connected,
            "{state}"
        );
    }
    for (state, title) in [
        (PageState::SigningIn, "Finishing the connection"),
        (PageState::Finishing, "Finishing the connection"),
        (PageState::NotConnected, "Not connected"),
    ] {
        assert_eq!(page_text(state, PagePlace::Return, &of).title, title);
    }
}

#[test]
fn r_lnk_7_names_are_masked_and_cannot_write_on_the_page() {
    for (name, masked) in [
        ("Ada Lindqvist", "A… L…"),
        ("  \u{202e}Ada\u{0}  \n Ito ", "A… I…"),
        ("ada.ito@mail.example", "a…o@mail.example"),
        ("<b>x</b> & Co", "b… C…"),
        ("\u{202e}\u{200b}\0", "…"),
        ("", "…"),
        ("a b c d e f", "a… b… c… d…"),
        ("Ünal Öz", "Ü… Ö…"),
        ("王 小明", "王… 小…"),
    ] {
        assert_eq!(masked_name(name), masked, "{name:?}");
    }
    let long = "x".repeat(10_000);
    assert_eq!(masked_name(&long), "x…");
    assert!(masked_handle(&format!("a@{long}.example")).chars().count() <= 80);
    assert_eq!(shown_text(&long, 80).chars().count(), 80);
    assert_eq!(shown_text("a\u{202e}b\u{0}\tc\r\nd\u{feff}", 80), "ab c d");
    let mut rude = subject(Status::ReconnectNeeded);
    rude.team = format!("\u{202e}<script>{long}");
    rude.first_connected_at = None;
    let text = page_text(PageState::NotConnected, PagePlace::Link, &rude);
    let said = text.lines.concat();
    assert!(
        !said.contains('\u{202e}') && said.chars().count() < 600,
        "{said}"
    );
}
