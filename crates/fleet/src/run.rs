//! One run, of a job or of a batch: what its log lines and its span say, from its claim to its one line at the end.

use crate::error::{JobError, chain};
use crate::spec::Spec;
use crate::trace::{begin, count, processing, within};
use policy::jobs::Kind;
use policy::trace::TraceParent;
use std::time::Instant;
use store::jobs::Claimed;
use telemetry::{Details, Span, Value};
use tracing::Instrument as _;
use uuid::Uuid;

/// How a run ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With its effect.
    Done,
    /// Its call's end is settled, and its job is a dead letter.
    Dead,
}

/// A run that goes on.
pub(crate) struct Run {
    span: Span,
    log: tracing::Span,
    kind: Kind,
    began: Instant,
    wait_ms: u64,
    /// The one job, or the first of the batch.
    job: Uuid,
    attempt: i16,
    /// None for a single job.
    jobs: Option<usize>,
}

impl Run {
    /// The run of one job: a step of the trace in which its job was created, also days later, and linked to it.
    pub(crate) fn single(spec: &Spec, job: &Claimed) -> Self {
        let (kind, id) = (spec.kind, job.id.0);
        let span = span(&kind, std::slice::from_ref(job), || {
            let mut said: Vec<(&'static str, Value)> = vec![
                ("messaging.message.id", id.to_string().into()),
                ("relink.job.id", id.to_string().into()),
                ("relink.job.attempt", i64::from(job.attempt).into()),
            ];
            if let Some(account) = job.account {
                said.push(("relink.account.id", account.to_string().into()));
            }
            said
        });
        let trace_id = span.place().trace_id();
        let log = tracing::error_span!("job", job = %id, kind = kind.name, attempt = job.attempt, %trace_id);
        Self {
            jobs: None,
            ..Self::of(kind, span, log, std::slice::from_ref(job))
        }
    }

    /// The run of a whole doorbell: linked to each job's creation, and in a trace of its own unless theirs is one. Every
    /// attempt of a batch is the first: what failed before is run alone.
    pub(crate) fn batch(spec: &Spec, jobs: &[Claimed], batch: Uuid) -> Self {
        let kind = spec.kind;
        let span = span(&kind, jobs, || {
            vec![
                ("messaging.message.id", batch.to_string().into()),
                ("messaging.batch.message_count", count(jobs.len())),
            ]
        });
        let trace_id = span.place().trace_id();
        let first = jobs.first().map_or(Uuid::nil(), |job| job.id.0);
        let log = tracing::error_span!("jobs", job = %first, jobs = jobs.len(), %batch, kind = kind.name,
                                       attempt = 1, %trace_id);
        Self {
            jobs: Some(jobs.len()),
            ..Self::of(kind, span, log, jobs)
        }
    }

    /// Taking capacity for outward jobs, before each has a run of its own: of the one job, or of all of them.
    pub(crate) fn reserving(spec: &Spec, jobs: &[Claimed]) -> Self {
        let mut run = match jobs {
            [job] => Self::single(spec, job),
            jobs => Self::batch(spec, jobs, Uuid::now_v7()),
        };
        run.span.set("relink.step", "reserve");
        run
    }

    fn of(kind: Kind, span: Span, log: tracing::Span, jobs: &[Claimed]) -> Self {
        let waited = |job: &Claimed| job.claimed_at.duration_since(job.run_at).as_millis();
        let wait_ms = jobs.iter().map(waited).max().unwrap_or(0);
        Self {
            span,
            log,
            kind,
            began: Instant::now(),
            wait_ms: u64::try_from(wait_ms).unwrap_or(0),
            job: jobs.first().map_or(Uuid::nil(), |job| job.id.0),
            attempt: jobs.first().map_or(1, |job| job.attempt),
            jobs: None,
        }
    }

    /// Its place in the trace.
    pub(crate) fn place(&self) -> TraceParent {
        self.span.place()
    }

