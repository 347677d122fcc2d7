use super::*;
use crate::orphans::samples::{again, first, free, near, neighbourhood, person};
use crate::orphans::{Attempt, Unclaimed};
use crate::samples::{account, assert_lawful, at, identity, session_id, workspace};
use crate::session::Health;
use crate::verify::{OwnerProbe, Probe};
use proptest::prelude::*;
use std::collections::HashSet;

const NOW: i64 = 500;

fn news(it: &Unclaimed, owner: Identity) -> Verification {
    Verification {
        session: Probe::Answered(it.session.clone()),
        owner: OwnerProbe::Answered { identity: owner },
        observed_at: at(450),
    }
}

fn decide(all: &Neighbourhood, news: &[(AccountId, Verification)]) -> Decision {
    let decision = link(all, &matches(all, at(NOW)), news, at(NOW));
    assert_lawful(&decision);
    decision
}

fn codes(decision: &Decision) -> Vec<&'static str> {
    decision.alerts.iter().map(|it| it.code).collect()
}

#[test]
fn r_orp_1_a_proven_and_verified_session_is_linked_and_closes_its_attempt() {
    let all = near(vec![first(1)], vec![free(1)]);
    let decision = decide(&all, &[(account(1), news(&free(1), identity(1)))]);
    let flip = &decision.status.flips[0];
    assert_eq!(
        (flip.from, flip.to, flip.cause),
        (Status::Connecting, Status::Connected, Cause::OrphanLinked)
    );
    let attempt: Option<&Attempt> = all.waiting[0].attempt.as_ref();
    let expected = Link {
        session: session_id(1),
        identity: Some(identity(1)),
        attempt: attempt.map(|it| it.id),
    };
    assert_eq!(flip.link, Some(expected));
    assert_eq!(
        (&flip.evidence["proof"], flip.observed_at, flip.version),
        (&json!("declared"), at(450), 7)
    );
    assert_eq!(codes(&decision), [] as [&str; 0]);
}

#[test]
fn r_lnk_6_a_match_that_is_not_verified_changes_nothing() {
    let all = near(vec![first(1)], vec![free(1)]);
    let good = news(&free(1), identity(1));
    let stale = Verification {
        observed_at: at(-1),
        ..good.clone()
    };
    let gone = Verification {
        session: Probe::Gone,
        ..good.clone()
    };
    let refused = Verification {
        owner: OwnerProbe::Refused("disconnected_account".to_owned()),
        ..good.clone()
    };
    assert_eq!(decide(&all, &[]), Decision::nothing(at(NOW)));
    for less in [stale, gone, refused] {
        let decision = decide(&all, &[(account(1), less)]);
        assert_eq!(decision, Decision::nothing(at(NOW)));
    }
    let unfounded = link(&all, &[], &[(account(1), good)], at(NOW));
    assert_eq!(unfounded, Decision::nothing(at(NOW)));
}

#[test]
fn r_orp_2_a_finding_that_the_facts_do_not_prove_is_ignored() {
    let all = near(vec![again(1)], vec![free(2)]);
    let guess = Finding::Match {
        account: account(1),
        session: session_id(2),
        proof: Proof::Attempt,
    };
    let news = [(account(1), news(&free(2), identity(1)))];
    assert_eq!(
        link(&all, &[guess], &news, at(NOW)),
        Decision::nothing(at(NOW))
    );
}

#[test]
fn r_orp_2_doubt_and_refusal_are_alerts_that_name_the_account() {
    let mut silent = first(1);
    silent.declared = None;
    let decision = decide(&near(vec![silent], vec![free(1), free(2)]), &[]);
    let alert = &decision.alerts[0];
    assert_eq!(
        (alert.code, &alert.subject),
        ("orphan_ambiguous", &format!("account {}", account(1)))
    );
    assert_eq!(
        alert.detail["candidates"],
        json!(["session-1", "session-2"])
    );

    let mut taken = free(1);
    taken.claimed_by = Some((workspace(2), account(5)));
    let decision = decide(&near(vec![again(1)], vec![taken]), &[]);
    assert_eq!(codes(&decision), ["session_claimed"]);
    assert_eq!(decision.status.flips, []);
}

#[test]
fn r_lnk_4_a_verification_that_names_another_person_is_refused() {
    let all = near(vec![again(1)], vec![free(1)]);
    let decision = decide(&all, &[(account(1), news(&free(1), identity(2)))]);
    assert_eq!(
        (codes(&decision), decision.status.flips.len()),
        (vec!["wrong_account"], 0)
    );
}

#[test]
fn r_lnk_5_a_person_whom_only_the_verification_names_is_linked_once() {
    let nameless = |number| {
        let mut it = free(number);
        it.session.identity = None;
        it
    };
    let all = near(vec![first(1), first(2)], vec![nameless(1), nameless(2)]);
    let both = |one, two| {
        let news = [
            (account(1), news(&nameless(1), identity(one))),
            (account(2), news(&nameless(2), identity(two))),
        ];
        decide(&all, &news)
    };
    assert_eq!(both(1, 2).status.flips.len(), 2);
    let same = both(1, 1);
    assert_eq!(
        (codes(&same), same.status.flips.len()),
        (vec!["session_claimed"; 2], 0)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn r_orp_2_whatever_is_linked_was_matched_verified_and_is_linked_once(
        all in neighbourhood(), honest in prop::collection::vec(any::<bool>(), 4),
    ) {
        let findings = matches(&all, at(NOW));
        let mut verifications = vec![];
        for (finding, honest) in findings.iter().zip(honest) {
            let Finding::Match { account, session, .. } = finding else { continue };
            let it = all.sessions.iter().find(|it| it.session.id == *session).expect("a given session");
            let owner = if honest { person(it) } else { identity(99) };
            verifications.push((*account, news(it, owner)));
        }
        let decision = decide(&all, &verifications);
        let (mut sessions, mut people) = (HashSet::new(), HashSet::new());
        for flip in &decision.status.flips {
            let link = flip.link.clone().expect("a link");
            let matched = |it: &&Finding| matches!(it, Finding::Match { account, session, .. }
                if *account == flip.account && *session == link.session);
            prop_assert_eq!(findings.iter().filter(matched).count(), 1);
            let row = &all.waiting.iter().find(|it| it.row.account == flip.account).expect("a waiting account").row;
            prop_assert!(row.identity.is_none() || row.identity == link.identity);
            let it = all.sessions.iter().find(|it| it.session.id == link.session).expect("a given session");
            prop_assert!(it.session.health == Health::Ok);
            prop_assert!(it.claimed_by.is_none_or(|by| by.1 == flip.account));
            prop_assert!(sessions.insert(link.session) && people.insert(link.identity));
        }
        prop_assert!(decision.status.flips.len() <= verifications.len());
    }
}
