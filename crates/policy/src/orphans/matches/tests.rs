use super::*;
use crate::ids::SessionId;
use crate::orphans::samples::{again, first, free, near, neighbourhood};
use crate::samples::{account, at, identity, session_id, workspace};
use proptest::prelude::*;
use std::collections::HashSet;

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

fn claimed(number: u128, session: u128, by: &[(u128, u128)]) -> Finding {
    let by = by
        .iter()
        .map(|(tenant, it)| (workspace(*tenant), account(*it)));
    let why = Refusal::SessionClaimed {
        session: session_id(session),
        by: by.collect(),
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
        let count = usize::from(status == Status::Connecting);
        assert_eq!(found(vec![other], vec![free(1)]).len(), count, "{status}");
    }
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
    let proof = Proof::SameIdentity;
    assert_eq!(
        found(vec![again(1)], vec![free(1), free(2)]),
        [is(1, 1, proof)]
    );
    let renewed = with(free(1), |it| it.session.id = session_id(8));
    assert_eq!(
        found(vec![again(1)], vec![renewed.clone()]),
        [is(1, 8, proof)]
    );
    let old = with(free(1), |it| it.session.health = Health::Credentials);
    assert_eq!(
        found(vec![again(1)], vec![old, renewed.clone()]),
        [is(1, 8, proof)]
    );
    assert_eq!(
        found(vec![again(1)], vec![free(1), renewed]),
        [unsure(1, &[1, 8])]
    );
    let silent = with(free(1), |it| it.session.identity = None);
    assert_eq!(found(vec![again(1)], vec![silent]), [is(1, 1, proof)]);
    let late = with(again(1), |it| {
        it.attempt.as_mut().expect("it has one").session = Some(session_id(9));
    });
    assert_eq!(found(vec![late], vec![free(1)]), [is(1, 1, proof)]);
}

#[test]
fn r_orp_2_a_first_link_needs_its_time_and_its_declared_identity() {
    for (created, fits) in [(-1, false), (0, true), (1000, true), (1001, false)] {
        let session = with(free(1), |it| it.session.created_at = at(created));
        let count = usize::from(fits);
        assert_eq!(
            found(vec![first(1)], vec![session]).len(),
            count,
            "{created} s"
        );
    }
    let other = with(first(1), |it| it.declared = Some("handle-2".to_owned()));
    assert_eq!(found(vec![other], vec![free(1)]), []);
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
    let mut none = first(1);
    none.attempt = None;
    assert_eq!(found(vec![none], vec![free(1)]), []);
    // What is proven to be another's is nobody's candidate.
    let mut stranger = silent;
    stranger.row.account = account(2);
    assert_eq!(
        found(vec![first(1), stranger], vec![free(1)]),
        [is(1, 1, Proof::Declared)]
    );
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
fn r_lnk_5_what_another_account_has_a_claim_to_is_refused() {
    for tenant in [1, 2] {
        let by = Some((workspace(tenant), account(5)));
        let linked = with(free(1), |it| it.claimed_by = by);
        let owned = with(free(1), |it| it.identity_owner = by);
        for session in [linked, owned] {
            for waiting in [first(1), again(1), named(1, 1)] {
                let findings = found(vec![waiting], vec![session.clone()]);
                assert_eq!(findings, [claimed(1, 1, &[(tenant, 5)])]);
            }
        }
    }
    let own = with(free(1), |it| {
        it.claimed_by = Some((workspace(1), account(1)));
        it.identity_owner = it.claimed_by;
    });
    assert_eq!(
        found(vec![again(1)], vec![own]),
        [is(1, 1, Proof::SameIdentity)]
    );
    let contested = found(vec![named(1, 2), again(2)], vec![free(2)]);
    assert_eq!(
        contested,
        [claimed(1, 2, &[(1, 2)]), claimed(2, 2, &[(1, 1)])]
    );
    let known = found(vec![first(1), named(2, 1)], vec![free(1)]);
    assert_eq!(known, [claimed(1, 1, &[(1, 2)]), is(2, 1, Proof::Attempt)]);
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
        found(vec![waiting], vec![free(2), free(1)]),
        [Finding::Refused { account, why }]
    );
}

