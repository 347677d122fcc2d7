use super::*;
use crate::samples::{assert_lawful, at, identity, row, session, session_id};
use proptest::prelude::*;

fn good() -> Verification {
    Verification {
        session: Probe::Answered(session(1)),
        owner: OwnerProbe::Answered {
            identity: identity(1),
        },
        observed_at: at(10),
    }
}

fn answered(change: impl FnOnce(&mut Session)) -> Verification {
    let mut seen = session(1);
    change(&mut seen);
    Verification {
        session: Probe::Answered(seen),
        ..good()
    }
}

fn owner(owner: OwnerProbe) -> Verification {
    Verification { owner, ..good() }
}

#[track_caller]
fn check(row: &AccountRow, verification: &Verification, flips: usize, alerts: &[&str]) {
    let decision = verified(row, verification, at(20));
    assert_lawful(&decision);
    let codes: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
    assert_eq!(
        (decision.status.flips.len(), codes.as_slice()),
        (flips, alerts),
        "{decision:?}"
    );
}

#[test]
fn r_lnk_6_an_account_whose_session_and_owner_answer_is_connected() {
    let lost = row(1, Status::ReconnectNeeded);
    let decision = verified(&lost, &good(), at(20));
    let flip = &decision.status.flips[0];
    assert_eq!(
        (flip.from, flip.to, flip.cause, flip.version),
        (
            Status::ReconnectNeeded,
            Status::Connected,
            Cause::Verified,
            7
        )
    );
    assert_eq!((flip.observed_at, flip.link.is_none()), (at(10), true));
}

#[test]
fn r_lnk_6_anything_less_than_both_answers_changes_nothing() {
    let lost = row(1, Status::Recovering);
    for less in [
        Verification {
            session: Probe::Gone,
            ..good()
        },
        Verification {
            session: Probe::Inconclusive("503".into()),
            ..good()
        },
        owner(OwnerProbe::Refused("disconnected_account".into())),
        owner(OwnerProbe::Inconclusive("timeout".into())),
        answered(|it| it.id = session_id(2)),
    ] {
        check(&lost, &less, 0, &[]);
    }
    for health in Health::ALL {
        let flips = usize::from(health == Health::Ok);
        check(&lost, &answered(|it| it.health = health), flips, &[]);
    }
    let unlinked = AccountRow {
        session: None,
        ..lost
    };
    check(&unlinked, &good(), 0, &[]);
}

#[test]
fn r_lnk_4_another_person_is_refused_and_alerted() {
    let lost = row(1, Status::Missing);
    let stranger = OwnerProbe::Answered {
        identity: identity(2),
    };
    check(&lost, &owner(stranger.clone()), 0, &["wrong_account"]);
    check(
        &lost,
        &answered(|it| it.identity = Some(identity(2))),
        0,
        &["wrong_account"],
    );
    let unknown = AccountRow {
        identity: None,
        ..lost
    };
    check(&unknown, &owner(stranger), 0, &["wrong_account"]);
}

#[test]
fn r_lnk_6_a_first_verification_teaches_the_row_its_owner() {
    let unknown = AccountRow {
        identity: None,
        ..row(1, Status::Connecting)
    };
    let decision = verified(&unknown, &answered(|it| it.identity = None), at(20));
    let link = decision.status.flips[0].link.as_ref().expect("it learnt");
    assert_eq!(
        (&link.session, &link.identity),
        (&session_id(1), &Some(identity(1)))
    );
}

#[test]
fn r_st_2_news_older_than_the_last_flip_is_dropped() {
    for (since, flips) in [(9, 1), (10, 1), (11, 0)] {
        let row = AccountRow {
            since: at(since),
            ..row(1, Status::Recovering)
        };
        check(&row, &good(), flips, &[]);
    }
}

proptest! {
    #[test]
    fn r_lnk_6_nothing_is_connected_unless_everything_agrees(
        status in prop::sample::select(Status::ALL.to_vec()),
        health in prop::sample::select(Health::ALL.to_vec()),
        linked in prop::option::of(1_u128..3), known in prop::option::of(1_u128..3),
        seen in 1_u128..3, named in prop::option::of(1_u128..3), owns in prop::option::of(1_u128..3),
        since in 0_i64..20,
    ) {
        let row = AccountRow {
            session: linked.map(session_id), identity: known.map(identity), since: at(since), ..row(1, status)
        };
        let session = Session { id: session_id(seen), identity: named.map(identity), health, ..session(1) };
        let owner = owns.map_or(OwnerProbe::Refused(String::new()), |it| OwnerProbe::Answered { identity: identity(it) });
        let decision = verified(&row, &Verification { session: Probe::Answered(session), owner, observed_at: at(10) }, at(20));
        assert_lawful(&decision);
        let same_person = |it: Option<u128>| it.is_none() || it == owns;
        let proven = linked == Some(seen) && health == Health::Ok && owns.is_some()
            && same_person(known) && same_person(named) && since <= 10
            && !matches!(status, Status::Connected | Status::Disconnected);
        prop_assert_eq!(decision.status.flips.len(), usize::from(proven));
    }
}
