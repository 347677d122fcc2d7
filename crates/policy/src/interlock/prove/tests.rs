use super::super::samples::{HOUR, NANOSECOND, REMOVAL, done, plus};
use super::*;
use crate::samples::at;

fn unclear() -> Answer {
    let why = "429".to_owned();
    Answer::Inconclusive { why }
}

/// The states that follow, the jobs' waits and the alerts' codes of look `number`, that long after the call.
#[track_caller]
fn check(
    (answer, number, after): (Answer, i32, SignedDuration),
    proof: Option<Proof>,
    wait: Option<i64>,
    alerts: &[&str],
) {
    let now = plus(at(0), after);
    let decision = proved(REMOVAL, at(0), number, &answer, now);
    let (steps, jobs) = done(&decision);
    let steps: Vec<_> = steps
        .iter()
        .map(|step| match step {
            RemovalStep::Settled { removal, proof, .. } => (*removal, *proof),
            other => panic!("not {other:?}"),
        })
        .collect();
    assert_eq!(steps, Vec::from_iter(proof.map(|it| (REMOVAL, it))));
    let waits: Vec<_> = jobs
        .iter()
        .map(|it| it.run_at.duration_since(now))
        .collect();
    assert_eq!(waits, Vec::from_iter(wait.map(SignedDuration::from_mins)));
    let codes: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
    assert_eq!(codes, alerts);
    assert_eq!(decision.at, now);
}

#[test]
fn r_del_1_gone_is_a_proof_whenever_it_is_seen() {
    for after in [0, 60, 48 * HOUR] {
        let after = SignedDuration::from_secs(after);
        check((Answer::Gone, 1, after), Some(Proof::Deleted), None, &[]);
    }
    let decision = proved(REMOVAL, at(0), 2, &Answer::Gone, at(9));
    let step = RemovalStep::Settled {
        removal: REMOVAL,
        proof: Proof::Deleted,
        note: "look 2 after the call: 404 Account not found".to_owned(),
    };
    assert_eq!(decision.removals.steps, [step]);
}

#[test]
fn r_del_1_a_session_that_still_answers_is_kept_after_ten_minutes_and_three_looks() {
    let ten = SignedDuration::from_mins(10);
    let kept = Some(Proof::Kept);
    check((Answer::Present, 3, ten), kept, None, &[]);
    check((Answer::Present, 9, ten * 300), kept, None, &[]);
    check((Answer::Present, 3, ten - NANOSECOND), None, Some(8), &[]);
    check((Answer::Present, 2, ten), None, Some(4), &[]);
    check((unclear(), 3, ten), None, Some(8), &[]);
}

#[test]
fn r_del_1_looks_grow_rarer_up_to_an_hour() {
    for (number, wait) in [
        (i32::MIN, 1),
        (0, 1),
        (1, 2),
        (2, 4),
        (3, 8),
        (4, 16),
        (5, 32),
        (6, 60),
        (7, 60),
        (80, 60),
        (i32::MAX, 60),
    ] {
        let look = (unclear(), number, SignedDuration::from_mins(5));
        check(look, None, Some(wait), &[]);
    }
    let job = &proved(REMOVAL, at(0), 3, &unclear(), at(60)).jobs[0];
    assert_eq!(job.kind, REMOVALS_PROVE);
    assert_eq!(job.cause, format!("removals.prove@{REMOVAL}/4"));
    let removal = REMOVAL;
    assert_eq!(job.payload, json!(LookAtRemoval { removal, number: 4 }));
    assert_eq!((job.workspace, job.account), (None, None));
}

#[test]
fn r_del_1_after_a_day_without_proof_operators_hear_of_it_and_nobody_looks_any_more() {
    let day = SignedDuration::from_hours(24);
    check((unclear(), 30, day - NANOSECOND), None, Some(60), &[]);
    check((unclear(), 30, day), None, None, &["removal_unproved"]);
    check((Answer::Present, 2, day), None, None, &["removal_unproved"]);
    let alert = &proved(REMOVAL, at(0), 30, &unclear(), at(24 * HOUR)).alerts[0];
    assert_eq!(alert.subject, format!("removal {REMOVAL}"));
    let detail = json!({
        "removal": REMOVAL, "called_at": at(0), "looks": 30, "last_answer": unclear(),
    });
    assert_eq!(alert.detail, detail);
}
