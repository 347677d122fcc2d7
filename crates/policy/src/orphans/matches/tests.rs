use super::*;
use crate::ids::Identity;
use crate::ids::SessionId;
use crate::orphans::samples::{again, first, free, near, owner, time};
use crate::samples::{account, at, identity, session_id, workspace};
use jiff::SignedDuration;

mod laws;
mod over;

fn found(waiting: Vec<Waiting>, sessions: Vec<Unclaimed>) -> Vec<Finding> {
    matches(&near(waiting, sessions), at(301))
}

fn is(number: u128, session: u128, proof: Proof) -> Finding {
    Finding::Match {
        account: account(number),
        session: session_id(session),
        proof,
    }
}

fn unsure(number: u128, sessions: &[u128]) -> Finding {
    Finding::Ambiguous {
        account: account(number),
        candidates: sessions.iter().map(|it| session_id(*it)).collect(),
    }
}

fn claimed(number: u128, session: u128, by: Vec<Owner>) -> Finding {
    let why = Refusal::SessionClaimed {
        session: session_id(session),
        by,
    };
    Finding::Refused {
        account: account(number),
        why,
    }
}

fn with<T>(mut it: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut it);
    it
}

fn named(number: u128, session: u128) -> Waiting {
    with(first(number), |it| {
        let attempt = it.attempt.as_mut().expect("it has one");
        attempt.session = Some(session_id(session));
    })
}

#[test]
fn r_orp_1_an_account_is_looked_at_after_more_than_five_minutes_of_connecting() {
    let one = near(vec![first(1)], vec![free(1)]);
    assert_eq!(matches(&one, at(300)), []);
    assert_eq!(matches(&one, at(301)), [is(1, 1, Proof::Declared)]);
    for status in Status::ALL {
        let other = with(first(1), |it| it.row.status = status);
        let ended = with(other.clone(), |it| {
            it.attempt = None;
            it.tries.clear();
        });
        let lost = matches!(
            status,
            Status::Missing | Status::ReconnectNeeded | Status::ActionRequired
        );
        let tries = lost || status == Status::Connecting;
        let sessions = || vec![free(1)];
        assert_eq!(
            found(vec![other], sessions()).len(),
            usize::from(tries),
            "{status}"
        );
        assert_eq!(found(vec![ended], sessions()), [], "{status}");
    }
    let tried_late = with(first(1), |it| {
        it.row.status = Status::Missing;
        it.attempt.as_mut().expect("it has one").started_at = at(100);
    });
    let late = with(free(1), |it| it.session.created_at = at(150));
    let lately = near(vec![tried_late], vec![late]);
    assert_eq!(matches(&lately, at(400)), []);
    assert_eq!(matches(&lately, at(401)).len(), 1);
    assert!(
        finding(&lately, account(1)).is_some(),
        "asked for by name it is not waited for"
    );
}

#[test]
fn r_orp_2_the_session_that_its_own_attempt_named_is_proof() {
    assert_eq!(
        found(vec![named(1, 3)], vec![free(3), free(1)]),
        [is(1, 3, Proof::Attempt)]
    );
    assert_eq!(found(vec![named(1, 9)], vec![free(1)]), [], "not live yet");
    let unwell = with(free(3), |it| it.session.health = Health::Credentials);
    assert_eq!(found(vec![named(1, 3)], vec![unwell]), []);
}

#[test]
fn r_orp_2_a_session_of_the_same_person_as_before_is_proof() {
    let (own, same) = (Proof::Own, Proof::SameIdentity);
    let sessions = vec![free(1), free(2)];
    assert_eq!(found(vec![again(1)], sessions), [is(1, 1, own)]);
    let renewed = with(free(1), |it| it.session.id = session_id(8));
    assert_eq!(
        found(vec![again(1)], vec![renewed.clone()]),
        [is(1, 8, same)]
    );
    let old = with(free(1), |it| it.session.health = Health::Credentials);
    assert_eq!(found(vec![again(1)], vec![old, renewed]), [is(1, 8, same)]);
    let silent = with(free(1), |it| it.session.identity = None);
    assert_eq!(found(vec![again(1)], vec![silent]), [is(1, 1, own)]);
    let late = with(again(1), |it| {
        it.attempt.as_mut().expect("it has one").session = Some(session_id(9));
    });
    assert_eq!(found(vec![late], vec![free(1)]), [is(1, 1, own)]);
}