fn account_of(finding: &Finding) -> AccountId {
    match finding {
        Finding::Match { account, .. }
        | Finding::Ambiguous { account, .. }
        | Finding::Refused { account, .. } => *account,
    }
}

/// The rule in other words, for one account and one session.
fn is_proven(all: &Neighbourhood, waiting: &Waiting, it: &Unclaimed, proof: Proof) -> bool {
    let row = &waiting.row;
    let attempt = waiting.attempt.as_ref().expect("samples have one");
    let agrees = |waiting: &Waiting, it: &Unclaimed| {
        let attempt = waiting.attempt.as_ref().expect("samples have one");
        let window = attempt.started_at..=attempt.ends_at;
        let first = row_is_new(waiting) && attempt.session.is_none();
        first
            && waiting.row.status == Status::Connecting
            && window.contains(&it.session.created_at)
            && waiting.declared.is_some()
            && waiting.declared == it.session.handle
    };
    match proof {
        Proof::Attempt => attempt.session.as_ref() == Some(&it.session.id),
        Proof::SameIdentity => {
            let person = row.identity.is_some() && row.identity == it.session.identity;
            person || row.session.as_ref() == Some(&it.session.id)
        }
        Proof::Declared => {
            let sessions = all.sessions.iter().filter(|it| agrees(waiting, it));
            let accounts = all.waiting.iter().filter(|waiting| agrees(waiting, it));
            agrees(waiting, it) && sessions.count() == 1 && accounts.count() == 1
        }
    }
}

fn row_is_new(waiting: &Waiting) -> bool {
    waiting.row.session.is_none() && waiting.row.identity.is_none()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn r_orp_2_a_match_is_proof_for_one_account_and_crosses_no_claim(all in neighbourhood()) {
        let findings = matches(&all, at(400));
        let accounts: HashSet<AccountId> = findings.iter().map(account_of).collect();
        prop_assert_eq!(accounts.len(), findings.len(), "one finding an account");
        let mut sessions: HashSet<SessionId> = HashSet::new();
        for finding in &findings {
            let Finding::Match { account, session, proof } = finding else { continue };
            prop_assert!(sessions.insert(session.clone()), "one account a session");
            let waiting = all.waiting.iter().find(|it| it.row.account == *account).expect("a waiting account");
            let it = all.sessions.iter().find(|it| it.session.id == *session).expect("a given session");
            prop_assert!(waiting.row.status == Status::Connecting && waiting.row.since < at(100));
            prop_assert_eq!(it.session.health, Health::Ok);
            prop_assert!(is_proven(&all, waiting, it, *proof));
            for (_, owner) in it.claimed_by.into_iter().chain(it.identity_owner) {
                prop_assert_eq!(owner, *account);
            }
            for other in all.waiting.iter().filter(|it| it.row.account != *account) {
                prop_assert!(other.row.session.as_ref() != Some(session));
                prop_assert!(other.row.identity.is_none() || other.row.identity != it.session.identity);
            }
            let same = waiting.row.identity.is_none() || it.session.identity.is_none();
            prop_assert!(same || waiting.row.identity == it.session.identity);
        }
    }

    #[test]
    fn r_orp_2_the_order_of_rows_decides_nothing(all in neighbourhood()) {
        let mut turned = all.clone();
        turned.waiting.reverse();
        turned.sessions.reverse();
        let pairs = |all: &Neighbourhood| -> HashSet<_> {
            let findings = matches(all, at(400)).into_iter();
            findings.filter_map(|it| match it {
                Finding::Match { account, session, proof } => Some((account, session, proof)),
                Finding::Ambiguous { .. } | Finding::Refused { .. } => None,
            }).collect()
        };
        prop_assert_eq!(pairs(&all), pairs(&turned));
    }
}
