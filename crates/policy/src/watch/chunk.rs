//! Applying a judged run, some rows at a time.

use super::{Proposed, RunCounts, RunStep, RunVerdict, apply, judge};
use crate::decision::{Decision, NewJob};
use crate::jobs::{ApplyRun, STATUS_APPLY};
use jiff::Timestamp;
use serde_json::json;

/// Some proposals of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// What the job was asked, with the judgement of chunk 0 in all later ones.
    pub asked: ApplyRun,
    /// The whole run, counted; only for chunk 0, which judges it.
    pub counts: Option<RunCounts>,
    /// The proposals to deal with.
    pub rows: Vec<Proposed>,
    /// Nothing is left after these.
    pub is_last: bool,
}

/// Judges the run if this is its first chunk, deals with the rows, and asks for the next chunk or ends the run.
///
/// A refused run still has its rows handled: its losses and absences are dropped, its verifications, which only look,
/// are asked for.
pub fn apply_chunk(chunk: Chunk, now: Timestamp) -> Decision {
    let Chunk {
        asked,
        counts,
        rows,
        is_last,
    } = chunk;
    let slot = asked.slot;
    let judgement = counts.as_ref().map(judge);
    let verdict = judgement.as_ref().map_or(asked.verdict, |it| it.verdict);
    let accounts = rows.iter().map(|row| row.account).collect();
    let mut decision = apply(slot, rows, verdict, now);
    decision
        .alerts
        .extend(judgement.into_iter().flat_map(|judgement| judgement.alerts));
    if !is_last {
        decision.jobs.push(next_chunk(asked, verdict, now));
    }
    decision.run = Some(RunStep::Handled {
        slot,
        accounts,
        outcome: is_last.then_some(verdict.outcome()),
    });
    decision
}

fn next_chunk(asked: ApplyRun, verdict: RunVerdict, now: Timestamp) -> NewJob {
    let ApplyRun {
        slot,
        chunk,
        verdict: _,
    } = asked;
    let chunk = chunk + 1;
    NewJob {
        kind: STATUS_APPLY,
        cause: format!("{}@{slot}/{chunk}", STATUS_APPLY.name),
        workspace: None,
        account: None,
        run_at: now,
        payload: json!(ApplyRun {
            slot,
            chunk,
            verdict
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Cause, Status};
    use crate::ids::{AccountId, SessionId, WorkspaceId};
    use crate::watch::{ProposedClass, RunOutcome};
    use uuid::Uuid;

    fn row(number: u128, class: ProposedClass) -> Proposed {
        Proposed {
            account: AccountId(Uuid::from_u128(number)),
            workspace: WorkspaceId(Uuid::nil()),
            version: 1,
            from: Status::Connected,
            class,
            session: SessionId(format!("s{number}")),
            observed_at: Timestamp::UNIX_EPOCH,
            words: vec![],
            case_open: false,
        }
    }

    fn loss(number: u128) -> Proposed {
        row(
            number,
            ProposedClass::Loss {
                to: Status::ReconnectNeeded,
                cause: Cause::Credentials,
            },
        )
    }

    fn counts(losses: i64) -> RunCounts {
        RunCounts {
            slot: Timestamp::UNIX_EPOCH,
            sessions_listed: 100,
            watched: 100,
            losses,
            absent: 0,
            unknown: 0,
            odd: vec![],
            verifiable: 0,
            sample: vec![],
        }
    }

    fn first(counts: RunCounts, rows: Vec<Proposed>, is_last: bool) -> Chunk {
        let asked = ApplyRun {
            slot: Timestamp::UNIX_EPOCH,
            chunk: 0,
            verdict: RunVerdict::Abort,
        };
        Chunk {
            asked,
            counts: Some(counts),
            rows,
            is_last,
        }
    }

    #[test]
    fn r_wat_3_a_run_is_judged_whole_before_its_first_row_and_the_judgement_is_carried_on() {
        for (losses, applied) in [(25, true), (26, false)] {
            let outcome = if applied {
                RunOutcome::Applied
            } else {
                RunOutcome::Aborted
            };
            let decision = apply_chunk(
                first(counts(losses), vec![loss(1)], false),
                Timestamp::UNIX_EPOCH,
            );
            assert_eq!(!decision.status.flips.is_empty(), applied, "{losses}");
            let asked: ApplyRun =
                serde_json::from_value(decision.jobs[0].payload.clone()).expect("its own payload");
            assert_eq!((asked.chunk, asked.verdict.outcome()), (1, outcome));
            let second = Chunk {
                asked,
                counts: None,
                rows: vec![loss(2)],
                is_last: true,
            };
            let decision = apply_chunk(second, Timestamp::UNIX_EPOCH);
            assert_eq!(!decision.status.flips.is_empty(), applied, "{losses}");
            assert!(
                matches!(decision.run, Some(RunStep::Handled { outcome: Some(found), .. }) if found == outcome)
            );
        }
    }

    #[test]
    fn r_wat_3_a_refused_run_still_asks_for_verifications_and_handles_every_row() {
        let rows = vec![
            loss(1),
            row(2, ProposedClass::Verify),
            row(3, ProposedClass::Absent),
        ];
        let decision = apply_chunk(first(counts(26), rows, true), Timestamp::UNIX_EPOCH);
        assert!(decision.status.flips.is_empty() && decision.cases.opened.is_empty());
        assert_eq!(decision.jobs.len(), 1);
        assert!(
            matches!(&decision.run, Some(RunStep::Handled { accounts, .. }) if accounts.len() == 3)
        );
    }
}