#[test]
fn r_orp_2_a_second_session_of_the_same_person_blocks_nothing() {
    let copy = |number, created| {
        with(free(1), |it| {
            it.session.id = session_id(number);
            it.session.created_at = at(created);
        })
    };
    let named = with(again(1), |it| {
        it.attempt.as_mut().expect("it has one").session = Some(session_id(6));
    });
    let lost = with(again(1), |it| it.row.session = None);
    let later = with(lost.clone(), |it| {
        let attempt = it.attempt.as_mut().expect("it has one");
        attempt.started_at = at(6000);
        it.tries = vec![time(6000, 7800)];
    });
    // Its own; the one that its attempt named; the newest inside its attempt's time; the newest.
    let all = || vec![copy(5, 60), copy(1, -9000), copy(6, 30), copy(7, 90_000)];
    let but_own = || {
        all()
            .into_iter()
            .filter(|it| it.session.id != session_id(1))
            .collect()
    };
    let cases = [
        (again(1), all(), 1, Proof::Own),
        (named, but_own(), 6, Proof::Attempt),
        (lost.clone(), but_own(), 5, Proof::SameIdentity),
        (later, but_own(), 7, Proof::SameIdentity),
    ];
    for (waiting, mut sessions, expected, proof) in cases {
        for _ in 0..sessions.len() {
            sessions.rotate_left(1);
            let findings = found(vec![waiting.clone()], sessions.clone());
            assert_eq!(findings, [is(1, expected, proof)]);
        }
    }
}

#[test]
fn r_orp_2_a_session_of_another_kind_is_nobodys_link() {
    for (kind, other) in [
        ("GOOGLE_OAUTH", "MAIL"),
        ("MAIL", "ICLOUD"),
        ("OUTLOOK", "LINKEDIN"),
    ] {
        let of = |it: Waiting, kind: &str| with(it, |it| it.kind = kind.to_owned());
        let session = with(free(1), |it| it.session.kind = other.to_owned());
        let sessions = || vec![session.clone()];
        for waiting in [first(1), again(1), named(1, 1)] {
            assert_eq!(
                found(vec![of(waiting.clone(), other)], sessions()).len(),
                1,
                "{other} for {other}"
            );
            let findings = found(vec![of(waiting, kind)], sessions());
            let is_match = |it: &Finding| matches!(it, Finding::Match { .. });
            assert!(!findings.iter().any(is_match), "{other} for {kind}");
        }
    }
    let own = with(again(1), |it| it.kind = "MAIL".to_owned());
    assert_eq!(
        found(vec![own], vec![free(1)]),
        [unsure(1, &[1])],
        "told, not linked"
    );
}

#[test]
fn r_orp_2_a_first_link_needs_its_time_and_its_declared_identity() {
    // The link's own time, 4 min in which a login may land, and a minute of error.
    let ends = [(-61, false), (-60, true), (2100, true), (2101, false)];
    // Where nobody measured the clocks: ten minutes.
    let wide = [(-601, false), (-600, true), (2640, true), (2641, false)];
    let measured = ends.map(|it| (Some(0), it));
    let ahead = ends.map(|(created, fits)| (Some(3600), (created + 3600, fits)));
    let behind = ends.map(|(created, fits)| (Some(-3600), (created - 3600, fits)));
    let unmeasured = wide.map(|it| (None, it));
    for (lead, (created, fits)) in [measured, ahead, behind, unmeasured].concat() {
        let session = with(free(1), |it| it.session.created_at = at(created));
        let mut all = near(vec![first(1)], vec![session]);
        all.clock_lead = lead.map(SignedDuration::from_secs);
        let findings = matches(&all, at(301));
        assert_eq!(
            findings.len(),
            usize::from(fits),
            "{created} s, {lead:?} s ahead"
        );
    }
    let other = with(first(1), |it| it.declared = Some("handle-2".to_owned()));
    assert_eq!(
        found(vec![other], vec![free(1)]),
        [unsure(1, &[1])],
        "told, not linked"
    );
    let silent = with(first(1), |it| it.declared = None);
    assert_eq!(
        found(vec![silent.clone()], vec![free(1)]),
        [unsure(1, &[1])]
    );
    let nameless = with(free(1), |it| it.session.handle = None);
    assert_eq!(found(vec![first(1)], vec![nameless]), [unsure(1, &[1])]);
    let mailbox = with(first(1), |it| it.declared = Some("person-1".to_owned()));
    assert_eq!(
        found(vec![mailbox], vec![free(1)]),
        [is(1, 1, Proof::Declared)]
    );
    // What is proven to be another's is nobody's candidate.
    let other = with(first(2), |it| it.declared = Some("somebody".to_owned()));
    assert_eq!(
        found(vec![first(1), other], vec![free(1)]),
        [is(1, 1, Proof::Declared)]
    );
}

