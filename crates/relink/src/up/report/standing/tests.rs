use super::*;
use policy::ids::AccountId;
use simulator::control::{Kind, Tier};
use uuid::Uuid;

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

fn session(well_since: Option<Timestamp>) -> SessionView {
    SessionView {
        id: "s1".to_owned(),
        kind: Kind::Mail,
        name: "Ada".to_owned(),
        identity: "ada@example.com".to_owned(),
        handle: "Ada@example.com".to_owned(),
        tier: Tier::Free,
        created_at: at(0),
        words: vec!["OK".to_owned()],
        presence: Presence::Live,
        well_since,
        workspace: None,
    }
}

fn account(status: Status) -> Standing {
    Standing {
        account: AccountId(Uuid::nil()),
        name: "Ada".to_owned(),
        status,
        session: Some("s1".to_owned()),
        identity: Some("ada@example.com".to_owned()),
        handle: Some("ada@example.com".to_owned()),
        is_strangers: false,
    }
}

fn strays(account: Standing, session: SessionView, minute: i64) -> usize {
    let standings = Standings {
        accounts: vec![account],
        sessions: vec![session],
    };
    let pace = Pace {
        at: at(minute),
        speed: 12.0,
        runs: vec![],
    };
    standings.strays(&pace).len()
}

#[test]
fn r_st_5_a_well_session_of_an_account_that_is_not_connected_is_said() {
    let lost = [
        Status::Connecting,
        Status::ReconnectNeeded,
        Status::ActionRequired,
        Status::Recovering,
        Status::Missing,
    ];
    // 15 minutes, and the one minute that five seconds of this machine are.
    for (minute, astray) in [(15, 0), (16, 0), (17, 1)] {
        for status in lost {
            assert_eq!(
                strays(account(status), session(Some(at(0))), minute),
                astray
            );
        }
        for status in [Status::Connected, Status::Disconnected] {
            assert_eq!(strays(account(status), session(Some(at(0))), minute), 0);
        }
    }
}

#[test]
fn r_st_5_a_session_that_is_ill_gone_or_a_strangers_is_no_reason() {
    let lost = || account(Status::Missing);
    assert_eq!(strays(lost(), session(None), 1_000), 0);
    let gone = SessionView {
        presence: Presence::Gone,
        ..session(Some(at(0)))
    };
    assert_eq!(strays(lost(), gone, 1_000), 0);
    let taken = SessionView {
        identity: "bob@example.com".to_owned(),
        ..session(Some(at(0)))
    };
    assert_eq!(strays(lost(), taken, 1_000), 0);
    let held = Standing {
        is_strangers: true,
        ..lost()
    };
    assert_eq!(strays(held, session(Some(at(0))), 1_000), 0);
}

#[test]
fn r_orp_1_a_session_that_never_landed_has_an_hour() {
    let waiting = |session: Option<&str>| Standing {
        session: session.map(str::to_owned),
        identity: None,
        ..account(Status::Connecting)
    };
    for session_id in [Some("s1"), None] {
        for (minute, astray) in [(61, 0), (62, 1)] {
            let one = waiting(session_id);
            assert_eq!(strays(one, session(Some(at(0))), minute), astray);
        }
    }
    // Nobody is behind it whom the account declared.
    let other = Standing {
        handle: Some("bob@example.com".to_owned()),
        ..waiting(None)
    };
    assert_eq!(strays(other, session(Some(at(0))), 1_000), 0);
}
