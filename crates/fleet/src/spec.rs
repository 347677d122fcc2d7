//! Properties of a kind of job: name, queue, period, batch and limits.

use jiff::Timestamp;
use policy::jobs::Kind;
use policy::schedule::Period;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

/// Limits and habits of a kind of job. All limits have names, and every kind has every limit.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Name, queue, payload version.
    pub kind: Kind,
    /// One sentence for the catalogue.
    pub doc: &'static str,
    /// Period in which the scheduler asks for it; `None` for jobs that only other work asks for.
    pub every: Option<Period>,
    /// A tick asks for one job for each range of shards (R-WAT-1) instead of one job.
    pub is_sharded: bool,
    /// Payload of the job that a tick asks for, by the tick's instant; a sharded kind's payloads are `TickShards` instead.
    pub first_payload: fn(Timestamp) -> Value,
    /// Jobs in one doorbell at most.
    pub batch_max: u16,
    /// A run that lasts longer has failed (machine time).
    pub limit: Duration,
    /// Failures before it is a dead letter.
    pub failures_max: i16,
    /// The longest first delay before trying again; doubles each time (machine time).
    pub retry_base: Duration,
}

impl Spec {
    /// A kind with the usual limits: single jobs, 60 s, 5 failures, 1 s.
    pub const fn new(kind: Kind, doc: &'static str) -> Self {
        Self {
            kind,
            doc,
            every: None,
            is_sharded: false,
            first_payload: tick_payload,
            batch_max: 1,
            limit: Duration::from_mins(1),
            failures_max: 5,
            retry_base: Duration::from_secs(1),
        }
    }

    /// Adds a schedule.
    #[must_use]
    pub const fn every(mut self, every: Period) -> Self {
        self.every = Some(every);
        self
    }

    /// A tick asks for one job for each range of shards.
    #[must_use]
    pub const fn sharded(mut self) -> Self {
        self.is_sharded = true;
        self
    }

    /// Sets the payload of the job that a tick asks for.
    #[must_use]
    pub const fn first_payload(mut self, payload: fn(Timestamp) -> Value) -> Self {
        self.first_payload = payload;
        self
    }

    /// Sets how many jobs ring together at most.
    #[must_use]
    pub const fn batch(mut self, jobs_max: u16) -> Self {
        self.batch_max = jobs_max;
        self
    }

    /// Sets how long a run may last, machine time.
    #[must_use]
    pub const fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Sets after how many failures a job is a dead letter.
    #[must_use]
    pub const fn failures(mut self, failures_max: i16) -> Self {
        self.failures_max = failures_max;
        self
    }
}

/// Payload `policy::jobs::Tick`.
fn tick_payload(slot: Timestamp) -> Value {
    json!({ "slot": slot })
}
