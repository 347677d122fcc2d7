use super::*;
use crate::account::StatusChanges;
use crate::ids::StopId;
use crate::life::AttemptState;
use crate::samples::{assert_lawful, at, row, session};
use crate::session::Health;

fn checked(status: Status, health: Health) -> Checked {
    let mut seen = session(1);
    seen.health = health;
    seen.words = vec![health.as_str().to_uppercase()];
    Checked {
        known: VerificationFacts {
            row: row(1, status),
            prior: None,
            is_held: false,
            attempt: None,
            checkpoint: None,
        },
        answer: Probe::Answered(seen),
        observed_at: at(10),
        code: "disconnected_account".to_owned(),
        losses_last_hour: 0,
        fleet: 100,
        stop: None,
    }
}

fn decide(checked: &Checked) -> Decision {
    let decision = check(checked, at(20));
    assert_lawful(&decision);
    decision
}

fn codes(decision: &Decision) -> Vec<&'static str> {
    decision.alerts.iter().map(|it| it.code).collect()
}

#[test]
fn r_cap_7_a_lost_session_flips_its_account_and_shows_what_was_seen() {
    let decision = decide(&checked(Status::Connected, Health::Credentials));
    let expected = Flip {
        account: row(1, Status::Connected).account,
        version: 7,
        from: Status::Connected,
        to: Status::ReconnectNeeded,
        cause: Cause::Credentials,
        observed_at: at(10),
        evidence: json!({
            "source": "account.check", "session": "session-1", "sources": ["CREDENTIALS"],
            "refused_with": "disconnected_account", "observed_at": at(10),
        }),
        link: None,
        checkpoint: None,
    };
    let flips = vec![expected];
    let nothing = Decision::nothing(at(20));
    assert_eq!(
        decision,
        Decision {
            status: StatusChanges {
                flips,
                ..StatusChanges::default()
            },
            ..nothing
        }
    );
}

#[test]
fn r_st_3_one_look_flips_exactly_what_the_watch_would() {
    for status in Status::ALL {
        for health in Health::ALL {
            let decision = decide(&checked(status, health));
            let flips: Vec<_> = decision
                .status
                .flips
                .iter()
                .map(|it| (it.to, it.cause))
                .collect();
            // Without a row, the attempt of one that connects began with it.
            let attempt = match status {
                Status::Connecting => AttemptState::Open,
                _ => AttemptState::Ended,
            };
            let (expected, jobs, alerts) = match implied(status, attempt, health) {
                Implied::Agrees => (vec![], 0, vec![]),
                Implied::Loss(to, cause) => (vec![(to, cause)], 0, vec![]),
                Implied::Verify => (vec![], 1, vec![]),
                Implied::Unknown => (vec![], 0, vec!["unknown_status"]),
            };
            let seen = (flips, decision.jobs.len(), codes(&decision));
            assert_eq!(seen, (expected, jobs, alerts), "{status} + {health:?}");
        }
    }
}

#[test]
fn r_wat_3_inconclusive_answers_absent_sessions_and_other_sessions_flip_nothing() {
    let lost = checked(Status::Connected, Health::Credentials);
    let mut other = session(2);
    other.health = Health::Credentials;
    for answer in [
        Probe::Gone,
        Probe::Inconclusive("401 missing_credentials".to_owned()),
        Probe::Answered(other),
    ] {
        let decision = decide(&Checked {
            answer,
            ..lost.clone()
        });
        assert_eq!(decision, Decision::nothing(at(20)));
    }
    let mut unlinked = lost;
    unlinked.known.row.session = None;
    assert_eq!(decide(&unlinked), Decision::nothing(at(20)));
}

#[test]
fn r_st_2_a_look_from_before_the_last_flip_is_dropped() {
    let mut late = checked(Status::Connected, Health::Credentials);
    late.known.row.since = at(10);
    assert_eq!(decide(&late).status.flips.len(), 1);
    late.known.row.since = at(11);
    assert_eq!(decide(&late), Decision::nothing(at(20)));
}

#[test]
fn r_wat_3_a_look_over_the_limit_of_the_hour_stops_its_loss() {
    for (losses_last_hour, fleet, flips) in [
        (0, 0, 1),
        (4, 0, 1),
        (5, 0, 0),
        (5, 24, 1),
        (6, 24, 0),
        (24, 100, 1),
        (25, 100, 0),
        (i64::MAX, 100, 0),
    ] {
        let lost = Checked {
            losses_last_hour,
            fleet,
            ..checked(Status::Connected, Health::Error)
        };
        let decision = decide(&lost);
        let what = format!("{losses_last_hour} of {fleet}");
        assert_eq!(decision.status.flips.len(), flips, "{what}");
        assert_eq!(decision.stops.stopped.len(), 1 - flips, "{what}");
        let alerts: &[&str] = if flips == 0 { &["mass_change"] } else { &[] };
        assert_eq!(codes(&decision), alerts);
    }
}

