use super::*;
use simulator::control::{Kind, Tier};
use uuid::Uuid;

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

fn session(identity: &str, presence: Presence) -> SessionView {
    SessionView {
        id: "s1".to_owned(),
        kind: Kind::Linkedin,
        name: "Ada".to_owned(),
        identity: identity.to_owned(),
        handle: "ada-bauer".to_owned(),
        tier: Tier::Free,
        created_at: at(0),
        words: vec!["OK".to_owned()],
        presence,
        well_since: (presence == Presence::Live).then(|| at(0)),
        workspace: None,
    }
}

fn account() -> Standing {
    Standing {
        account: AccountId(Uuid::nil()),
        name: "Ada".to_owned(),
        status: Status::Connected,
        session: Some("s1".to_owned()),
        identity: Some("ACoAA-ada".to_owned()),
        handle: Some("ada-bauer".to_owned()),
        is_strangers: false,
    }
}

/// What is said of an account at a minute, of which the provider showed its session at minute 0 and at minute 10.
fn said(account: Standing, later: SessionView, signed_in: &str, minute: i64) -> Vec<String> {
    let mut witness = Witness::default();
    witness.note(at(0), &[session("ACoAA-ada", Presence::Live)]);
    witness.note(at(10), std::slice::from_ref(&later));
    let truth = Truth {
        witness: &witness,
        signed_in: &[(AccountId(Uuid::nil()), signed_in.to_owned())].into(),
    };
    let standings = Standings {
        accounts: vec![account],
        sessions: vec![later],
    };
    let pace = Pace {
        at: at(minute),
        speed: 12.0,
        runs: vec![],
    };
    standings.unproven(&truth, &pace)
}

#[test]
fn r_lnk_4_an_account_is_connected_by_a_live_session_of_its_own_person() {
    let own = || session("ACoAA-ada", Presence::Live);
    assert_eq!(
        said(account(), own(), "Ada-Bauer", 1_000),
        [] as [String; 0]
    );
    let unknown = Standing {
        session: Some("never-was".to_owned()),
        ..account()
    };
    let none = Standing {
        session: None,
        ..account()
    };
    for one in [unknown, none] {
        let wrong = said(one, own(), "ada-bauer", 11);
        assert_eq!(
            wrong,
            ["Ada: connected, the provider never had its session"]
        );
    }
    // Whom the watch has 15 minutes, and five seconds of this machine, to find. The break began after the look at minute 0.
    let strangers = || session("ACoAA-eve", Presence::Live);
    for (minute, wrong) in [(16, 0), (17, 1)] {
        assert_eq!(
            said(account(), strangers(), "ada-bauer", minute).len(),
            wrong
        );
    }
    let gone = || session("ACoAA-ada", Presence::Gone);
    for (minute, wrong) in [(76, 0), (77, 1)] {
        assert_eq!(said(account(), gone(), "ada-bauer", minute).len(), wrong);
    }
    let other = said(account(), own(), "ben-costa", 11);
    assert!(
        other[0].contains("not the one that its owner signed in to"),
        "{other:?}"
    );
}

#[test]
fn r_lnk_4_accounts_that_are_held_or_not_connected_claim_nothing() {
    let strangers = || session("ACoAA-eve", Presence::Live);
    let held = Standing {
        is_strangers: true,
        ..account()
    };
    let lost = Standing {
        status: Status::ReconnectNeeded,
        ..account()
    };
    for one in [held, lost] {
        assert_eq!(
            said(one, strangers(), "ben-costa", 1_000),
            [] as [String; 0]
        );
    }
}
