//! Committing decisions: the only writer of an account's status, and of everything that follows from it.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::Status;
use policy::confirm::{Answer, poll_job};
use policy::decision::{CaseVerdict, Decision, Flip, Heal, NewCase, OnMoved, Pause, Poll, RunStep};
use policy::ids::{AccountId, CaseId, WorkspaceId};
use serde_json::Value;
use uuid::Uuid;

const LOCK: Sql = sql!("accounts/lock");
const FLIP: Sql = sql!("accounts/flip");
const NOTICE: Sql = sql!("accounts/notice");
const CLOSE_ATTEMPTS: Sql = sql!("accounts/close_attempts");
const LOCK_CAMPAIGNS: Sql = sql!("campaigns/lock_of_senders");
const ROTATE: Sql = sql!("campaigns/rotate");
const PAUSE_OF_SENDERS: Sql = sql!("campaigns/pause_of_senders");
const HEAL: Sql = sql!("campaigns/heal");
const PAUSE: Sql = sql!("campaigns/pause");
const OPEN_CASES: Sql = sql!("cases/open");
const RECORD_POLLS: Sql = sql!("cases/record_polls");
const CLOSE_CASES: Sql = sql!("cases/close");

/// On whose behalf a decision is committed; goes into its audit rows (R-AUD-3).
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// Who: `worker:watches`.
    pub actor: &'a str,
    /// Through which job.
    pub job: Option<Uuid>,
    /// The schedule whose run it belongs to; its next jobs of the same area do too.
    pub schedule: Option<&'a str>,
    /// W3C trace context, handed on to next jobs.
    pub traceparent: Option<&'a str>,
}

/// What a decision changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Accounts flipped, each with its audit row.
    pub flips: u64,
    /// Flips that were dropped because their row had moved on.
    pub moved: u64,
    /// Campaigns healed.
    pub heals: u64,
    /// Cases opened.
    pub cases: u64,
    /// Sends settled, each with its audit row.
    pub settled: u64,
    /// Jobs enqueued.
    pub jobs: u64,
}

impl Tx {
    /// Writes a whole decision into this transaction. Rows that have moved on are skipped, or refuse the decision
    /// with [`StoreError::Moved`], as the decision says.
    pub async fn apply(&self, decision: &Decision, by: &Author<'_>) -> Result<Applied, StoreError> {
        let Decision {
            at,
            on_moved,
            flips,
            heals,
            pauses,
            cases,
            polls,
            verdicts,
            settlements,
            looks,
            cooldowns,
            holds,
            removals,
            alerts,
            jobs,
            run,
        } = decision;
        let at = *at;
        let mut applied = Applied::default();
        let flipped = self.flip(flips, at, by).await?;
        applied.flips = flipped.len() as u64;
        applied.moved = (flips.len() - flipped.len()) as u64;
        if applied.moved > 0 && *on_moved == OnMoved::Retry {
            return Err(StoreError::Moved {
                rows: flips.len() - flipped.len(),
            });
        }
        self.follow_flips(flips, &flipped, at, by).await?;
        applied.heals = self.heal(heals, at, by).await?;
        self.pause(pauses, at, by).await?;
        applied.cases = self.open_cases(cases, at, by).await?;
        self.record_polls(polls).await?;
        self.close_cases(verdicts, at).await?;
        applied.settled = self.settle(settlements, at, by).await?;
        self.cool(cooldowns).await?;
        self.hold(holds, at).await?;
        self.look(looks, at).await?;
        self.apply_removals(removals, by).await?;
        self.raise(alerts).await?;
        applied.jobs = self.enqueue(jobs, by.schedule, by.traceparent).await?;
        if let Some(step) = run {
            self.step_run(step, at).await?;
        }
        Ok(applied)
    }

