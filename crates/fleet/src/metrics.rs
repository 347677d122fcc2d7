//! What a worker counts of its work. Every metric stands in the catalogue of `metering`.

mod hand;

pub(crate) use hand::{draining, in_flight, slot, slots, tick};

use crate::spec::Spec;
use broker::Settlement;
use metering::count_alerts as alerts;
use metrics::{counter, histogram};
use policy::confirm::Answer;
use policy::decision::Decision;
use policy::interlock::RemovalStep;
use std::time::Duration;
use store::jobs::{Claimed, FailureKind};
use store::{Applied, ClockReading};
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
    for poll in &decision.polls {
        let answer = match poll.answer {
            Answer::Present => "present",
            Answer::Gone => "gone",
            Answer::Inconclusive { .. } => "inconclusive",
        };
        counter!("relink_confirm_polls_total", "answer" => answer).increment(1);
    }
    counter!("relink_cases_opened_total").increment(applied.cases);
    for closed in &decision.verdicts {
        counter!("relink_cases_closed_total", "verdict" => closed.verdict.as_str()).increment(1);
    }
    for step in &decision.removals {
        let state = match step {
            RemovalStep::Looked(_) => continue,
            RemovalStep::Withdrawn { .. } => "withdrawn",
            RemovalStep::Settled { proof, .. } => proof.as_str(),
        };
        counter!("relink_removals_ended_total", "state" => state).increment(1);
    }
    alerts(&decision.alerts);
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
