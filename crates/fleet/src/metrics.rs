//! What a worker counts of its work. Every metric stands in the catalogue of `metering`.

mod hand;

pub(crate) use hand::{draining, in_flight, jobs_max, slot, slots, tick};

use crate::spec::Spec;
use broker::Settlement;
use metering::count_alerts;
use metrics::{counter, histogram};
use policy::decision::Decision;
use policy::jobs::Queue;
use std::time::Duration;
use store::jobs::{Claimed, FailureKind};
use store::{Applied, ClockReading, Count, Observation};
use uuid::Uuid;

fn counted(spec: &Spec, outcome: &'static str, count: u64) {
    counter!("relink_jobs_total", "queue" => spec.kind.queue.as_str(), "kind" => spec.kind.name, "outcome" => outcome)
        .increment(count);
}

pub(crate) fn jobs_done(spec: &Spec, jobs: &[Claimed], started_at: ClockReading, took: Duration) {
    counted(spec, "done", jobs.len() as u64);
    let waited = histogram!("relink_job_wait_seconds", "queue" => spec.kind.queue.as_str());
    for job in jobs {
        waited.record(
            started_at
                .at
                .duration_since(job.run_at)
                .as_secs_f64()
                .max(0.0),
        );
    }
    histogram!("relink_job_duration_seconds", "queue" => spec.kind.queue.as_str(), "kind" => spec.kind.name)
        .record(took.as_secs_f64());
}

pub(crate) fn job_failed(spec: &Spec, fault: &'static str, is_dead: bool) {
    counted(spec, if is_dead { "dead" } else { "failed" }, 1);
    counter!("relink_job_failures_total", "queue" => spec.kind.queue.as_str(), "kind" => spec.kind.name, "fault" => fault)
        .increment(1);
    if is_dead {
        let reason = if fault == FailureKind::Permanent.as_str() {
            "permanent"
        } else {
            "exhausted"
        };
        counter!("relink_dead_letters_total", "reason" => reason).increment(1);
    }
}

/// Adds what a committed decision's writers counted, whichever duty it was.
pub(crate) fn applied(decision: &Decision, applied: &Applied) {
    for Count { metric, labels, n } in &applied.counts {
        counter!(*metric, labels).increment(*n);
    }
    for Observation {
        metric,
        labels,
        took,
    } in &applied.times
    {
        histogram!(*metric, labels).record(took.as_secs_f64());
    }
    count_alerts(&decision.alerts);
}

pub(crate) fn delivery_settled(queue: &str, settlement: Settlement) {
    let how = match settlement {
        Settlement::Done => "done",
        Settlement::Requeue => "requeue",
        Settlement::HandBack => "hand_back",
        Settlement::Reject => "reject",
    };
    counter!("relink_deliveries_total", "queue" => queue.to_owned(), "settlement" => how)
        .increment(1);
}

pub(crate) fn jobs_left(jobs: &[Uuid]) {
    counter!("relink_jobs_left_total").increment(jobs.len() as u64);
}

pub(crate) fn store_trouble(what: &'static str) {
    counter!("relink_store_trouble_total", "during" => what).increment(1);
}

/// Claims that the database refused for a reason that waiting does not cure.
pub(crate) fn claim_refused(queue: Queue) {
    counter!("relink_claim_errors_total", "queue" => queue.as_str()).increment(1);
}

/// A job waits again without a failure: the connection to the database failed.
pub(crate) fn put_back(spec: &Spec) {
    counter!("relink_jobs_put_back_total", "queue" => spec.kind.queue.as_str()).increment(1);
}

/// A run ended after its job had been given to another: what it wrote was refused.
pub(crate) fn stale(spec: &Spec) {
    counter!("relink_stale_completions_total", "queue" => spec.kind.queue.as_str()).increment(1);
}

/// Rows that a job looked at, and rows that it changed.
pub(crate) fn rows(spec: &Spec, seen: u64, changed: u64) {
    let kind = spec.kind.name;
    counter!("relink_sweep_rows_total", "kind" => kind, "rows" => "seen").increment(seen);
    counter!("relink_sweep_rows_total", "kind" => kind, "rows" => "changed").increment(changed);
}
