//! The jobs table: enqueue, claim, close, fail. Every write of a leased run carries its attempt number, the fence.

mod claim;
mod of_acts;
mod of_links;

pub use claim::{Blame, Closing};

use crate::columns::columns;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::trace::{self, Created};
use crate::tx::{Parts, Tx, each_apart};
use jiff::Timestamp;
use policy::decision::NewJob;
use policy::ids::{AccountId, JobId, WorkspaceId};
use policy::trace::TraceParent;
use serde_json::Value;
use std::collections::HashSet;
use tokio_postgres::Row;
use uuid::Uuid;

const ENQUEUE: Sql = sql!("jobs/enqueue");
const CLOSE: Sql = sql!("jobs/close");
const CLOSE_SETTLED: Sql = sql!("jobs/close_settled");
const FAIL: Sql = sql!("jobs/fail");
const BURY_SETTLED: Sql = sql!("jobs/bury_settled");
const HAND_BACK: Sql = sql!("jobs/hand_back");
const PUT_BACK: Sql = sql!("jobs/put_back");
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

policy::words! {
    /// Why an attempt ended without its effect; the word in `job_failures`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum FailureKind {
        /// Worth another try.
        Transient = "transient",
        /// Not worth one.
        Permanent = "permanent",
        /// The rows moved on meanwhile.
        Superseded = "superseded",
        /// The job's code panicked.
        Panicked = "panicked",
        /// It ran longer than its kind's limit.
        Overdue = "overdue",
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
    /// `traceparent`, or, where that is none or no good, of a new one. A job that the database refuses is set aside; what
    /// asked for it asks again.
    pub async fn enqueue(
        &self,
        jobs: &[NewJob],
        schedule: Option<&str>,
        traceparent: Option<&str>,
    ) -> Result<u64, StoreError> {
        let new = each_apart!(
            self,
            Parts::of("jobs.enqueue", jobs),
            |job| match job.account {
                Some(account) => format!("{} of account {account}", job.kind.name),
                None => job.kind.name.to_owned(),
            },
            |some| async { self.enqueue_part(some, schedule, traceparent).await }
        );
        Ok(new.iter().sum())
    }

    async fn enqueue_part(
        &self,
        jobs: &[NewJob],
        schedule: Option<&str>,
        traceparent: Option<&str>,
    ) -> Result<u64, StoreError> {
        let parent = traceparent.and_then(TraceParent::parse);
        let trace = parent.unwrap_or_else(trace::start);
        let jobs = numbered(jobs);
        let wanted = columns(ENQUEUE, &jobs)
            .with("id", |(id, _)| *id)
            .with("queue", |(_, job)| job.kind.queue.as_str())
            .with("kind", |(_, job)| job.kind.name)
            .with("version", |(_, job)| job.kind.version)
            .with("cause", |(_, job)| job.cause.as_str())
            .with("workspace_id", |(_, job)| {
                job.workspace.map_or(FLEET, |id| id.0)
            })
            .with("account_id", |(_, job)| job.account.map(|id| id.0))
            .with("schedule", |(_, job)| inherited(schedule, job.kind.name))
            .with("payload", |(_, job)| &job.payload)
            .with("run_at", |(_, job)| job.run_at)
            .with("traceparent", |(id, _)| {
                trace.child(trace::span_of(*id)).to_string()
            });
        let rows = self.rows_with(wanted).await?;
        self.note_created(&rows, &jobs, (trace, parent))
    }

    /// Notes which of some jobs are new. How many.
    fn note_created(
        &self,
        rows: &[Row],
        jobs: &[(Uuid, &NewJob)],
        (trace, parent): (TraceParent, Option<TraceParent>),
    ) -> Result<u64, StoreError> {
        let new: HashSet<Uuid> = rows
            .iter()
            .map(|found| row::get(found, "id"))
            .collect::<Result<_, _>>()?;
        let created = jobs.iter().filter(|(id, _)| new.contains(id));
        self.news.enqueued(created.map(|(id, job)| {
            let created = Created {
                job: JobId(*id),
                kind: job.kind,
                context: trace.child(trace::span_of(*id)),
                parent,
            };
            (created, job.workspace.map_or(FLEET, |id| id.0))
        }));
        Ok(rows.len() as u64)
    }

    /// Closes leased jobs in the transaction of their effect. A run that was superseded meanwhile closes nothing and
    /// must roll back.
    pub async fn close(&self, runs: &[(JobId, i16)]) -> Result<(), StoreError> {
        let ended = columns(CLOSE, runs)
            .with("id", |(id, _)| id.0)
            .with("attempt", |(_, attempt)| *attempt)
            .value("at", self.now().at);
        let closed = self.execute_with(ended).await?;
        if closed == runs.len() as u64 {
            Ok(())
        } else {
            Err(StoreError::Superseded {
                what: "the job's attempt",
            })
        }
    }

    /// Closes the job of a call whose end is settled. False: another run has it, or it is over; the end stands all the same,
    /// for it is known to this run alone.
    pub async fn close_settled(&self, job: JobId, attempt: i16) -> Result<bool, StoreError> {
        let ended = values(CLOSE_SETTLED)
            .value("job", job.0)
            .value("attempt", attempt)
            .value("at", self.now().at);
        Ok(self.execute_with(ended).await? == 1)
    }

    /// Makes a dead letter of the job of a call whose end is settled, whoever has it by now. False: it is over.
    pub async fn bury_settled(&self, failure: &Failure<'_>) -> Result<bool, StoreError> {
        let wanted = values(BURY_SETTLED)
            .value("job", failure.job.0)
            .value("attempt", failure.attempt)
            .value("at", self.now().at)
            .value("fault", failure.kind.as_str())
            .value("error", failure.error)
            .value("worker", failure.worker);
        Ok(self.execute_with(wanted).await? == 1)
    }

    /// Ends one attempt without effect. False if the run was superseded: then nothing was written.
    pub async fn fail(&self, failure: &Failure<'_>) -> Result<bool, StoreError> {
        let wanted = values(FAIL)
            .value("job", failure.job.0)
            .value("attempt", failure.attempt)
            .value("at", self.now().at)
            .value("retry_at", failure.retry_at)
            .value("fault", failure.kind.as_str())
            .value("error", failure.error)
            .value("worker", failure.worker);
        let recorded = self.execute_with(wanted).await?;
        Ok(recorded == 1)
    }

    /// Gives back the job of one run that lost the database, without counting a failure. False if the run was superseded.
    pub async fn put_back(
        &self,
        job: JobId,
        attempt: i16,
        run_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let given = values(PUT_BACK)
            .value("job", job.0)
            .value("attempt", attempt)
            .value("run_at", run_at);
        Ok(self.execute_with(given).await? == 1)
    }

    /// Gives back every job that `worker` holds, without counting a failure (R-Q-4). Returns which.
    pub async fn hand_back_of(&self, worker: &str) -> Result<Vec<Uuid>, StoreError> {
        let rows = self.rows(HAND_BACK, &[&worker]).await?;
        rows.iter().map(|found| row::get(found, "id")).collect()
    }

    /// Notes that this build left jobs whose kind or version it does not know (R-JOB-5). `known` are the kinds that
    /// it does, with their newest payload versions.
    pub async fn leave(&self, jobs: &[Uuid], known: &[(&str, i16)]) -> Result<u64, StoreError> {
        let left = columns(LEAVE, known)
            .value("jobs", jobs)
            .value("at", self.now().at)
            .with("kind", |(kind, _)| *kind)
            .with("version", |(_, version)| *version);
        self.execute_with(left).await
    }

    /// Tells the relay, once this is committed, that there is room for more work.
    pub fn ring_closed(&self) {
        self.news.closed();
    }
}

/// Numbered in the order of their causes: who asks for the same jobs at once waits for one of the two, whichever order each
/// has decided them in.
fn numbered(jobs: &[NewJob]) -> Vec<(Uuid, &NewJob)> {
    let mut jobs: Vec<_> = jobs.iter().map(|job| (Uuid::now_v7(), job)).collect();
    jobs.sort_by(|(_, one), (_, other)| one.cause.cmp(&other.cause));
    jobs
}

/// A job that a run's job asks for belongs to the same run if it is of the same area (`status.watch` asks for
/// `status.compare`); a case's polls, say, outlive the run that opened the case.
fn inherited<'a>(schedule: Option<&'a str>, kind: &str) -> Option<&'a str> {
    let area = |name: &str| name.split('.').next().map(str::to_owned);
    schedule.filter(|name| area(name) == area(kind))
}
