use super::*;
use crate::samples::{assert_lawful, at, row, session};
use crate::session::Health;

fn checked(status: Status, health: Health) -> Checked {
    let mut seen = session(1);
    seen.health = health;
    seen.words = vec![health.as_str().to_uppercase()];
    Checked {
        row: row(1, status),
        answer: Probe::Answered(seen),
        observed_at: at(10),
        code: "disconnected_account".to_owned(),
        losses_last_hour: 0,
        fleet: 100,
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
            let (expected, jobs, alerts) = match implied(status, AttemptState::Open, health) {
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
    unlinked.row.session = None;
    assert_eq!(decide(&unlinked), Decision::nothing(at(20)));
}

#[test]
fn r_st_2_a_look_from_before_the_last_flip_is_dropped() {
    let mut late = checked(Status::Connected, Health::Credentials);
    late.row.since = at(10);
    assert_eq!(decide(&late).status.flips.len(), 1);
    late.row.since = at(11);
    assert_eq!(decide(&late), Decision::nothing(at(20)));
}

#[test]
fn r_wat_3_the_losses_of_an_hour_of_looks_stay_within_the_breaker() {
    for (losses_last_hour, fleet, flips) in [
        (0, 0, 1),
        (19, 0, 1),
        (20, 0, 0),
        (20, 84, 1),
        (21, 84, 0),
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
        assert_eq!(
            decision.status.flips.len(),
            flips,
            "{losses_last_hour} of {fleet}"
        );
        let alerts: &[&str] = if flips == 0 { &["mass_change"] } else { &[] };
        assert_eq!(codes(&decision), alerts);
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