#[test]
fn r_orp_2_who_declares_a_stranger_gets_no_neighbours_session() {
    for tenant in [1, 2] {
        let silent = with(first(2), |it| {
            it.declared = None;
            it.row.workspace = workspace(tenant);
        });
        let both = vec![first(1), silent];
        let findings = found(both, vec![free(1)]);
        assert_eq!(findings, [unsure(1, &[1]), unsure(2, &[1])]);
    }
}

#[test]
fn r_orp_2_two_that_fit_are_no_proof_even_if_one_has_not_waited_long() {
    let twin = with(free(2), |it| {
        it.session.handle = Some("handle-1".to_owned());
    });
    assert_eq!(
        found(vec![first(1)], vec![free(1), twin]),
        [unsure(1, &[1, 2])]
    );
    for (tenant, since) in [(1, 0), (2, 0), (2, 200)] {
        let rival = with(first(2), |it| {
            it.declared = Some("handle-1".to_owned());
            it.row.workspace = workspace(tenant);
            it.row.since = at(since);
        });
        let findings = found(vec![first(1), rival], vec![free(1)]);
        assert_eq!(findings[0], unsure(1, &[1]));
        assert_eq!(findings.len(), 1 + usize::from(since == 0));
    }
}

#[test]
fn r_lnk_5_any_claim_of_another_account_refuses_a_link() {
    for (tenant, status) in [1, 2]
        .into_iter()
        .flat_map(|it| Status::ALL.map(|status| (it, status)))
    {
        for claim in Claim::ALL {
            let by = owner(tenant, 5, status, claim);
            let session = with(free(1), |it| it.owners = vec![by]);
            // Somebody who was disconnected may come back by another row of the same workspace.
            let may = claim == Claim::Person && status == Status::Disconnected && tenant == 1;
            for waiting in [first(1), again(1), named(1, 1)] {
                let findings = found(vec![waiting], vec![session.clone()]);
                let is_match = |it: &Finding| matches!(it, Finding::Match { .. });
                assert_eq!(findings.iter().any(is_match), may, "{by:?}");
                assert!(may || findings == [claimed(1, 1, vec![by])], "{findings:?}");
            }
        }
    }
    let own = with(free(1), |it| {
        it.owners = Claim::ALL
            .map(|claim| owner(1, 1, Status::Connecting, claim))
            .to_vec();
    });
    assert_eq!(found(vec![again(1)], vec![own]), [is(1, 1, Proof::Own)]);
    let claim = |number, claim| vec![owner(1, number, Status::Connecting, claim)];
    let contested = found(vec![named(1, 2), again(2)], vec![free(2)]);
    let both = [
        claimed(1, 2, claim(2, Claim::Session)),
        claimed(2, 2, claim(1, Claim::Attempt)),
    ];
    assert_eq!(contested, both);
    let known = found(vec![first(1), named(2, 1)], vec![free(1)]);
    let expected = [
        claimed(1, 1, claim(2, Claim::Attempt)),
        is(2, 1, Proof::Attempt),
    ];
    assert_eq!(known, expected);
}

#[test]
fn r_dis_4_a_kept_session_is_its_own_accounts_alone() {
    let keeper = with(again(1), |it| {
        it.kept = it.row.session.take();
    });
    assert_eq!(
        found(vec![keeper.clone()], vec![free(1)]),
        [is(1, 1, Proof::Own)]
    );
    let other = with(named(2, 1), |it| it.row.identity = Some(identity(1)));
    let left = with(keeper, |it| it.row.status = Status::Disconnected);
    let by = vec![owner(1, 1, Status::Disconnected, Claim::Kept)];
    assert_eq!(found(vec![other, left], vec![free(1)]), [claimed(2, 1, by)]);
}

#[test]
fn r_lnk_4_a_session_of_another_person_is_refused() {
    let mut waiting = named(1, 2);
    waiting.row.identity = Some(identity(1));
    let why = Refusal::WrongAccount {
        session: session_id(2),
        expected: identity(1),
        seen: identity(2),
    };
    let account = account(1);
    assert_eq!(
        found(vec![waiting.clone()], vec![free(2)]),
        [Finding::Refused { account, why }]
    );
    // The right person's own stands beside it.
    let sessions = vec![free(2), free(1)];
    assert_eq!(
        found(vec![waiting], sessions),
        [is(1, 1, Proof::SameIdentity)]
    );
}
