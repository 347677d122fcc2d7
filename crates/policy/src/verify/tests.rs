use super::*;
use crate::account::Cause;
use crate::decision::Decision;
use crate::life::{Answer, AttemptState, NewestAttempt, Step, cell};
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

fn facts(row: &AccountRow) -> VerificationFacts {
    VerificationFacts {
        row: row.clone(),
        prior: None,
        is_held: false,
        attempt: None,
        checkpoint: None,
    }
}

fn decide(row: &AccountRow, verification: &Verification) -> Decision {
    let decision = verified(&facts(row), verification, at(20));
    assert_lawful(&decision);
    decision
}

#[track_caller]
fn check(row: &AccountRow, verification: &Verification, flips: usize, alerts: &[&str]) {
    let decision = decide(row, verification);
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
    let decision = decide(&lost, &good());
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
    let decision = decide(&unknown, &answered(|it| it.identity = None));
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

/// R-LNK-6: a profile that names nobody and answers for that very session stands for whom the session names.
#[test]
fn r_lnk_6_a_profile_without_a_name_stands_for_whom_the_session_names() {
    let lost = row(1, Status::Recovering);
    let unnamed = |who: Option<Identity>| Verification {
        owner: OwnerProbe::Unnamed,
        ..answered(|it| it.identity = who)
    };
    check(&lost, &unnamed(Some(identity(1))), 1, &[]);
    check(&lost, &unnamed(Some(identity(2))), 0, &["wrong_account"]);
    check(&lost, &unnamed(None), 0, &[]);
    let unknown = AccountRow {
        identity: None,
        ..lost
    };
    let learnt = decide(&unknown, &unnamed(Some(identity(1))));
    let link = learnt.status.flips[0].link.as_ref().expect("it learnt");
    assert_eq!(link.identity, Some(identity(1)));
    // Nobody knows anybody: a stranger could not be told from the owner later.
    let nobody = decide(&unknown, &unnamed(None));
    assert_eq!(nobody.status.flips, []);
    let why = &nobody.verifications.looks[0].why;
    assert_eq!(why, "neither its session nor its profile names anybody");
}

/// Refusals and checkpoints do what the table says (R-ST-5), an open attempt and a checkpoint of before included.
#[test]
fn r_st_5_a_refusal_and_a_checkpoint_do_what_the_table_says() {
    let refused = owner(OwnerProbe::Refused(
        "401 errors/disconnected_account".into(),
    ));
    let by_profile = owner(OwnerProbe::Checkpoint("2FA".into()));
    let by_session = Verification {
        session: Probe::Checkpoint("2FA".into()),
        owner: OwnerProbe::Inconclusive(String::new()),
        ..good()
    };
    let waits = |it: &Status| !matches!(it, Status::Connected | Status::Disconnected);
    for status in Status::ALL.into_iter().filter(waits) {
        for (before, asked) in [
            (None, Answer::Checkpoint),
            (Some("2FA"), Answer::SameCheckpoint),
        ] {
            for (ends, state) in [(20, AttemptState::Open), (-240, AttemptState::Ended)] {
                let known = VerificationFacts {
                    attempt: Some(NewestAttempt {
                        link_ends_at: at(ends),
                        closed_at: None,
                    }),
                    checkpoint: before.map(str::to_owned),
                    ..facts(&row(1, status))
                };
                for (news, answer) in [
                    (&refused, Answer::Refused),
                    (&by_profile, asked),
                    (&by_session, asked),
                ] {
                    let what = format!("{status}, attempt {state}, {answer}");
                    let decision = verified(&known, news, at(20));
                    assert_lawful(&decision);
                    let flips = decision.status.flips.iter();
                    let turn: Vec<_> = flips.map(|it| Step::Flip(it.to, it.cause)).collect();
                    let step = cell(status, state, answer).step;
                    let flips = matches!(step, Step::Flip(..));
                    assert_eq!(turn, Vec::from_iter(flips.then_some(step)), "{what}");
                    // The version that the look leaves behind is the flip's.
                    let look = &decision.verifications.looks[0];
                    assert_eq!(look.version, 7 + i64::from(flips), "{what}");
                }
            }
        }
    }
}

/// R-LNK-6: told once, after three looks that proved nothing; a look that proves something forgets them.
#[test]
fn r_lnk_6_the_third_look_that_proves_nothing_is_told() {
    let lost = row(1, Status::Recovering);
    let silent = owner(OwnerProbe::Inconclusive("503".into()));
    let after = |tries: u16| VerificationFacts {
        prior: Some(PriorLook {
            version: 7,
            session: session_id(1),
            tries,
            next_at: at(10),
        }),
        ..facts(&lost)
    };
    for (tries, told) in [(0, 0), (1, 0), (2, 1), (3, 0), (9, 0)] {
        let decision = verified(&after(tries), &silent, at(20));
        let codes: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
        assert_eq!(codes, ["verify_stuck"][..told].to_vec(), "after {tries}");
        let look = &decision.verifications.looks[0];
        assert_eq!((look.tries, look.why.as_str()), (tries + 1, "503"));
        let proved = verified(&after(tries), &good(), at(20));
        assert_eq!(proved.verifications.looks[0].tries, 0);
    }
}

/// The list names the known person, the profile another: nothing is proved, nobody is held, operators hear of it once.
#[test]
fn r_lnk_4_a_profile_that_contradicts_its_session_proves_nothing() {
    let lost = row(1, Status::Recovering);
    let stranger = owner(OwnerProbe::Answered {
        identity: identity(2),
    });
    let again = VerificationFacts {
        prior: Some(PriorLook {
            version: 7,
            session: session_id(1),
            tries: 1,
            next_at: at(10),
        }),
        ..facts(&lost)
    };
    for (known, told) in [(facts(&lost), 1), (again, 0)] {
        let decision = verified(&known, &stranger, at(20));
        assert_eq!(
            (decision.alerts.len(), decision.status.holds.len()),
            (told, 0)
        );
    }
    // Nobody else says whose it is.
    let only_profile = Verification {
        session: answered(|it| it.identity = None).session,
        ..stranger
    };
    let decision = decide(&lost, &only_profile);
    assert_eq!((decision.alerts.len(), decision.status.holds.len()), (1, 1));
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
        let owner = owns.map_or(OwnerProbe::Inconclusive(String::new()), |it| OwnerProbe::Answered { identity: identity(it) });
        let decision = decide(&row, &Verification { session: Probe::Answered(session), owner, observed_at: at(10) });
        let same_person = |it: Option<u128>| it.is_none() || it == owns;
        let proven = linked == Some(seen) && health == Health::Ok && owns.is_some()
            && same_person(known) && same_person(named) && since <= 10
            && !matches!(status, Status::Connected | Status::Disconnected);
        prop_assert_eq!(decision.status.flips.len(), usize::from(proven));
    }
}
