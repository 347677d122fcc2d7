use super::*;
use crate::orphans::samples::{again, first, free, near, neighbourhood, owner, person};
use crate::orphans::{Claim, Proof, matches};
use crate::samples::{account, assert_lawful, at, identity, session_id, workspace};
use crate::session::Health;
use crate::verify::{OwnerProbe, Probe};
use proptest::prelude::*;

const NOW: i64 = 500;

fn news(it: &Unclaimed, owner: Identity) -> Verification {
    Verification {
        session: Probe::Answered(it.session.clone()),
        owner: OwnerProbe::Answered { identity: owner },
        observed_at: at(450),
    }
}

fn asked(number: u128, session: u128) -> LinkOrphan {
    LinkOrphan {
        account: account(number),
        session: session_id(session),
        proof: Proof::Declared,
        found_by: LandedBy::Watcher,
    }
}

fn facts(waiting: Vec<Waiting>, sessions: Vec<Unclaimed>) -> LinkFacts {
    LinkFacts {
        asked: asked(1, 1),
        verification: sessions.first().map(|it| news(it, identity(1))),
        neighbourhood: near(waiting, sessions),
        owners: vec![],
        prior: None,
        earlier: vec![],
    }
}

#[track_caller]
fn decide(facts: &LinkFacts) -> Decision {
    let decision = link(facts, at(NOW));
    assert_lawful(&decision);
    decision
}

#[track_caller]
fn check(facts: &LinkFacts, flips: usize, alerts: &[&str]) {
    let decision = decide(facts);
    let codes: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
    assert_eq!(
        (decision.status.flips.len(), codes.as_slice()),
        (flips, alerts),
        "{decision:?}"
    );
}

#[test]
fn r_orp_1_a_proven_and_verified_session_is_linked_and_closes_its_attempt() {
    let all = facts(vec![first(1)], vec![free(1)]);
    assert_eq!(session_to_verify(&all, at(NOW)), Some(session_id(1)));
    assert_eq!(person_to_link(&all), Some(identity(1)));
    let decision = decide(&all);
    let flip = &decision.status.flips[0];
    let change = (flip.from, flip.to, flip.cause);
    assert_eq!(
        change,
        (Status::Connecting, Status::Connected, Cause::OrphanLinked)
    );
    let attempt = all.neighbourhood.waiting[0].attempt.as_ref();
    let expected = Link {
        session: session_id(1),
        identity: Some(identity(1)),
        attempt: attempt.and_then(|it| it.id),
    };
    assert_eq!(flip.link, Some(expected));
    assert_eq!((flip.observed_at, flip.version), (at(450), 7));
    assert_eq!(flip.evidence["proof"], json!("declared"));
    // R-AUD-5: the record names a session, and nobody.
    let written = flip.evidence.to_string();
    assert!(
        !written.contains("handle-1") && !written.contains("person-1"),
        "{written}"
    );
    assert_eq!(decision.alerts, []);
}

#[test]
fn r_lnk_6_a_match_that_is_not_verified_changes_nothing() {
    let good = facts(vec![first(1)], vec![free(1)]);
    let less = |change: fn(&mut Verification)| {
        let mut less = good.clone();
        less.verification.as_mut().map(change);
        less
    };
    let cases = [
        less(|it| it.observed_at = at(-1)),
        less(|it| it.session = Probe::Gone),
        less(|it| it.owner = OwnerProbe::Refused("disconnected_account".to_owned())),
        LinkFacts {
            verification: None,
            ..good.clone()
        },
        LinkFacts {
            asked: asked(1, 2),
            ..good.clone()
        },
        LinkFacts {
            asked: asked(2, 1),
            ..good
        },
    ];
    for less in cases {
        let decision = decide(&less);
        assert_eq!(
            (decision.status, decision.alerts),
            Default::default(),
            "{less:?}"
        );
    }
}

#[test]
fn r_lnk_6_an_orphan_that_does_not_verify_is_asked_again_with_backoff() {
    let mut all = facts(vec![first(1)], vec![free(1)]);
    all.verification.as_mut().expect("answers").session = Probe::Gone;
    for tries in 1..=3 {
        let decision = decide(&all);
        let [look] = decision.verifications.looks.as_slice() else {
            panic!("one look: {decision:?}");
        };
        assert_eq!((look.tries, &look.session), (tries, &session_id(1)));
        all.prior = Some(PriorLook {
            version: look.version,
            session: look.session.clone(),
            tries,
            next_at: look.next_at,
        });
        let before = look
            .next_at
            .saturating_sub(jiff::SignedDuration::from_secs(1));
        assert_eq!(session_to_verify(&all, before.expect("an instant")), None);
        assert_eq!(session_to_verify(&all, look.next_at), Some(session_id(1)));
    }
}

