use super::*;
use crate::orphans::samples::neighbourhood;
use proptest::prelude::*;
use std::collections::HashSet;

/// The rule in other words, for one account and one session.
fn is_proven(all: &Neighbourhood, waiting: &Waiting, it: &Unclaimed, proof: Proof) -> bool {
    let (row, id) = (&waiting.row, &it.session.id);
    let attempt = waiting.attempt.as_ref().expect("samples have one");
    match proof {
        Proof::Own => row.session.as_ref() == Some(id) || waiting.kept.as_ref() == Some(id),
        Proof::Attempt => attempt.session.as_ref() == Some(id),
        Proof::SameIdentity => row.identity.is_some() && row.identity == it.session.identity,
        Proof::Declared => {
            let agrees = |waiting: &Waiting, it: &Unclaimed| {
                could(all, waiting, it) && waiting.declared == it.session.handle
            };
            let of_nobody = |waiting: &Waiting, it: &Unclaimed| {
                let silent = waiting.declared.is_none() || it.session.handle.is_none();
                could(all, waiting, it) && silent
            };
            let sessions = all.sessions.iter().filter(|it| agrees(waiting, it));
            let fits = |other: &&Waiting| agrees(other, it) || of_nobody(other, it);
            let accounts = all.waiting.iter().filter(fits);
            agrees(waiting, it)
                && waiting.declared.is_some()
                && sessions.count() == 1
                && accounts.count() == 1
        }
    }
}

/// Whether a first link of that kind could have made the session, as far as its time goes.
fn could(all: &Neighbourhood, waiting: &Waiting, it: &Unclaimed) -> bool {
    let row = &waiting.row;
    let attempt = waiting.attempt.as_ref().expect("samples have one");
    let time = waiting.tries.first().expect("samples have one");
    let (lead, slack) = match all.clock_lead {
        Some(lead) => (lead.as_secs(), 60),
        None => (0, 600),
    };
    let made = it.session.created_at.as_second() - lead;
    let from = time.opens_at.as_second() - slack;
    let to = time.closes_at.as_second() + 240 + slack;
    let is_new = row.session.is_none() && row.identity.is_none() && waiting.kept.is_none();
    is_new
        && attempt.session.is_none()
        && waiting.kind == it.session.kind
        && (from..=to).contains(&made)
        && matches!(
            row.status,
            Status::Connecting | Status::Missing | Status::ReconnectNeeded | Status::ActionRequired
        )
}

/// Whether another account that waits is known to be the session's.
fn is_known_as(other: &Waiting, it: &Unclaimed) -> bool {
    let (row, id) = (&other.row, Some(&it.session.id));
    let attempt = other.attempt.as_ref().expect("samples have one");
    let person = |who: &Option<Identity>| who.is_some() && *who == it.session.identity;
    let held = row.session.as_ref() == id || other.kept.as_ref() == id;
    let named = attempt.session.as_ref() == id;
    held || named || person(&row.identity)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn r_orp_2_a_match_is_proof_for_one_account_and_crosses_no_claim(all in neighbourhood()) {
        let findings = matches(&all, at(400));
        let accounts: HashSet<AccountId> = findings.iter().map(Finding::account).collect();
        prop_assert_eq!(accounts.len(), findings.len(), "one finding an account");
        let mut sessions: HashSet<SessionId> = HashSet::new();
        for finding in &findings {
            let Finding::Match { account, session, proof } = finding else { continue };
            prop_assert!(sessions.insert(session.clone()), "one account a session");
            let waiting = all.waiting.iter().find(|it| it.row.account == *account).expect("a waiting account");
            let it = all.sessions.iter().find(|it| it.session.id == *session).expect("a given session");
            prop_assert!(waits(waiting));
            prop_assert_eq!(it.session.health, Health::Ok);
            prop_assert_eq!(&it.session.kind, &waiting.kind);
            prop_assert!(is_proven(&all, waiting, it, *proof));
            let workspace = waiting.row.workspace;
            for by in it.owners.iter().filter(|it| it.account != *account) {
                let came_back = by.claim == Claim::Person && by.status == Status::Disconnected;
                prop_assert!(came_back && by.workspace == workspace, "{:?}", by);
            }
            for other in all.waiting.iter().filter(|it| it.row.account != *account) {
                let came_back = other.row.status == Status::Disconnected && other.row.workspace == workspace;
                prop_assert!(!is_known_as(other, it) || came_back);
            }
            let same = waiting.row.identity.is_none() || it.session.identity.is_none();
            prop_assert!(same || waiting.row.identity == it.session.identity);
        }
    }

    #[test]
    fn r_orp_2_the_order_of_rows_and_claims_decides_nothing(all in neighbourhood()) {
        let mut turned = all.clone();
        turned.waiting.reverse();
        turned.sessions.reverse();
        turned.sessions.iter_mut().for_each(|it| it.owners.reverse());
        let sorted = |all: &Neighbourhood| {
            let mut findings = matches(all, at(400));
            findings.sort_by_key(Finding::account);
            findings
        };
        let is_match = |it: &Finding| matches!(it, Finding::Match { .. });
        let (one, other) = (sorted(&all), sorted(&turned));
        prop_assert_eq!(one.len(), other.len());
        for (one, other) in one.iter().zip(&other) {
            prop_assert!(one == other || !is_match(one) && !is_match(other));
        }
    }

    #[test]
    fn r_orp_2_another_owner_never_makes_a_match(
        all in neighbourhood(), tenant in 1_u128..3, number in 1_u128..9,
        status in prop::sample::select(Status::ALL.to_vec()),
        claim in prop::sample::select(Claim::ALL.to_vec()),
    ) {
        let by = owner(tenant, number, status, claim);
        let mut more = all.clone();
        more.sessions.iter_mut().for_each(|it| it.owners.push(by));
        let earlier = matches(&all, at(400));
        for finding in matches(&more, at(400)) {
            let Finding::Match { account, session, .. } = &finding else { continue };
            let known = earlier.iter().any(|it| it.account() == *account);
            prop_assert!(known, "{:?}", finding);
            let row = &all.waiting.iter().find(|it| it.row.account == *account).expect("a waiting account").row;
            let it = all.sessions.iter().find(|it| it.session.id == *session).expect("a given session");
            prop_assert!(!by.keeps_off(row) || it.owners.iter().any(|it| it.account == by.account));
        }
    }
}
