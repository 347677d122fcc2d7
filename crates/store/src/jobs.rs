//! The jobs table: enqueue, claim, close, fail. Every write of a leased run carries its attempt number, the fence.

mod claim;

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::trace::{self, Created};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::decision::NewJob;
use policy::ids::{AccountId, JobId, WorkspaceId};
use policy::trace::TraceParent;
use serde_json::Value;
use std::collections::HashSet;
use uuid::Uuid;

const ENQUEUE: Sql = sql!("jobs/enqueue");
const CLOSE: Sql = sql!("jobs/close");
const FAIL: Sql = sql!("jobs/fail");
const HAND_BACK: Sql = sql!("jobs/hand_back");
const LEAVE: Sql = sql!("jobs/leave");

/// The tenant of jobs that the fleet does for itself.
pub const FLEET: Uuid = Uuid::nil();

/// A job that this worker runs now.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The row.
    pub id: JobId,
    /// Version of its payload.
    pub version: i16,
    /// Its tenant; none for the fleet's own.
    pub workspace: Option<WorkspaceId>,
    /// Its account, if it is about one.
    pub account: Option<AccountId>,
    /// The schedule whose run it belongs to.
    pub schedule: Option<String>,
    /// Its payload, not yet decoded.
    pub payload: Value,
    /// Which attempt this is, from 1: the fence.
    pub attempt: i16,
    /// Attempts that ended badly before this one.
    pub failures: i16,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it came due.
    pub run_at: Timestamp,
    /// When this run claimed it.
    pub claimed_at: Timestamp,
    /// W3C trace context in which it was created.
    pub traceparent: Option<String>,
}

impl Claimed {
    /// The step in which it was created; none where its row names none that can be read.
    pub fn created_in(&self) -> Option<TraceParent> {
        TraceParent::parse(self.traceparent.as_deref()?)
    }
}

/// Which jobs a claim may take: those named by a doorbell, of one kind, up to a payload version.
#[derive(Clone, Debug)]
pub struct Doorbell<'a> {
    /// The kind.
    pub kind: &'a str,
    /// Newest payload version that this build reads (R-JOB-5).
    pub version_max: i16,
    /// The jobs that were named. Late, lost, doubled: no matter.
    pub jobs: &'a [Uuid],
}

/// Why an attempt ended without its effect; the word in `job_failures`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Worth another try.
    Transient,
    /// Not worth one.
    Permanent,
    /// The rows moved on meanwhile.
    Superseded,
    /// The job's code panicked.
    Panicked,
    /// It ran longer than its kind's limit.
    Overdue,
}

impl FailureKind {
    /// Every one that a run can end with.
    pub const ALL: [Self; 5] = [
        Self::Transient,
        Self::Permanent,
        Self::Superseded,
        Self::Panicked,
        Self::Overdue,
    ];

    /// The word in our tables and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Permanent => "permanent",
            Self::Superseded => "superseded",
            Self::Panicked => "panicked",
            Self::Overdue => "overdue",
        }
    }
}

/// One failed attempt.
#[derive(Clone, Debug)]
pub struct Failure<'a> {
    /// The job.
    pub job: JobId,
    /// The attempt that failed: the fence.
    pub attempt: i16,
    /// What kind of failure.
    pub kind: FailureKind,
    /// The error chain, for people.
    pub error: &'a str,
    /// When to try again; none makes it a dead letter.
    pub retry_at: Option<Timestamp>,
    /// Which worker says so.
    pub worker: &'a str,
}

