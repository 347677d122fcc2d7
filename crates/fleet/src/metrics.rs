//! What a process counts, by Prometheus' conventions. Labels are closed sets: queue, kind, outcome, cause; never an id.

use crate::job::{Entry, Spec};
use broker::Settlement;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use policy::decision::Decision;
use std::time::Duration;
use store::jobs::Claimed;
use store::{Applied, Now};
use uuid::Uuid;

const SECONDS: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 60.0,
];

/// Starts counting in this process. Once; a second call is an error of the caller.
pub fn install() -> Result<PrometheusHandle, String> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .map_err(|error| error.to_string())?;
    let handle = builder
        .install_recorder()
        .map_err(|error| error.to_string())?;
    describe();
    gauge!("relink_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

fn describe() {
    describe_counter!(
        "relink_jobs_total",
        "Runs of jobs by how they ended (done, failed, dead)"
    );
    describe_histogram!(
        "relink_job_wait_seconds",
        "From when a job came due to when it was claimed, by its clock"
    );
    describe_histogram!(
        "relink_job_duration_seconds",
        "From claim to commit, machine time"
    );
    describe_counter!(
        "relink_deliveries_total",
        "Deliveries by how they were settled"
    );
    describe_counter!(
        "relink_jobs_left_total",
        "Jobs left for a worker that knows their kind"
    );
    describe_counter!(
        "relink_flips_total",
        "Changes of account status by cause, each with its audit row"
    );
    describe_counter!(
        "relink_flips_dropped_total",
        "Flips dropped because their row had moved on"
    );
    describe_counter!(
        "relink_campaigns_healed_total",
        "Campaigns whose pause for their senders was lifted"
    );
    describe_counter!("relink_alerts_total", "Alerts raised by code");
    describe_counter!(
        "relink_sends_total",
        "Ends of outward calls and of unknown outcomes, by the state that they gave"
    );
    describe_counter!(
        "relink_send_cooldowns_total",
        "Actions that the provider refused for the whole account, by action"
    );
    describe_counter!("relink_holds_total", "Accounts held, by reason");
    describe_counter!(
        "relink_store_trouble_total",
        "Times that the database did not answer"
    );
    describe_gauge!("relink_build_info", "Version of this process");
}

/// Emits zero for every label set that this process can ever count, so that an absent series means an absent process.
pub fn zero(roster: &[Entry]) {
    for entry in roster {
        for outcome in ["done", "failed", "dead"] {
            counted(&entry.spec, outcome, 0);
        }
    }
}

fn counted(spec: &Spec, outcome: &'static str, count: u64) {
    counter!("relink_jobs_total", "queue" => spec.kind.queue.as_str(), "kind" => spec.kind.name, "outcome" => outcome)
        .increment(count);
}

pub(crate) fn jobs_done(spec: &Spec, jobs: &[Claimed], started_at: Now, took: Duration) {
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
    counter!("relink_job_failures_total", "kind" => spec.kind.name, "fault" => fault).increment(1);
}

pub(crate) fn applied(decision: &Decision, applied: &Applied) {
    for flip in &decision.flips {
        counter!("relink_flips_total", "cause" => flip.cause.as_str()).increment(1);
    }
    counter!("relink_flips_dropped_total").increment(applied.moved);
    counter!("relink_campaigns_healed_total").increment(applied.heals);
    for settlement in &decision.settlements {
        counter!("relink_sends_total", "state" => settlement.to.as_str()).increment(1);
    }
    for cooldown in decision.cooldowns.iter().filter(|one| one.streak > 0) {
        counter!("relink_send_cooldowns_total", "action" => cooldown.action.as_str()).increment(1);
    }
    for hold in &decision.holds {
        counter!("relink_holds_total", "reason" => hold.reason.as_str()).increment(1);
    }
    for alert in &decision.alerts {
        counter!("relink_alerts_total", "code" => alert.code).increment(1);
    }
}

pub(crate) fn delivery_settled(queue: &str, settlement: Settlement) {
    let how = match settlement {
        Settlement::Done => "done",
        Settlement::Requeue => "requeue",
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
