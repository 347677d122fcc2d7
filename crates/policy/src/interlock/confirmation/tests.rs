use super::super::samples::{HOUR, NANOSECOND, case, look, plus, warrant};
use super::*;
use crate::samples::{at, session_id};
use jiff::SignedDuration;

/// Why it is not confirmed; must hold the words, if any are given.
#[track_caller]
fn check(facts: &GateFacts, words: Option<&str>) {
    let refusal = refusal(facts);
    assert_eq!(refusal.is_some(), words.is_some(), "{refusal:?}");
    if let (Some(refusal), Some(words)) = (refusal, words) {
        assert!(refusal.contains(words), "{refusal} has not {words}");
    }
}

#[track_caller]
fn changed(mut facts: GateFacts, change: impl FnOnce(&mut GateFacts), words: Option<&str>) {
    change(&mut facts);
    check(&facts, words);
}

#[test]
fn r_del_1_three_spaced_looks_of_a_confirmed_case_confirm_it() {
    check(&case(), None);
    assert_eq!(value(&case()), "3 of 3 looks");
}

#[test]
fn r_del_1_a_case_must_be_confirmed_and_about_this_session_whose_account_is_missing() {
    for (confirmed, same_session, words) in [
        (false, true, "not confirmed"),
        (true, false, "another session"),
        (false, false, "another session"),
    ] {
        let basis = Basis::Case {
            confirmed,
            same_session,
        };
        changed(case(), |it| it.basis = basis, Some(words));
    }
    for linked in [None, Some("connected"), Some("stopped"), Some("Missing")] {
        let words = format!("not missing but {}", linked.unwrap_or("unlinked"));
        changed(
            case(),
            |it| it.linked = linked.map(str::to_owned),
            Some(&words),
        );
    }
}

#[test]
fn r_del_1_a_session_that_a_link_attempt_waits_for_stays() {
    let words = Some("link attempt waits");
    changed(case(), |it| it.awaited = true, words);
    changed(warrant(), |it| it.awaited = true, words);
}

#[test]
fn r_del_1_fewer_than_three_looks_confirm_nothing() {
    for looks in 0..3 {
        let words = format!("{} more must count", 3 - looks);
        let mut facts = case();
        facts.looks.truncate(looks);
        check(&facts, Some(&words));
        assert_eq!(value(&facts), format!("{looks} of 3 looks"));
    }
}

#[test]
fn r_del_1_only_the_three_newest_looks_count() {
    let older = LookFacts {
        by_worker: false,
        ..look(0, -300, Seen::Present)
    };
    changed(case(), |it| it.looks.push(older), None);
    let newer = look(4, 122, Seen::Gone);
    changed(
        case(),
        |it| it.looks.insert(0, newer),
        Some("look 3: the next began less than 1m"),
    );
}

#[test]
fn r_del_1_whatever_does_not_count_in_one_look_spoils_all_three() {
    type Change = fn(&mut LookFacts);
    let changes: [(Change, &str); 12] = [
        (|it| it.finished_at = None, "it has not ended"),
        (|it| it.started_at = at(500), "it ended before it began"),
        (
            |it| it.finished_at = Some(at(124)),
            "it ended in the future",
        ),
        (|it| it.by_worker = false, "no worker wrote it"),
        (|it| it.seen = None, "it saw nothing and not gone"),
        (
            |it| it.seen = Some(Seen::Duplicate),
            "it saw duplicate and not gone",
        ),
        (
            |it| it.seen = Some(Seen::Present),
            "it saw present and not gone",
        ),
        (
            |it| it.seen = Some(Seen::Inconclusive),
            "it saw inconclusive and not gone",
        ),
        (|it| it.control = None, "no control was asked"),
        (
            |it| it.control = Some(session_id(1)),
            "the session was its own control",
        ),
        (
            |it| it.control_good = false,
            "the control did not answer as it must",
        ),
        (
            |it| it.control_linked = false,
            "the control is not linked now",
        ),
    ];
    for (change, words) in changes {
        for spoilt in 0..3 {
            let mut facts = case();
            change(&mut facts.looks[spoilt]);
            check(&facts, Some(&format!("look {}: {words}", 3 - spoilt)));
            assert_eq!(value(&facts), format!("{spoilt} of 3 looks"));
        }
    }
}

#[test]
fn r_del_1_a_look_that_ends_as_it_begins_and_as_it_is_judged_counts() {
    let begun = case().looks[0].finished_at.expect("it has ended");
    assert_eq!(begun, case().at);
    changed(case(), |it| it.looks[0].started_at = begun, None);
    changed(
        case(),
        |it| it.looks[0].started_at = plus(begun, NANOSECOND),
        Some("before it began"),
    );
    changed(
        case(),
        |it| it.at = plus(begun, -NANOSECOND),
        Some("in the future"),
    );
}