impl Tx {
    /// Enqueues in this transaction: committed means it will run, rolled back means it never does (R-JOB-1). A job
    /// whose cause exists already is that job. Returns how many are new. Each is a step of its own in the trace of
    /// `traceparent`, or, where that is none or no good, of a new one.
    pub async fn enqueue(
        &self,
        jobs: &[NewJob],
        schedule: Option<&str>,
        traceparent: Option<&str>,
    ) -> Result<u64, StoreError> {
        if jobs.is_empty() {
            return Ok(0);
        }
        let ids: Vec<Uuid> = jobs.iter().map(|_| Uuid::now_v7()).collect();
        let queues: Vec<&str> = jobs.iter().map(|job| job.kind.queue.as_str()).collect();
        let kinds: Vec<&str> = jobs.iter().map(|job| job.kind.name).collect();
        let versions: Vec<i16> = jobs.iter().map(|job| job.kind.version).collect();
        let causes: Vec<&str> = jobs.iter().map(|job| job.cause.as_str()).collect();
        let workspaces: Vec<Uuid> = jobs
            .iter()
            .map(|job| job.workspace.map_or(FLEET, |id| id.0))
            .collect();
        let accounts: Vec<Option<Uuid>> =
            jobs.iter().map(|job| job.account.map(|id| id.0)).collect();
        let schedules: Vec<Option<&str>> = jobs
            .iter()
            .map(|job| inherited(schedule, job.kind.name))
            .collect();
        let payloads: Vec<&Value> = jobs.iter().map(|job| &job.payload).collect();
        let run_ats: Vec<Timestamp> = jobs.iter().map(|job| job.run_at).collect();
        let parent = traceparent.and_then(TraceParent::parse);
        let trace = parent.unwrap_or_else(trace::start);
        let steps: Vec<String> = ids
            .iter()
            .map(|id| trace.child(trace::span_of(*id)).to_string())
            .collect();
        let rows = self
            .rows(
                ENQUEUE,
                &[
                    &ids,
                    &queues,
                    &kinds,
                    &versions,
                    &causes,
                    &workspaces,
                    &accounts,
                    &schedules,
                    &payloads,
                    &run_ats,
                    &steps,
                ],
            )
            .await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let new: HashSet<Uuid> = rows
            .iter()
            .map(|found| row::get(found, "id"))
            .collect::<Result<_, _>>()?;
        let created = ids.iter().zip(jobs).filter(|(id, _)| new.contains(id));
        self.news.enqueued(created.map(|(id, job)| Created {
            job: JobId(*id),
            kind: job.kind,
            context: trace.child(trace::span_of(*id)),
            parent,
        }));
        Ok(rows.len() as u64)
    }

    /// Closes leased jobs in the transaction of their effect. A run that was superseded meanwhile closes nothing and
    /// must roll back.
    pub async fn close(&self, runs: &[(JobId, i16)]) -> Result<(), StoreError> {
        let (ids, attempts) = split(runs);
        let closed = self
            .execute(CLOSE, &[&ids, &attempts, &self.now().at])
            .await?;
        if closed == runs.len() as u64 {
            Ok(())
        } else {
            Err(StoreError::Superseded {
                what: "the job's attempt",
            })
        }
    }

    /// Ends one attempt without effect. False if the run was superseded: then nothing was written.
    pub async fn fail(&self, failure: &Failure<'_>) -> Result<bool, StoreError> {
        let recorded = self
            .execute(
                FAIL,
                &[
                    &failure.job.0,
                    &failure.attempt,
                    &self.now().at,
                    &failure.retry_at,
                    &failure.kind.as_str(),
                    &failure.error,
                    &failure.worker,
                ],
            )
            .await?;
        Ok(recorded == 1)
    }

    /// Gives back every job that `worker` holds, without counting a failure (R-Q-4). Returns which.
    pub async fn hand_back_of(&self, worker: &str) -> Result<Vec<Uuid>, StoreError> {
        let rows = self.rows(HAND_BACK, &[&worker]).await?;
        rows.iter().map(|found| row::get(found, "id")).collect()
    }

    /// Notes that this build left jobs whose kind or version it does not know (R-JOB-5). `known` are the kinds that
    /// it does, with their newest payload versions.
    pub async fn leave(&self, jobs: &[Uuid], known: &[(&str, i16)]) -> Result<u64, StoreError> {
        let (kinds, versions): (Vec<&str>, Vec<i16>) = known.iter().copied().unzip();
        self.execute(LEAVE, &[&jobs, &self.now().at, &kinds, &versions])
            .await
    }

    /// Tells the relay, once this is committed, that there is room for more work.
    pub fn ring_closed(&self) {
        self.news.closed();
    }
}

/// A job that a run's job asks for belongs to the same run if it is of the same area (`status.watch` asks for
/// `status.compare`); a case's polls, say, outlive the run that opened the case.
fn inherited<'a>(schedule: Option<&'a str>, kind: &str) -> Option<&'a str> {
    let area = |name: &str| name.split('.').next().map(str::to_owned);
    schedule.filter(|name| area(name) == area(kind))
}

fn split(runs: &[(JobId, i16)]) -> (Vec<Uuid>, Vec<i16>) {
    runs.iter().map(|&(id, attempt)| (id.0, attempt)).unzip()
}
