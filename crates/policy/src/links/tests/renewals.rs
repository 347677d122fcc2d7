//! Logins that renew what works, and how soon any login lands.

use super::*;
use jiff::SignedDuration;

/// Account 1, connected, with a renewal that is open.
fn renewing() -> LinkCase {
    let mut case = reconnecting();
    case.known.row.status = Status::Connected;
    case.attempt = Some(attempt(AttemptPurpose::Renew, Standing::Open));
    case
}

/// Account whose callback has named its session.
fn named() -> LinkCase {
    let mut case = renewing();
    case.attempt.as_mut().expect("one").session = Some(id(1));
    case
}

/// A stranger was seen behind its session.
fn held() -> LinkCase {
    let mut case = renewing();
    case.known.is_held = true;
    case
}

#[track_caller]
fn look(case: LinkCase, verification: Verification) -> Decision {
    let found = LookedAt {
        asked: look_at(1),
        case: Some(case),
        verification: Some(verification),
        owners: vec![],
        earlier: vec![],
    };
    let decision = looked(&found, at(NOW));
    assert_lawful(&decision);
    decision
}

#[test]
fn r_lnk_10_a_look_ends_a_renewal_whose_login_shows() {
    assert_eq!(session_to_look_at(&renewing()), None, "it works as before");
    let abandoned = look(renewing(), answers(1, 1));
    assert_eq!((ends(&abandoned), flips(&abandoned)), (vec![], vec![]));
    let mut lost = renewing();
    lost.known.row.status = Status::ReconnectNeeded;
    let back = vec![(account(1), Status::Connected, Cause::Verified)];
    for (case, expected) in [(named(), vec![]), (held(), vec![]), (lost, back)] {
        assert_eq!(session_to_look_at(&case), Some(&id(1)));
        let decision = look(case.clone(), answers(1, 1));
        assert_eq!(ends(&decision), [(attempt_id(1), AttemptOutcome::Linked)]);
        assert_eq!(flips(&decision), expected);
        assert_eq!(decision.links.landed, [LandedLogin::by(LandedBy::Look)]);
        assert_eq!(decision.jobs, [], "no look follows");
        let stranger = look(case, answers(1, 2));
        assert_eq!((ends(&stranger), flips(&stranger)), (vec![], vec![]));
    }
    let ended = look(held(), answers(1, 1)).status.ended_holds;
    assert_eq!(ended.len(), 1, "the known person is back");
}

#[test]
fn r_lnk_10_a_renewal_ends_with_the_word_of_its_login() {
    for (word, is_login) in [
        ("RECONNECTED", true),
        ("CREATION_SUCCESS", true),
        ("OK", false),
        ("SYNC_SUCCESS", false),
    ] {
        let asked = asked_for(&hint(1, word), &renewing(), at(NOW)).is_some();
        assert_eq!(asked, is_login, "{word}");
        let decision = decide(&facts(
            renewing(),
            hint(1, word),
            is_login.then(|| answers(1, 1)),
        ));
        let expected = is_login.then_some((attempt_id(1), AttemptOutcome::Linked));
        assert_eq!(
            ends(&decision),
            expected.into_iter().collect::<Vec<_>>(),
            "{word}"
        );
        assert_eq!(flips(&decision), [], "R-LNK-10: a renewal flips nothing");
    }
    // Another attempt is open by now: the word is of nobody's renewal.
    let mut over = renewing();
    over.open = Some(attempt_id(2));
    assert_eq!(asked_for(&hint(1, "RECONNECTED"), &over, at(NOW)), None);
    // It is not well yet: its attempt is known to be answered, and looked at.
    let early = in_health(answers(1, 1), Health::Connecting);
    let decision = decide(&facts(renewing(), hint(1, "RECONNECTED"), Some(early)));
    assert_eq!(came_to(&decision), EventVerdict::Verifying);
    assert_eq!(decision.links.answered[0].session, id(1));
    assert_eq!(decision.jobs[0].kind, LINKS_LOOK);
}

#[test]
fn r_lnk_3_a_login_is_counted_from_its_callback_and_from_its_session() {
    let took = |decision: &Decision| -> Vec<_> {
        let logins = decision.links.landed.iter();
        logins.flat_map(|it| it.took(at(NOW))).collect()
    };
    let seconds = SignedDuration::from_secs;
    let mut called = linking();
    called.attempt.as_mut().expect("one").called_back_at = Some(at(NOW - 3));
    let proven = decide(&facts(called.clone(), landed(2), Some(answers(2, 1))));
    let both = [
        (LandedSince::Callback, seconds(3)),
        (LandedSince::Login, seconds(NOW)),
    ];
    assert_eq!(took(&proven), both);
    // A look lands what its callback has told of: the address was reached.
    called.attempt.as_mut().expect("one").session = Some(id(2));
    let later = look(called, answers(2, 1));
    assert_eq!(later.links.landed[0].by, LandedBy::Callback);
    assert_eq!(took(&later), both);
    // Of the session that the account had before nobody knows when its owner signed in.
    let own = decide(&facts(reconnecting(), landed(1), Some(answers(1, 1))));
    assert_eq!(took(&own), []);
    let ahead = LandedLogin::by(LandedBy::Look).made(at(NOW + 60), at(NOW));
    let times: Vec<_> = ahead.took(at(NOW)).collect();
    assert_eq!(times, [(LandedSince::Login, SignedDuration::ZERO)]);
    let old = LandedLogin::by(LandedBy::Look).made(at(NOW - 86_400), at(NOW));
    assert_eq!(old.took(at(NOW)).count(), 0, "older than any name");
}