/// What stands for the account is neither counted again nor passed by: a look is noted once three runs said the same.
#[test]
fn r_wat_3_a_look_at_a_stopped_loss_is_noted_and_flips_nothing() {
    let stop = StopId(uuid::Uuid::from_u128(5));
    for (state, runs, health, noted, flips) in [
        (StopState::Open, 3, Health::Error, Some(true), 0),
        (StopState::Open, 2, Health::Error, None, 0),
        (StopState::Open, 3, Health::Credentials, Some(false), 0),
        (StopState::Open, 3, Health::Ok, Some(false), 0),
        (StopState::Accepted, 3, Health::Error, None, 0),
        (StopState::Refused, 3, Health::Error, None, 0),
        (StopState::Refused, 3, Health::Credentials, None, 1),
    ] {
        let lost = Checked {
            stop: Some(StandingStop {
                stop,
                state,
                to: Status::Recovering,
                cause: Cause::ProviderError,
                runs,
            }),
            ..checked(Status::Connected, health)
        };
        let decision = decide(&lost);
        let found = decision.stops.looks.first().map(|it| it.agrees);
        assert_eq!(found, noted, "{state} {runs} {health}");
        assert_eq!(decision.status.flips.len(), flips, "{state} {health}");
        assert_eq!(
            (decision.stops.stopped.len(), decision.alerts.len()),
            (0, 0)
        );
    }
}

/// R-ST-6 holds for every look: a stranger takes the account out of the rotation, the known person brings it back.
#[test]
fn r_st_6_one_look_holds_a_stranger_and_ends_the_hold() {
    let mut taken = checked(Status::Connected, Health::Ok);
    let mut stranger = session(1);
    stranger.identity = Some(crate::samples::identity(2));
    taken.answer = Probe::Answered(stranger);
    let decision = decide(&taken);
    assert_eq!(codes(&decision), ["wrong_account"]);
    assert_eq!(decision.status.holds.len(), 1);
    taken.known.is_held = true;
    assert_eq!(decide(&taken), Decision::nothing(at(20)));
    taken.answer = Probe::Answered(session(1));
    assert_eq!(decide(&taken).status.ended_holds.len(), 1);
}

/// A checkpoint is believed of the session's own answer, and of a send's refusal where the session says nothing worse.
#[test]
fn r_st_5_a_checkpoint_asks_the_owner_to_confirm() {
    for status in Status::ALL {
        let of_session = Checked {
            answer: Probe::Checkpoint("CAPTCHA".to_owned()),
            ..checked(status, Health::Ok)
        };
        let decision = decide(&of_session);
        let resting = matches!(status, Status::ActionRequired | Status::Disconnected);
        assert_eq!(decision.status.flips.is_empty(), resting, "{status}");
        for flip in &decision.status.flips {
            assert_eq!(flip.to, Status::ActionRequired);
            assert_eq!(flip.checkpoint.as_deref(), Some("CAPTCHA"));
        }
    }
    for (health, to) in [
        (Health::Ok, Status::ActionRequired),
        (Health::Credentials, Status::ReconnectNeeded),
    ] {
        let of_send = Checked {
            code: CHECKPOINT.to_owned(),
            ..checked(Status::Connected, health)
        };
        assert_eq!(decide(&of_send).status.flips[0].to, to, "{health}");
    }
}

/// A look that proved nothing a moment ago is not repeated by a refused send.
#[test]
fn r_lnk_6_a_refused_send_does_not_ask_for_a_verification_that_is_not_due() {
    let mut well = checked(Status::Recovering, Health::Ok);
    for (next_at, jobs) in [(20, 1), (21, 0)] {
        well.known.prior = Some(crate::verify::PriorLook {
            version: 7,
            session: crate::samples::session_id(1),
            tries: 4,
            next_at: at(next_at),
        });
        assert_eq!(decide(&well).jobs.len(), jobs);
    }
}

#[test]
fn r_wat_3_a_well_session_is_verified_however_many_were_lost() {
    let well = Checked {
        losses_last_hour: 1_000,
        ..checked(Status::Recovering, Health::Ok)
    };
    let decision = decide(&well);
    let [job] = decision.jobs.as_slice() else {
        panic!("one job: {decision:?}");
    };
    assert_eq!((job.kind, job.run_at), (ACCOUNT_VERIFY, at(20)));
}
