mod planted;

use super::*;
use crate::samples::{at, session_id};
use uuid::Uuid;

/// When calls of these tests come, in seconds.
const NOW: i64 = 10_000;

fn facts(status: Status) -> MintFacts {
    MintFacts {
        at: at(NOW),
        status,
        session: Some(session_id(1)),
        kept_session: None,
        was_connected: true,
        newest: None,
        dead_said: vec![],
    }
}

fn newest(phase: AttemptPhase, purpose: AttemptPurpose) -> NewestMint {
    NewestMint {
        attempt: AttemptId(Uuid::from_u128(1)),
        phase,
        purpose,
        mint_no: 1,
        minted_at: Some(at(NOW - 60)),
        lease_ends_at: Some(at(NOW + 20)),
        link_ends_at: at(NOW + 1_000),
        answered_at: None,
    }
}

fn with(newest: NewestMint) -> MintFacts {
    MintFacts {
        newest: Some(newest),
        ..facts(Status::ReconnectNeeded)
    }
}

fn asked(facts: &MintFacts) -> MintStep {
    mint_step(facts, Intent::Repair, LastLink::Unsaid)
}

#[track_caller]
fn begins(step: &MintStep, wanted: AttemptPurpose, supersedes: bool) {
    let MintStep::Begin {
        purpose,
        supersedes: older,
        ..
    } = step
    else {
        panic!("{step:?} begins nothing");
    };
    assert_eq!((*purpose, older.is_some()), (wanted, supersedes));
}

#[test]
fn r_lnk_9_every_status_and_intent_has_its_link_or_its_refusal() {
    use AttemptPurpose::{Create, First, Reconnect, Renew, Restore};
    let session = || LinkTarget::Reconnect(session_id(1));
    for status in Status::ALL {
        for intent in [Intent::Repair, Intent::Renew, Intent::Restore] {
            let expected = match (status, intent) {
                (Status::Connected, Intent::Renew) => Ok((Renew, session())),
                (Status::Connected, _) => Err(MintRefusal::AlreadyConnected),
                (Status::Disconnected, Intent::Restore) => Ok((Restore, session())),
                (Status::Disconnected, _) => Err(MintRefusal::Disconnected),
                (Status::Missing, _) => Ok((Create, LinkTarget::Create)),
                _ => Ok((Reconnect, session())),
            };
            let mut one = facts(status);
            one.kept_session = one.session.clone();
            let found = match mint_step(&one, intent, LastLink::Unsaid) {
                MintStep::Begin {
                    purpose,
                    target,
                    supersedes: None,
                } => Ok((purpose, target)),
                MintStep::Refuse(why) => Err(why),
                other => panic!("{status}: {other:?}"),
            };
            assert_eq!(found, expected, "{status} {intent:?}");
        }
    }
    let blank = MintFacts {
        session: None,
        ..facts(Status::ReconnectNeeded)
    };
    begins(&asked(&blank), Create, false);
    let new = MintFacts {
        was_connected: false,
        ..blank
    };
    begins(&asked(&new), First, false);
    let gone = MintFacts {
        session: None,
        ..facts(Status::Disconnected)
    };
    let MintStep::Begin { target, .. } = mint_step(&gone, Intent::Restore, LastLink::Unsaid) else {
        panic!("a restore");
    };
    assert_eq!(target, LinkTarget::Create, "it kept no session");
}

#[test]
fn r_lnk_1_an_open_link_is_given_again_for_ninety_seconds() {
    let open = newest(AttemptPhase::Open, AttemptPurpose::Reconnect);
    let reused = MintStep::Reuse(open.attempt);
    for (minted_s, is_reused) in [(0, true), (89, true), (90, false), (600, false)] {
        let one = with(NewestMint {
            minted_at: Some(at(NOW - minted_s)),
            ..open.clone()
        });
        assert_eq!(asked(&one) == reused, is_reused, "{minted_s} s");
    }
    // A reconnect that went on as `create` is the same login; one whose page has ended is none.
    let went_on = with(newest(AttemptPhase::Open, AttemptPurpose::Create));
    assert_eq!(asked(&went_on), reused);
    let ended = with(NewestMint {
        link_ends_at: at(NOW),
        ..open.clone()
    });
    begins(&asked(&ended), AttemptPurpose::Reconnect, true);
    // An open renewal of an account that was lost meanwhile would not take its pill along.
    let renewal = with(newest(AttemptPhase::Open, AttemptPurpose::Renew));
    begins(&asked(&renewal), AttemptPurpose::Reconnect, true);
}

#[test]
fn r_lnk_1_a_spent_link_is_never_given_again() {
    for phase in AttemptPhase::ALL {
        let one = with(newest(phase, AttemptPurpose::Reconnect));
        let is_reused = matches!(asked(&one), MintStep::Reuse(_));
        assert_eq!(is_reused, phase == AttemptPhase::Open, "{phase}");
        if phase.is_closed() || phase == AttemptPhase::Lapsed {
            begins(&asked(&one), AttemptPurpose::Reconnect, !phase.is_closed());
        }
    }
}

#[test]
fn r_lnk_1_whoever_comes_while_a_link_is_minted_waits_until_its_lease_ends() {
    let minting = newest(AttemptPhase::Minting, AttemptPurpose::Reconnect);
    let until = at(NOW + 20);
    let attempt = minting.attempt;
    for last in [LastLink::Unsaid, LastLink::Dead] {
        let step = mint_step(&with(minting.clone()), Intent::Repair, last);
        assert_eq!(step, MintStep::Wait { attempt, until });
    }
    let over = with(NewestMint {
        lease_ends_at: Some(at(NOW)),
        ..minting
    });
    let target = LinkTarget::Reconnect(session_id(1));
    let purpose = AttemptPurpose::Reconnect;
    let taken = MintStep::TakeOver {
        attempt,
        purpose,
        target,
        mint_no: 2,
    };
    assert_eq!(asked(&over), taken);
}

#[test]
fn r_lnk_1_a_login_that_was_answered_is_waited_for_and_not_for_ever() {
    for phase in [AttemptPhase::Answered, AttemptPhase::Verifying] {
        for (answered_s, is_refused) in [(0, true), (89, true), (90, false)] {
            let mut one = newest(phase, AttemptPurpose::Reconnect);
            one.answered_at = Some(at(NOW - answered_s));
            let one = with(one);
            let refused = MintStep::Refuse(MintRefusal::InProgress);
            assert_eq!(asked(&one) == refused, is_refused, "{phase} {answered_s} s");
            let dead = mint_step(&one, Intent::Repair, LastLink::Dead);
            begins(&dead, AttemptPurpose::Reconnect, true);
        }
    }
}

#[test]
fn r_lnk_1_three_links_may_be_called_dead_in_ten_minutes() {
    let open = newest(AttemptPhase::Open, AttemptPurpose::Reconnect);
    let dead = |said: &[i64]| {
        let dead_said = said.iter().map(|ago| at(NOW - ago)).collect();
        let one = MintFacts {
            dead_said,
            ..with(open.clone())
        };
        mint_step(&one, Intent::Repair, LastLink::Dead)
    };
    for said in [&[] as &[i64], &[1], &[1, 2]] {
        begins(&dead(said), AttemptPurpose::Reconnect, true);
    }
    let room = at(NOW - 500 + 600);
    let refused = MintStep::Refuse(MintRefusal::TooManyDead(room));
    assert_eq!(dead(&[1, 2, 500]), refused);
    let unsaid = MintFacts {
        dead_said: vec![at(NOW); 3],
        ..with(open.clone())
    };
    assert_eq!(asked(&unsaid), MintStep::Reuse(open.attempt));
}
