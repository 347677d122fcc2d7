use super::*;
use crate::samples::{account, at, identity, session_id, workspace};

fn listed(seconds: i64, is_whole: bool) -> Listing {
    Listing {
        listed_at: at(seconds),
        is_whole,
    }
}

/// R-DUP-1: fifteen minutes is young enough, a moment more is not, and what is not whole never is.
#[test]
fn r_dup_1_only_a_whole_and_young_listing_says_what_is_there_now() {
    let old = 15 * 60;
    for (newest, now, expected) in [
        (None, 0, Err(Unknown::NeverListed)),
        (Some(listed(0, true)), 0, Ok(listed(0, true))),
        (Some(listed(0, true)), old, Ok(listed(0, true))),
        (
            Some(listed(0, true)),
            old + 1,
            Err(Unknown::TooOld { listed_at: at(0) }),
        ),
        (
            Some(listed(5, false)),
            10,
            Err(Unknown::NotWhole { listed_at: at(5) }),
        ),
        (
            Some(listed(0, false)),
            old + 1,
            Err(Unknown::TooOld { listed_at: at(0) }),
        ),
        // The clock was set back meanwhile: the listing is not old.
        (Some(listed(60, true)), 0, Ok(listed(60, true))),
    ] {
        assert_eq!(known(newest, at(now)), expected, "{newest:?} at {now} s");
    }
}

/// Person 1 with sessions 1, 2, …; the first `linked` of them are linked to accounts of different workspaces.
fn twins(sessions: u128, linked: u128) -> Duplicate {
    let twin = |number: u128| Twin {
        session: session_id(number),
        health: Health::Ok,
        linked: (number <= linked).then(|| LinkedTo {
            account: account(number),
            name: format!("Account {number}"),
            workspace: workspace(number),
        }),
        first_seen: at(0),
        last_seen: at(60),
    };
    Duplicate {
        identity: identity(1),
        kind: "LINKEDIN".to_owned(),
        sessions: i64::try_from(sessions).expect("few"),
        linked: i64::try_from(linked).expect("few"),
        twins: (1..=sessions).map(twin).collect(),
    }
}

fn found(sample: Vec<Duplicate>) -> Duplicates {
    let count = |wanted: Standing| sample.iter().filter(|one| one.standing() == wanted).count();
    let number = |count: usize| i64::try_from(count).expect("few");
    Duplicates {
        listed_at: at(60),
        identities: number(sample.len()),
        sessions: sample.iter().map(|one| one.sessions).sum(),
        inert: sample.iter().map(|one| one.sessions - one.linked).sum(),
        several_linked: number(count(Standing::SeveralLinked)),
        none_linked: number(count(Standing::NoneLinked)),
        sample,
    }
}

#[test]
fn r_dup_1_how_the_sessions_of_one_person_stand_follows_from_how_many_are_linked() {
    for (sessions, linked, expected) in [
        (2, 0, Standing::NoneLinked),
        (2, 1, Standing::OneLinked),
        (2, 2, Standing::SeveralLinked),
        (3, 1, Standing::OneLinked),
        (3, 2, Standing::SeveralLinked),
    ] {
        assert_eq!(
            twins(sessions, linked).standing(),
            expected,
            "{linked} of {sessions}"
        );
    }
}

#[test]
fn r_dup_1_nobody_with_two_sessions_is_no_alert() {
    assert_eq!(duplicates_alert(&found(vec![])), None);
}

#[test]
fn r_dup_1_one_alert_says_of_each_session_whether_and_to_what_it_is_linked() {
    let both = twins(2, 2);
    let told = found(vec![both.clone(), twins(3, 1), twins(2, 0)]);
    let alert = duplicates_alert(&told).expect("an alert");
    assert_eq!(
        (alert.code, alert.subject.as_str()),
        ("duplicate_sessions", "fleet")
    );
    let detail = &alert.detail;
    for (key, count) in [
        ("identities", 3),
        ("sessions", 7),
        ("inert", 4),
        ("several_linked", 1),
        ("none_linked", 1),
    ] {
        assert_eq!(detail[key], count, "{key}");
    }
    let [first, second, third] = [0, 1, 2].map(|nth| &detail["sample"][nth]);
    assert_eq!(first["standing"], "several_linked");
    for (nth, twin) in both.twins.iter().enumerate() {
        let linked = twin.linked.as_ref().expect("linked");
        assert_eq!(
            first["twins"][nth]["linked_to"],
            json!({ "account": linked.account, "name": linked.name, "workspace": linked.workspace })
        );
    }
    assert_eq!(second["standing"], "one_linked");
    assert_eq!(second["twins"][0]["session"], "session-1");
    assert!(second["twins"][0]["linked_to"].is_object());
    for inert in [1, 2] {
        assert!(second["twins"][inert]["linked_to"].is_null());
    }
    assert_eq!(third["standing"], "none_linked");
}