    /// Hands its place on: what its jobs ask for comes below it, where it is of their trace. Jobs of other traces keep
    /// their own, and what they ask for comes below their creation.
    pub(crate) fn hand_on(&self, jobs: &mut [Claimed]) {
        let here = self.place();
        for job in jobs {
            if job
                .created_in()
                .is_none_or(|step| step.trace() == here.trace())
            {
                job.traceparent = Some(here.to_string());
            }
        }
    }

    /// Does something as a part of it: what is logged has its fields, what begins is below it.
    pub(crate) fn around<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        within(self.place(), work).instrument(self.log.clone())
    }

    /// Its one line, where it did not fail.
    pub(crate) fn ended(mut self, how: Ended) {
        let _inside = self.log.enter();
        let (duration_ms, wait_ms) = (self.duration_ms(), self.wait_ms);
        let (job_id, attempt, queue) = (self.job, self.attempt, self.kind.queue.as_str());
        match (how, self.jobs) {
            (Ended::Done, None) => {
                tracing::debug!(%job_id, attempt, queue, duration_ms, wait_ms, outcome = "done", "a job is done");
            }
            (Ended::Done, Some(jobs)) => {
                tracing::debug!(%job_id, jobs, attempt, queue, duration_ms, wait_ms, outcome = "done", "jobs are done");
            }
            (Ended::Dead, _) => {
                self.span.fail("dead_letter");
                tracing::warn!(%job_id, attempt, queue, duration_ms, wait_ms, outcome = "dead", error_kind = "permanent",
                               "an outward job is a dead letter");
            }
        }
    }

    /// Its one line, where it failed; `is_dead`: for good.
    pub(crate) fn failed(mut self, error: &JobError, is_dead: bool) {
        let error_kind = error.kind().as_str();
        self.span.fail(error_kind);
        let _inside = self.log.enter();
        let (duration_ms, wait_ms) = (self.duration_ms(), self.wait_ms);
        let (job_id, attempt, queue) = (self.job, self.attempt, self.kind.queue.as_str());
        let error = chain(error);
        match (self.jobs, is_dead) {
            // Nothing is written; whoever is to blame is found by running them alone.
            (Some(jobs), _) => {
                tracing::info!(%job_id, jobs, attempt, queue, duration_ms, wait_ms, outcome = "failed", error_kind, error,
                               "jobs failed together; running them one by one");
            }
            (None, true) => {
                tracing::warn!(%job_id, attempt, queue, duration_ms, wait_ms, outcome = "dead", error_kind, error,
                               "a job failed and is a dead letter");
            }
            (None, false) => {
                tracing::info!(%job_id, attempt, queue, duration_ms, wait_ms, outcome = "failed", error_kind, error,
                               "a job failed");
            }
        }
    }

    /// Its one line, where it lost the database, and its job waits again without a failure.
    pub(crate) fn put_back(mut self, error: &JobError) {
        let error_kind = error.kind().as_str();
        self.span.fail(error_kind);
        let _inside = self.log.enter();
        let (duration_ms, wait_ms) = (self.duration_ms(), self.wait_ms);
        let (job_id, attempt, queue) = (self.job, self.attempt, self.kind.queue.as_str());
        let error = chain(error);
        tracing::info!(%job_id, attempt, queue, duration_ms, wait_ms, outcome = "put_back", error_kind, error,
                       "a job lost the database and waits again");
    }

    fn duration_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The span of a run of `jobs`.
fn span(kind: &Kind, jobs: &[Claimed], said: impl FnOnce() -> Vec<(&'static str, Value)>) -> Span {
    let created: Vec<Option<TraceParent>> = jobs.iter().map(Claimed::created_in).collect();
    begin(TraceParent::of_run(&created), || Details {
        name: format!("process {}", kind.queue.as_str()),
        kind: telemetry::Kind::Consumer,
        links: created.iter().copied().flatten().collect(),
        attributes: [processing(kind), said()].concat(),
    })
}
