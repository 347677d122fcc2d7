use super::*;
use crate::account::Status;
use crate::samples::{at, identity, row, session};
use crate::session::Session;

fn shows(kind: &str, who: Option<&str>) -> Session {
    Session {
        kind: kind.to_owned(),
        identity: who.map(|it| Identity(it.to_owned())),
        ..session(1)
    }
}

fn knows(who: Option<&str>) -> AccountRow {
    AccountRow {
        identity: who.map(|it| Identity(it.to_owned())),
        since: at(0),
        ..row(1, Status::Connected)
    }
}

/// R-ST-6, in each kind's own form: an address has no case, a member id has.
#[test]
fn r_st_6_a_person_is_known_in_the_form_of_each_kind() {
    let (sam, other) = (Some("Sam@X.Example"), Some("eve@x.example"));
    for kind in ["GOOGLE_OAUTH", "OUTLOOK", "MAIL", "ICLOUD"] {
        let same = owner_of(&knows(sam), &shows(kind, Some("sam@x.example ")));
        assert_eq!(same, SessionOwner::Known, "{kind}");
        let stranger = owner_of(&knows(sam), &shows(kind, other));
        assert!(matches!(stranger, SessionOwner::Stranger { .. }), "{kind}");
    }
    let member = |seen| owner_of(&knows(Some("ACoA1")), &shows("LINKEDIN", Some(seen)));
    assert_eq!(member("ACoA1"), SessionOwner::Known);
    assert!(matches!(member("acoa1"), SessionOwner::Stranger { .. }));
    for (known, shown) in [(None, sam), (sam, None), (None, None)] {
        let nobody = owner_of(&knows(known), &shows("MAIL", shown));
        assert_eq!(nobody, SessionOwner::Unnamed);
    }
}

#[test]
fn r_st_6_a_stranger_is_held_and_told_once_and_the_known_person_ends_it() {
    let mine = row(1, Status::Connected);
    let stranger = Session {
        identity: Some(identity(2)),
        ..session(1)
    };
    let nobody = Session {
        identity: None,
        ..session(1)
    };
    for (what, seen, is_held, holds, ends, alerts) in [
        ("a stranger", &stranger, false, 1, 0, 1),
        ("the same stranger", &stranger, true, 0, 0, 0),
        ("the known person", &session(1), false, 0, 0, 0),
        ("the known person again", &session(1), true, 0, 1, 0),
        ("nobody", &nobody, true, 0, 0, 0),
    ] {
        let (changes, alert) = look_at_owner(&mine, seen, is_held);
        let found = (
            changes.holds.len(),
            changes.ended_holds.len(),
            alert.iter().count(),
        );
        assert_eq!(found, (holds, ends, alerts), "{what}");
    }
}
