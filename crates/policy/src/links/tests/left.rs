//! Logins that their attempt may not bind.

use super::*;
use crate::jobs::ORPHAN_LINK;
use crate::orphans::{LinkOrphan, Proof};
use crate::samples::identity;

/// Account 1 before its first login; what an earlier attempt of it made is told of, and attempt 1 is open.
fn left(standing: Standing) -> LinkCase {
    LinkCase {
        attempt: Some(LinkAttempt {
            id: attempt_id(7),
            ..attempt(AttemptPurpose::First, standing)
        }),
        ..linking()
    }
}

/// The account knows that it is person 1.
fn known(mut case: LinkCase) -> LinkCase {
    case.known.row.identity = Some(identity(1));
    case.declared = None;
    case
}

#[test]
fn r_orp_2_a_login_that_was_left_is_bound_by_its_person_alone() {
    for standing in [Standing::Superseded, Standing::Closed] {
        for (case, proof) in [
            (left(standing), "declared"),
            (known(left(standing)), "same_identity"),
        ] {
            for open in [Some(attempt_id(1)), None] {
                let case = LinkCase {
                    open,
                    ..case.clone()
                };
                assert_eq!(asked_for(&landed(2), &case, at(NOW)), Some(&id(2)));
                let decision = decide(&facts(case, landed(2), Some(answers(2, 1))));
                assert_eq!(flips(&decision), [(account(1), CONNECTED.0, CONNECTED.1)]);
                let flip = &decision.status.flips[0];
                let link = flip.link.clone().expect("a link");
                assert_eq!((link.session, link.attempt), (id(2), None), "{standing}");
                assert_eq!(flip.evidence["proof"], proof);
                let repaired = |it: AttemptId| (it, AttemptOutcome::Repaired);
                assert_eq!(
                    ends(&decision),
                    open.map(repaired).into_iter().collect::<Vec<_>>()
                );
                assert_eq!(came_to(&decision), EventVerdict::Landed);
            }
        }
    }
}

/// Whatever is not proven is noted, and ends no attempt.
#[test]
fn r_orp_2_a_login_that_was_left_is_noted_where_its_person_is_no_proof() {
    let superseded = || left(Standing::Superseded);
    let mut of_mail = answers(2, 1);
    if let Probe::Answered(seen) = &mut of_mail.session {
        "MAIL".clone_into(&mut seen.kind);
    }
    let elsewhere = vec![owner(2, 5, Status::Connected, Claim::Person)];
    for (case, answer, owners, alerted) in [
        (superseded(), answers(2, 3), vec![], Some("wrong_account")),
        (
            known(superseded()),
            answers(2, 3),
            vec![],
            Some("wrong_account"),
        ),
        (
            superseded(),
            answers(2, 1),
            elsewhere,
            Some("session_claimed"),
        ),
        (superseded(), of_mail.clone(), vec![], Some("wrong_account")),
        (known(superseded()), of_mail, vec![], None),
    ] {
        let mut all = facts(case, landed(2), Some(answer));
        all.owners = owners;
        let decision = decide(&all);
        assert_eq!((flips(&decision), ends(&decision)), (vec![], vec![]));
        assert_eq!(decision.links.candidates[0].attempt, attempt_id(7));
        let alerts = decision.alerts.iter().map(|it| it.code);
        assert_eq!(
            alerts.collect::<Vec<_>>(),
            alerted.into_iter().collect::<Vec<_>>()
        );
        assert_eq!(came_to(&decision), EventVerdict::Noted);
    }
}

#[test]
fn r_lnk_6_a_login_that_was_left_is_asked_again_while_it_proves_nothing() {
    let mut all = facts(
        left(Standing::Superseded),
        landed(2),
        Some(in_health(answers(2, 1), Health::Connecting)),
    );
    for (waited, after) in [5, 15, 60, 300, 1_200].into_iter().enumerate() {
        all.asked.waited = u16::try_from(waited).expect("small");
        let decision = decide(&all);
        assert_eq!(came_to(&decision), EventVerdict::Waits);
        assert_eq!(decision.links.candidates[0].session, id(2));
        let job = &decision.jobs[0];
        assert_eq!((job.kind, job.run_at), (LINKS_ANSWER, at(NOW + after)));
    }
    all.asked.waited = 5;
    assert_eq!(came_to(&decide(&all)), EventVerdict::Noted);
    all.asked.waited = 0;
    all.verification.as_mut().expect("asked").session = Probe::Gone;
    assert_eq!(came_to(&decide(&all)), EventVerdict::Noted);
}

/// Of an account that is connected only the own session matters: it may be lost, and the row not say so yet.
#[test]
fn r_lnk_3_a_login_that_was_left_waits_for_a_loss_that_is_not_noted_yet() {
    let mut case = known(left(Standing::Closed));
    case.known.row.status = Status::Connected;
    case.known.row.session = Some(id(1));
    assert_eq!(asked_for(&landed(2), &case, at(NOW)), Some(&id(1)));
    let well = decide(&facts(case.clone(), landed(2), Some(answers(1, 1))));
    assert_eq!(came_to(&well), EventVerdict::Noted);
    assert!(well.jobs.is_empty());
    let lost = in_health(answers(1, 1), Health::Credentials);
    let lost = decide(&facts(case, landed(2), Some(lost)));
    assert_eq!(
        (flips(&lost), came_to(&lost)),
        (vec![], EventVerdict::Waits)
    );
    let kinds: Vec<_> = lost.jobs.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [ACCOUNT_CHECK, LINKS_ANSWER]);
}

/// A stranger on the page of an account that comes back: the session that it kept is asked for once.
#[test]
fn r_dis_4_what_an_account_kept_is_its_own_after_a_refusal() {
    let mut case = known(linking());
    case.kept = Some(id(1));
    case.attempt = Some(attempt(AttemptPurpose::Create, Standing::Open));
    let decision = decide(&facts(case.clone(), landed(2), Some(answers(2, 3))));
    assert_eq!(ends(&decision), [(attempt_id(1), AttemptOutcome::Refused)]);
    let [job] = decision.jobs.as_slice() else {
        panic!("{:?}", decision.jobs);
    };
    let asked: LinkOrphan = serde_json::from_value(job.payload.clone()).expect("a payload");
    assert_eq!(
        (job.kind, asked.session, asked.proof),
        (ORPHAN_LINK, id(1), Proof::Own)
    );
    // The kept one is the stranger's: nobody is asked for.
    let decision = decide(&facts(case, landed(1), Some(answers(1, 3))));
    assert!(decision.jobs.is_empty());
}