#[test]
fn r_lnk_4_a_verification_that_names_another_person_is_refused() {
    let mut all = facts(vec![again(1)], vec![free(1)]);
    all.verification = Some(news(&free(1), identity(2)));
    assert_eq!(person_to_link(&all), None);
    check(&all, 0, &["wrong_account"]);
}

#[test]
fn r_lnk_5_a_person_whom_only_the_verification_names_is_asked_after() {
    let mut nameless = free(1);
    nameless.session.identity = None;
    for (tenant, status) in [1, 2]
        .into_iter()
        .flat_map(|it| Status::ALL.map(|status| (it, status)))
    {
        let mut all = facts(vec![first(1)], vec![nameless.clone()]);
        check(&all, 1, &[]);
        all.owners = vec![owner(tenant, 5, status, Claim::Person)];
        if tenant == 1 && status == Status::Disconnected {
            check(&all, 1, &["same_person"]);
        } else {
            check(&all, 0, &["session_claimed"]);
        }
        all.owners = vec![owner(1, 1, status, Claim::Person)];
        check(&all, 1, &[]);
    }
}

#[test]
fn r_lnk_5_the_person_of_a_disconnected_row_comes_back_by_another() {
    let mut known = free(1);
    known.owners = vec![owner(1, 5, Status::Disconnected, Claim::Person)];
    let decision = decide(&facts(vec![first(1)], vec![known.clone()]));
    assert_eq!(decision.status.flips.len(), 1);
    let alert = &decision.alerts[0];
    assert_eq!(
        (alert.code, &alert.detail["earlier"][0]["account"]),
        ("same_person", &json!(account(5)))
    );
    // Another workspace's stays theirs, whatever it says now.
    known.owners[0].workspace = workspace(2);
    check(&facts(vec![first(1)], vec![known]), 0, &["session_claimed"]);
}

#[test]
fn r_orp_2_what_changed_since_it_was_found_is_told_and_not_linked() {
    let twin = || {
        let mut twin = free(2);
        twin.session.handle = Some("handle-1".to_owned());
        twin
    };
    check(
        &facts(vec![first(1)], vec![free(1), twin()]),
        0,
        &["orphan_ambiguous"],
    );
    let mut taken = free(1);
    taken.owners = vec![owner(2, 5, Status::Missing, Claim::Session)];
    check(&facts(vec![first(1)], vec![taken]), 0, &["session_claimed"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn r_orp_2_whatever_is_linked_was_matched_verified_and_is_nobody_elses(
        all in neighbourhood(), honest in any::<bool>(),
        others in prop::collection::vec((1_u128..3, 1_u128..9, prop::sample::select(Status::ALL.to_vec())), 0..3),
    ) {
        let owners: Vec<_> = others.into_iter()
            .map(|(tenant, number, status)| owner(tenant, number, status, Claim::Person)).collect();
        for found in matches(&all, at(NOW)) {
            let Finding::Match { account, session, proof } = &found else { continue };
            let it = all.sessions.iter().find(|it| it.session.id == *session).expect("a given session");
            let answered = if honest { person(it) } else { identity(99) };
            let facts = LinkFacts {
                asked: LinkOrphan { account: *account, session: session.clone(), proof: *proof, found_by: LandedBy::Look },
                verification: Some(news(it, answered.clone())),
                neighbourhood: all.clone(),
                owners: owners.clone(),
                prior: None,
                earlier: vec![],
            };
            let decision = decide(&facts);
            for flip in &decision.status.flips {
                let link = flip.link.clone().expect("a link");
                let row = &all.waiting.iter().find(|it| it.row.account == *account).expect("a waiting account").row;
                prop_assert_eq!((flip.account, &link.session), (*account, session));
                prop_assert_eq!(link.identity.as_ref(), Some(&answered));
                prop_assert!(row.identity.is_none() || row.identity == link.identity);
                prop_assert_eq!(it.session.health, Health::Ok);
                prop_assert!(!owners.iter().any(|it| it.keeps_off(row)));
                let earlier = owners.iter().any(|it| it.is_earlier(row));
                prop_assert!(!earlier || decision.alerts.iter().any(|it| it.code == "same_person"));
            }
        }
    }
}
