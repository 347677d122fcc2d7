use super::*;
use crate::account::Cause;
use crate::samples::{assert_lawful, at, row, session_id};
use uuid::Uuid;

const CALLED: i64 = 300;
const NOW: i64 = 302;

fn facts() -> RestartFacts {
    let row = row(1, Status::Recovering);
    RestartFacts {
        asked: RecoverSession {
            account: row.account,
            version: row.version,
            rung: 2,
            by_operator: None,
            place: None,
        },
        restart: RestartId(Uuid::from_u128(9)),
        session: session_id(1),
        called_at: at(CALLED),
        known: VerificationFacts {
            row,
            prior: None,
            is_held: false,
            attempt: None,
            checkpoint: None,
        },
    }
}

fn refusal(class: Class) -> RestartOutcome {
    RestartOutcome::Refused {
        class,
        code: "401 errors/word".to_owned(),
        checkpoint: "2FA".to_owned(),
    }
}

fn decided(facts: &RestartFacts, outcome: &RestartOutcome) -> Decision {
    let settled = settle(facts, outcome, at(NOW));
    assert_eq!(settled.dead, None);
    assert_lawful(&settled.decision);
    settled.decision
}

/// Kinds of the jobs asked for, and when they run.
fn jobs(decision: &Decision) -> Vec<(&str, Timestamp)> {
    let each = decision.jobs.iter();
    each.map(|job| (job.kind.name, job.run_at)).collect()
}

#[test]
fn r_lnk_8_a_restart_that_began_is_looked_at_within_a_minute() {
    let decision = decided(&facts(), &RestartOutcome::Restarted);
    let wanted = [
        (ACCOUNT_CHECK.name, at(NOW + 45)),
        (SESSIONS_RECOVER.name, at(900)),
    ];
    assert_eq!(jobs(&decision), wanted);
    assert_eq!(decision.restarts.ends[0].state, RestartState::Restarted);
    assert!(decision.status.flips.is_empty());
}

#[test]
fn r_lnk_8_each_answer_to_a_restart_has_what_follows() {
    let next = vec![(SESSIONS_RECOVER.name, at(900))];
    for class in Class::ALL {
        let decision = decided(&facts(), &refusal(class));
        assert_eq!(decision.restarts.ends[0].state, RestartState::Refused);
        let flips: Vec<_> = decision
            .status
            .flips
            .iter()
            .map(|flip| (flip.to, flip.cause, flip.checkpoint.as_deref()))
            .collect();
        let alerts: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
        let cases = decision.cases.opened.len();
        let found = (flips, cases, alerts, jobs(&decision));
        let wanted = match class {
            Class::Reconnect => {
                let flip = (Status::ReconnectNeeded, Cause::SessionRefused, None);
                (vec![flip], 0, vec![], vec![])
            }
            Class::Checkpoint => {
                let flip = (Status::ActionRequired, Cause::Checkpoint, Some("2FA"));
                (vec![flip], 0, vec![], vec![])
            }
            Class::Gone => (vec![], 1, vec![], next.clone()),
            Class::OurKey => (vec![], 0, vec!["provider_key"], next.clone()),
            _ => (vec![], 0, vec![], next.clone()),
        };
        assert_eq!(found, wanted, "{class}");
    }
}

#[test]
fn r_cap_5_what_nobody_saw_end_is_unknown_and_the_next_rung_goes_on() {
    for (outcome, state) in [
        (
            RestartOutcome::Unknown {
                why: "x".to_owned(),
            },
            RestartState::Unknown,
        ),
        (
            RestartOutcome::NotSent {
                why: "x".to_owned(),
            },
            RestartState::NotSent,
        ),
    ] {
        let decision = decided(&facts(), &outcome);
        assert_eq!(decision.restarts.ends[0].state, state);
        assert_eq!(jobs(&decision), [(SESSIONS_RECOVER.name, at(900))]);
    }
}

#[test]
fn r_st_2_what_moved_on_meanwhile_only_gets_the_end_of_its_call() {
    let moved: [fn(&mut RestartFacts); 3] = [
        |it| it.known.row.status = Status::Connected,
        |it| it.known.row.version += 1,
        |it| it.known.row.session = Some(session_id(2)),
    ];
    for change in moved {
        let mut facts = facts();
        change(&mut facts);
        for outcome in [RestartOutcome::Restarted, refusal(Class::Reconnect)] {
            let decision = decided(&facts, &outcome);
            assert_eq!(decision.restarts.ends.len(), 1);
            assert_eq!(jobs(&decision), []);
            assert!(decision.status.flips.is_empty());
        }
    }
}

#[test]
fn r_lnk_8_an_operators_restart_asks_for_no_rung() {
    let mut facts = facts();
    facts.asked.by_operator = Some(facts.restart);
    let decision = decided(&facts, &RestartOutcome::Restarted);
    assert_eq!(jobs(&decision), [(ACCOUNT_CHECK.name, at(NOW + 45))]);
}

#[test]
fn r_lnk_10_an_answer_flips_nobody_whose_owner_is_at_it() {
    let mut facts = facts();
    facts.known.attempt = Some(crate::life::NewestAttempt {
        link_ends_at: at(1_000),
        closed_at: None,
    });
    let decision = decided(&facts, &refusal(Class::Reconnect));
    assert!(decision.status.flips.is_empty());
    assert_eq!(jobs(&decision).len(), 1);
}