#[test]
fn r_del_1_numbers_fall_strictly() {
    for numbers in [[3, 3, 1], [3, 2, 2], [1, 2, 3], [3, 1, 2]] {
        let mut facts = case();
        for (look, number) in facts.looks.iter_mut().zip(numbers) {
            look.number = number;
        }
        check(&facts, Some("its number is not below the next one's"));
    }
    let mut facts = case();
    facts.looks[0].number = 9;
    check(&facts, None);
}

#[test]
fn r_del_1_looks_are_a_minute_apart_to_the_nanosecond() {
    // The second ended at 62, the third begins at 122; the first ended at 1, the second begins at 61.
    for earlier in [1, 2] {
        for (later, words) in [
            (SignedDuration::ZERO, None),
            (
                NANOSECOND,
                Some("the next began less than 1m after it ended"),
            ),
            (-NANOSECOND, None),
        ] {
            let mut facts = case();
            let look = &mut facts.looks[earlier];
            look.finished_at = look.finished_at.map(|it| plus(it, later));
            check(&facts, words);
        }
    }
}

#[test]
fn r_del_1_the_newest_look_is_an_hour_old_at_most() {
    let hour = plus(at(123), SignedDuration::from_secs(HOUR));
    changed(case(), |it| it.at = hour, None);
    changed(
        case(),
        |it| it.at = plus(hour, NANOSECOND),
        Some("more than 1h ago"),
    );
    // The older ones may be older.
    changed(
        case(),
        |it| it.looks[2] = look(1, -9 * HOUR, Seen::Gone),
        None,
    );
}

#[test]
fn r_del_4_a_warrant_replaces_only_what_the_looks_must_see() {
    check(&warrant(), None);
    let gone = case().looks;
    changed(
        warrant(),
        |it| it.looks = gone,
        Some("saw gone and not duplicate"),
    );
    changed(
        warrant(),
        |it| it.looks[1].control = None,
        Some("no control"),
    );
    changed(
        warrant(),
        |it| it.looks[1].control_linked = false,
        Some("not linked now"),
    );
    for status in ["missing", "connected"] {
        let words = format!("linked to an account, which is {status}");
        changed(
            warrant(),
            |it| it.linked = Some(status.to_owned()),
            Some(&words),
        );
    }
}

/// A warrant of anna's, approved by that operator, with those times.
fn warranted(approved_by: Option<&str>, issued_at: Timestamp, ends_at: Timestamp) -> GateFacts {
    let basis = Basis::Warrant {
        same_session: true,
        issued_by: "anna".to_owned(),
        issued_at,
        approved_by: approved_by.map(str::to_owned),
        ends_at,
        revoked: false,
    };
    GateFacts { basis, ..warrant() }
}

#[test]
fn r_del_4_a_warrant_needs_two_operators() {
    let none = Some("no second operator");
    check(&warranted(Some("ben"), at(0), at(HOUR)), None);
    check(&warranted(None, at(0), at(HOUR)), none);
    check(&warranted(Some("anna"), at(0), at(HOUR)), none);
}

#[test]
fn r_del_4_a_warrant_lives_an_hour_at_most() {
    let now = at(123);
    let ben = Some("ben");
    let later = plus(now, NANOSECOND);
    let hour = plus(now, SignedDuration::from_secs(HOUR));
    check(&warranted(ben, now, later), None);
    check(
        &warranted(ben, later, at(200)),
        Some("is not issued before"),
    );
    check(&warranted(ben, at(0), now), Some("the warrant ended at"));
    check(
        &warranted(ben, at(0), plus(now, -NANOSECOND)),
        Some("the warrant ended at"),
    );
    check(&warranted(ben, now, hour), None);
    check(
        &warranted(ben, now, plus(hour, NANOSECOND)),
        Some("lives longer than 1h"),
    );
}

#[test]
fn r_del_4_a_warrant_names_this_session_and_may_be_revoked() {
    for (same_session, revoked, words) in [
        (false, false, "names another session"),
        (true, true, "is revoked"),
    ] {
        let basis = Basis::Warrant {
            same_session,
            issued_by: "anna".to_owned(),
            issued_at: at(0),
            approved_by: Some("ben".to_owned()),
            ends_at: at(HOUR),
            revoked,
        };
        changed(warrant(), |it| it.basis = basis, Some(words));
    }
}
