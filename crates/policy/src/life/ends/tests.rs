use super::*;
use crate::account::Cause;
use crate::life::{ATTEMPT_GRACE, LINK_LIFE};
use crate::samples::{account, assert_lawful, at, session_id};
use uuid::Uuid;

const MINUTE: i64 = 60;

fn newest(link_ends_s: i64, closed_s: Option<i64>) -> (AttemptId, NewestAttempt) {
    let attempt = NewestAttempt {
        link_ends_at: at(link_ends_s),
        closed_at: closed_s.map(at),
    };
    (AttemptId(Uuid::from_u128(1)), attempt)
}

fn waiting(status: Status, attempt: Option<(AttemptId, NewestAttempt)>) -> Unended {
    Unended {
        account: account(1),
        version: 7,
        status,
        since: at(0),
        session: Some(session_id(1)),
        health: None,
        attempt,
    }
}

fn asked() -> EndAttempts {
    EndAttempts {
        slot: at(0),
        chunk: 0,
    }
}

fn ended(one: Unended, at_s: i64) -> Option<(Status, Cause)> {
    let found = Ended {
        asked: asked(),
        accounts: vec![one],
        attempts: vec![],
        lapsed: vec![],
        is_cut: false,
        observed_at: at(at_s),
    };
    let decision = end_attempts(found, at(at_s + 1));
    assert_lawful(&decision);
    let [] = decision.jobs.as_slice() else {
        panic!("nothing is left");
    };
    let flip = decision.status.flips.first()?;
    Some((flip.to, flip.cause))
}

const UNUSED: Option<(Status, Cause)> = Some((Status::ReconnectNeeded, Cause::LinkUnused));

#[test]
fn r_lnk_10_an_attempt_that_nobody_ends_is_over_after_thirty_four_minutes() {
    let whole = LINK_LIFE.as_secs() + ATTEMPT_GRACE.as_secs();
    assert_eq!(whole, 34 * MINUTE, "with a tick a minute: 35 min");
    for (attempt, over_at) in [
        (None, whole),
        (Some(newest(30 * MINUTE, None)), whole),
        (Some(newest(10 * MINUTE, None)), 14 * MINUTE),
        (Some(newest(30 * MINUTE, Some(5))), 5),
        // A late close does not open it again.
        (Some(newest(30 * MINUTE, Some(40 * MINUTE))), whole),
    ] {
        let connecting = || waiting(Status::Connecting, attempt);
        assert_eq!(ended(connecting(), over_at - 1), None, "{attempt:?}");
        assert_eq!(ended(connecting(), over_at), UNUSED, "{attempt:?}");
    }
}

#[test]
fn r_lnk_10_an_account_goes_back_to_where_its_session_is() {
    let recovering = |cause| Some((Status::Recovering, cause));
    for (health, expected) in [
        (None, UNUSED),
        (Some(Health::Ok), UNUSED),
        (Some(Health::Unknown), UNUSED),
        (Some(Health::Permissions), UNUSED),
        (Some(Health::Credentials), UNUSED),
        (Some(Health::Stopped), recovering(Cause::ProviderError)),
        (Some(Health::Error), recovering(Cause::ProviderError)),
        (
            Some(Health::Connecting),
            recovering(Cause::ProviderConnecting),
        ),
    ] {
        let one = Unended {
            health,
            ..waiting(Status::Connecting, None)
        };
        assert_eq!(ended(one, 34 * MINUTE), expected, "{health:?}");
    }
}

#[test]
fn r_st_5_a_checkpoint_waits_twenty_minutes_or_for_its_attempt() {
    let unanswered = Some((Status::ReconnectNeeded, Cause::CheckpointUnanswered));
    let patience = CHECKPOINT_PATIENCE.as_secs();
    for (attempt, over_at) in [
        (None, patience),
        (Some(newest(30 * MINUTE, None)), patience),
        (Some(newest(5 * MINUTE, None)), 9 * MINUTE),
        (Some(newest(30 * MINUTE, Some(7))), 7),
        // Over before the checkpoint: not its attempt.
        (Some(newest(-10 * MINUTE, None)), patience),
        (Some(newest(-4 * MINUTE, None)), patience),
    ] {
        let confirming = || waiting(Status::ActionRequired, attempt);
        assert_eq!(ended(confirming(), over_at - 1), None, "{attempt:?}");
        assert_eq!(ended(confirming(), over_at), unanswered, "{attempt:?}");
    }
}

#[test]
fn r_st_5_time_ends_no_other_status() {
    for status in Status::ALL {
        let waits = matches!(status, Status::Connecting | Status::ActionRequired);
        let flips = ended(waiting(status, None), 10_000 * MINUTE).is_some();
        assert_eq!(flips, waits, "{status}");
        assert_eq!(time_out(status, Answer::Silence).is_some(), waits);
    }
}

#[test]
fn r_wat_1_what_was_cut_is_looked_at_at_once() {
    let found = Ended {
        asked: asked(),
        accounts: vec![],
        attempts: vec![],
        lapsed: vec![],
        is_cut: true,
        observed_at: at(5),
    };
    let decision = end_attempts(found, at(6));
    let [job] = decision.jobs.as_slice() else {
        panic!("one job: {decision:?}");
    };
    assert_eq!(
        (job.cause.clone(), job.run_at),
        (format!("attempts.end@{}/1", at(0)), at(6))
    );
    let asked: EndAttempts = serde_json::from_value(job.payload.clone()).expect("its payload");
    assert_eq!(asked.chunk, 1);
    let tick = json!({ "slot": at(0) });
    let first: EndAttempts = serde_json::from_value(tick).expect("a tick's payload");
    assert_eq!(first.chunk, 0);
}
