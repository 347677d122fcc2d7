use super::*;
use crate::account::{Cause, Status};
use crate::ids::CaseId;
use crate::jobs::{ApplyRun, ApplyStep, CONFIRM_POLL};
use crate::listing::NEWS_LIFE;
use crate::samples::{account, at, session_id, workspace};
use crate::watch::{AccountShare, DueCase, ProposedClass, RunOutcome, RunVerdict};
use uuid::Uuid;

fn row(number: u128, class: ProposedClass) -> Proposed {
    Proposed {
        account: account(number),
        workspace: workspace(1),
        version: 1,
        from: Status::Connected,
        class,
        session: session_id(number),
        observed_at: at(0),
        words: vec![],
        case_open: false,
        stop: None,
    }
}

const LOSS: ProposedClass = ProposedClass::Loss {
    to: Status::ReconnectNeeded,
    cause: Cause::Credentials,
};

fn counts(new_losses: i64) -> RunCounts {
    let share = |first, last| AccountShare {
        first: account(first),
        last: account(last),
    };
    RunCounts {
        slot: at(0),
        sessions_listed: 100,
        watched: 100,
        new_losses,
        lost_before: 0,
        absent: 0,
        unknown: 0,
        odd: vec![],
        verifiable: 7,
        sample: vec![],
        shares: vec![share(1, 9), share(10, 12)],
    }
}

fn whole(counts: RunCounts, due: DueWork) -> Chunk {
    Chunk::Judge {
        listed_at: at(60),
        counts: Box::new(counts),
        due,
    }
}

fn decide(chunk: Chunk, now: Timestamp) -> Decision {
    apply_chunk(chunk, NEWS_LIFE, now)
}

#[test]
fn r_wat_3_a_run_is_judged_whole_and_its_shares_carry_the_judgement() {
    for (losses, verdict) in [(25, RunVerdict::Apply), (26, RunVerdict::Abort)] {
        let decision = decide(whole(counts(losses), DueWork::default()), at(61));
        assert_eq!(decision.status.flips, [], "the judgement flips nobody");
        let judged = RunStep::Judged {
            slot: at(0),
            verdict,
            watched: 100,
            shares: 2,
            released: vec![],
            cases: vec![],
        };
        assert_eq!(decision.run, Some(judged), "{losses}");
        let asked: Vec<ApplyStep> = decision
            .jobs
            .iter()
            .map(|job| {
                assert_eq!((job.kind, job.kind.version), (STATUS_APPLY, 2));
                serde_json::from_value(job.payload.clone()).expect("its own payload")
            })
            .collect();
        let [ApplyStep::Share(first), ApplyStep::Share(second)] = asked.as_slice() else {
            panic!("two shares: {asked:?}");
        };
        assert!(first.last < second.first, "no account is of two shares");
        assert_eq!(
            (second.verdict, second.chunk, second.verifiable),
            (verdict, 2, 7)
        );
        let share = Chunk::Share {
            asked: *second,
            listed_at: at(60),
            rows: vec![row(10, LOSS), row(11, ProposedClass::Verify)],
        };
        let decision = decide(share, at(62));
        assert_eq!((decision.status.flips.len(), decision.jobs.len()), (1, 1));
        let outcome = if verdict == RunVerdict::Apply {
            RunOutcome::Applied
        } else {
            RunOutcome::Aborted
        };
        let accounts = vec![account(10), account(11)];
        assert_eq!(
            decision.run,
            Some(RunStep::Handled {
                slot: at(0),
                accounts,
                outcome
            })
        );
    }
}

#[test]
fn r_wat_5_news_older_than_a_period_end_their_run_and_change_nothing() {
    let share = |slot| ApplyShare {
        slot,
        chunk: 1,
        verdict: RunVerdict::Apply,
        first: account(1),
        last: account(2),
        verifiable: 0,
    };
    let steps = || {
        [
            whole(counts(1), DueWork::default()),
            Chunk::Share {
                asked: share(at(0)),
                listed_at: at(60),
                rows: vec![row(1, LOSS)],
            },
        ]
    };
    for chunk in steps() {
        let late = decide(chunk, at(361));
        assert!(
            matches!(&late.run, Some(RunStep::Inconclusive { slot, .. }) if *slot == at(0)),
            "{late:?}"
        );
        assert_eq!(Decision { run: None, ..late }, Decision::nothing(at(361)));
    }
    for chunk in steps() {
        let in_time = decide(chunk, at(360));
        assert!(!matches!(in_time.run, Some(RunStep::Inconclusive { .. })));
    }
    assert_eq!(decide(Chunk::Past, at(360)), Decision::nothing(at(360)));
}

#[test]
fn r_wat_3_an_empty_list_ends_its_run_without_a_judgement() {
    let empty = RunCounts {
        sessions_listed: 0,
        ..counts(0)
    };
    let decision = decide(whole(empty, DueWork::default()), at(61));
    assert!(matches!(decision.run, Some(RunStep::Inconclusive { .. })));
    assert_eq!(
        (decision.jobs.len(), decision.alerts[0].code),
        (0, "empty_list")
    );
}

#[test]
fn r_wat_3_five_stopped_cases_a_run_get_the_poll_that_may_end_them() {
    let due = |number| DueCase {
        case: CaseId(Uuid::from_u128(number)),
        account: account(number),
        workspace: workspace(1),
        number: 4,
    };
    let due = DueWork {
        cases: (1..=7).map(due).collect(),
        stops: vec![],
    };
    let decision = decide(whole(counts(0), due), at(61));
    let polls: Vec<_> = decision
        .jobs
        .iter()
        .filter(|job| job.kind == CONFIRM_POLL)
        .collect();
    assert_eq!(polls.len(), 5);
    assert!(
        polls
            .iter()
            .all(|job| job.run_at == at(61) && job.cause.contains("/4+"))
    );
    assert!(matches!(decision.run, Some(RunStep::Judged { cases, .. }) if cases.len() == 5));
}

/// R-JOB-5: what a build before this one asked for is judged, whatever it had judged itself.
#[test]
fn r_job_5_jobs_of_version_1_are_read_as_runs_to_judge() {
    for chunk in [0, 3] {
        let old =
            json!({ "slot": at(0), "chunk": chunk, "apply_losses": true, "open_cases": true });
        let verdict = RunVerdict::Apply;
        let expected = ApplyStep::Judge(ApplyRun {
            slot: at(0),
            chunk,
            verdict,
        });
        assert_eq!(serde_json::from_value(old).ok(), Some(expected));
    }
}