    async fn flip(
        &self,
        flips: &[Flip],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<Vec<Flipped>, StoreError> {
        if !flips.iter().all(is_allowed) {
            return Err(StoreError::Row {
                column: "status",
                why: "a flip outside the transition table (R-ST-1)".into(),
            });
        }
        if flips.is_empty() {
            return Ok(vec![]);
        }
        let ids: Vec<Uuid> = flips.iter().map(|flip| flip.account.0).collect();
        let versions: Vec<i64> = flips.iter().map(|flip| flip.version).collect();
        let from: Vec<&str> = flips.iter().map(|flip| flip.from.as_str()).collect();
        let to: Vec<&str> = flips.iter().map(|flip| flip.to.as_str()).collect();
        let causes: Vec<&str> = flips.iter().map(|flip| flip.cause.as_str()).collect();
        let observed: Vec<_> = flips.iter().map(|flip| flip.observed_at).collect();
        let evidence: Vec<&Value> = flips.iter().map(|flip| &flip.evidence).collect();
        let link = |flip: &Flip| flip.link.clone();
        let sessions: Vec<Option<String>> = flips
            .iter()
            .map(|flip| link(flip).map(|link| link.session.0))
            .collect();
        let identities: Vec<Option<String>> = flips
            .iter()
            .map(|flip| {
                link(flip)
                    .and_then(|link| link.identity)
                    .map(|person| person.0)
            })
            .collect();
        self.rows(LOCK, &[&ids]).await?;
        let rows = self
            .rows(
                FLIP,
                &[
                    &ids,
                    &versions,
                    &from,
                    &to,
                    &causes,
                    &observed,
                    &evidence,
                    &sessions,
                    &identities,
                    &at,
                    &by.actor,
                    &by.job,
                ],
            )
            .await?;
        rows.iter()
            .map(|found| {
                Ok(Flipped {
                    account: AccountId(row::get(found, "account_id")?),
                    from: row::status(found, "from_status")?,
                    to: row::status(found, "to_status")?,
                })
            })
            .collect()
    }

    /// What a flip means for campaigns (R-CAM-2), for owners (R-DEL-3) and for the attempt that it answers.
    async fn follow_flips(
        &self,
        flips: &[Flip],
        flipped: &[Flipped],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<(), StoreError> {
        let those = |wanted: fn(&Flipped) -> bool| -> Vec<Uuid> {
            flipped
                .iter()
                .filter(|flip| wanted(flip))
                .map(|flip| flip.account.0)
                .collect()
        };
        let lost = those(|flip| flip.from == Status::Connected);
        let back = those(|flip| flip.to == Status::Connected);
        let missing = those(|flip| flip.to == Status::Missing);
        if !lost.is_empty() {
            self.rows(LOCK_CAMPAIGNS, &[&lost]).await?;
            self.execute(ROTATE, &[&lost, &false]).await?;
            self.execute(PAUSE_OF_SENDERS, &[&lost, &at, &by.actor])
                .await?;
        }
        if !back.is_empty() {
            self.execute(ROTATE, &[&back, &true]).await?;
            let answered: Vec<Uuid> = flips
                .iter()
                .filter(|flip| back.contains(&flip.account.0))
                .filter_map(|flip| flip.link.as_ref()?.attempt.map(|attempt| attempt.0))
                .collect();
            self.execute(CLOSE_ATTEMPTS, &[&answered, &at]).await?;
        }
        if !missing.is_empty() {
            self.execute(NOTICE, &[&missing, &"session_lost", &at])
                .await?;
        }
        Ok(())
    }

    async fn heal(
        &self,
        heals: &[Heal],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<u64, StoreError> {
        if heals.is_empty() {
            return Ok(0);
        }
        let ids: Vec<Uuid> = heals.iter().map(|heal| heal.pause.0).collect();
        let versions: Vec<i32> = heals.iter().map(|heal| heal.version).collect();
        self.execute(HEAL, &[&ids, &versions, &at, &by.actor]).await
    }

    async fn pause(
        &self,
        pauses: &[Pause],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<(), StoreError> {
        if pauses.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = pauses.iter().map(|_| Uuid::now_v7()).collect();
        let campaigns: Vec<Uuid> = pauses.iter().map(|pause| pause.campaign.0).collect();
        let reasons: Vec<&str> = pauses.iter().map(|pause| pause.reason.as_str()).collect();
        let notes: Vec<&str> = pauses.iter().map(|pause| pause.note.as_str()).collect();
        self.execute(PAUSE, &[&ids, &campaigns, &reasons, &notes, &at, &by.actor])
            .await
            .map(|_| ())
    }

    /// Opens cases and enqueues the first poll of each that is new.
    async fn open_cases(
        &self,
        cases: &[NewCase],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<u64, StoreError> {
        if cases.is_empty() {
            return Ok(0);
        }
        let accounts: Vec<Uuid> = cases.iter().map(|case| case.account.0).collect();
        let ids: Vec<Uuid> = cases.iter().map(|_| Uuid::now_v7()).collect();
        let sessions: Vec<&str> = cases.iter().map(|case| case.session.0.as_str()).collect();
        let evidence: Vec<&Value> = cases.iter().map(|case| &case.evidence).collect();
        let rows = self
            .rows(OPEN_CASES, &[&accounts, &ids, &sessions, &evidence, &at])
            .await?;
        let mut polls = Vec::with_capacity(rows.len());
        for found in &rows {
            let case = CaseId(row::get(found, "id")?);
            let account = AccountId(row::get(found, "account_id")?);
            let asked = cases.iter().find(|asked| asked.account == account);
            let workspace = WorkspaceId(row::get(found, "workspace_id")?);
            let due = asked.map_or(at, |asked| asked.poll_at);
            polls.push(poll_job(case, 1, (workspace, account), due));
        }
        self.enqueue(&polls, by.schedule, by.traceparent).await
    }

    async fn record_polls(&self, polls: &[Poll]) -> Result<(), StoreError> {
        if polls.is_empty() {
            return Ok(());
        }
        let of = |answer: fn(&Poll) -> &Answer| -> (Vec<&'static str>, Vec<Option<String>>) {
            polls.iter().map(|poll| words(answer(poll))).unzip()
        };
        let (answers, whys) = of(|poll| &poll.answer);
        let (control_answers, control_whys) = of(|poll| &poll.control_answer);
        let ids: Vec<Uuid> = polls.iter().map(|poll| poll.case.0).collect();
        let numbers: Vec<i32> = polls
            .iter()
            .map(|poll| i32::try_from(poll.number).unwrap_or(i32::MAX))
            .collect();
        let started: Vec<_> = polls.iter().map(|poll| poll.started_at).collect();
        let finished: Vec<_> = polls.iter().map(|poll| poll.finished_at).collect();
        let controls: Vec<Option<&str>> = polls
            .iter()
            .map(|poll| poll.control.as_ref().map(|session| session.0.as_str()))
            .collect();
        self.execute(
            RECORD_POLLS,
            &[
                &ids,
                &numbers,
                &started,
                &finished,
                &answers,
                &whys,
                &controls,
                &control_answers,
                &control_whys,
            ],
        )
        .await
        .map(|_| ())
    }

    async fn close_cases(&self, verdicts: &[CaseVerdict], at: Timestamp) -> Result<(), StoreError> {
        if verdicts.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = verdicts.iter().map(|verdict| verdict.case.0).collect();
        let words: Vec<String> = verdicts
            .iter()
            .map(|verdict| serde_json::to_value(verdict.verdict).ok())
            .map(|word| {
                word.as_ref()
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect();
        self.execute(CLOSE_CASES, &[&ids, &words, &at])
            .await
            .map(|_| ())
    }

    async fn step_run(&self, step: &RunStep, at: Timestamp) -> Result<(), StoreError> {
        match step {
            RunStep::Listed {
                slot,
                seen_at,
                sessions,
                cursors,
                is_whole,
                complete,
            } => {
                self.record_sessions(*slot, *seen_at, sessions, cursors, *is_whole)
                    .await?;
                match complete {
                    Some(jobs) => self.end_listing(*slot, at, *jobs).await,
                    None => Ok(()),
                }
            }
            RunStep::Inconclusive { slot, why } => {
                self.end_run(*slot, "inconclusive", why, at).await
            }
            RunStep::Handled {
                slot,
                accounts,
                outcome,
            } => {
                self.handle_proposals(*slot, accounts).await?;
                match outcome {
                    Some(outcome) => self.end_run(*slot, outcome.as_str(), "", at).await,
                    None => Ok(()),
                }
            }
        }
    }
}

struct Flipped {
    account: AccountId,
    from: Status,
    to: Status,
}

fn is_allowed(flip: &Flip) -> bool {
    policy::account::allowed(Some(flip.from), flip.to).is_ok()
}

fn words(answer: &Answer) -> (&'static str, Option<String>) {
    match answer {
        Answer::Present => ("present", None),
        Answer::Gone => ("gone", None),
        Answer::Inconclusive { why } => ("inconclusive", Some(why.clone())),
    }
}
