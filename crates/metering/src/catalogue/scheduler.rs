//! What a scheduler counts of its own doing.

use super::{Exporter, Metric};
use crate::labels::{LEADER_DUTY, QUEUE, RELAYED, RESCUE, SCHEDULE, TICKED};

const BY: &[Exporter] = &[Exporter::Scheduler];

pub(super) const METRICS: &[Metric] = &[
    Metric::gauge("relink_scheduler_leads", "1 while this scheduler holds the lease").by(BY),
    Metric::counter(
        "relink_scheduler_duty_failures_total",
        "Rounds of the leader's own duties that failed while the database was there",
    )
    .labels(&[LEADER_DUTY])
    .by(BY),
    Metric::gauge(
        "relink_scheduler_duty_last_success_timestamp_seconds",
        "When this scheduler last ended a round of a duty well, by its machine's clock; 0 if it never did",
    )
    .labels(&[LEADER_DUTY])
    .by(BY),
    Metric::counter(
        "relink_clock_returns_total",
        "Times that the database's clock was found to have gone back, and what it wrote ahead of itself was undone",
    )
    .by(BY),
    Metric::counter("relink_schedule_runs_total", "Ticks of schedules by what became of them")
        .labels(&[SCHEDULE, TICKED])
        .by(BY),
    Metric::counter(
        "relink_schedule_missed_total",
        "Ticks that nobody scheduled in time, collapsed into the next",
    )
    .labels(&[SCHEDULE])
    .by(BY),
    Metric::counter(
        "relink_job_rescues_total",
        "Jobs taken up again: their worker vanished, vanished too often, or nobody answered their doorbell",
    )
    .labels(&[RESCUE])
    .by(BY),
    Metric::gauge(
        "relink_workers",
        "Workers that gave a sign of life within 15 s, as the leader hears them",
    )
    .by(BY),
    Metric::counter(
        "relink_worker_deaths_total",
        "Workers that fell silent, so that their jobs were given to others",
    )
    .by(BY),
    Metric::counter("relink_relay_doorbells_total", "Doorbells rung by what the broker said")
        .labels(&[RELAYED])
        .by(BY),
    Metric::gauge(
        "relink_broker_dead_messages",
        "Messages that the broker has set aside; counted by the leader, 0 elsewhere",
    )
    .by(BY),
    Metric::counter(
        "relink_broker_dead_messages_purged_total",
        "Messages removed from the broker's dead queue before they could fill it",
    )
    .by(BY),
    Metric::gauge("relink_relay_outstanding_jobs", "Jobs rung for that nobody took yet")
        .labels(&[QUEUE])
        .by(BY),
    Metric::histogram(
        "relink_relay_lag_seconds",
        "From when a job came due to its first doorbell, by the database's clock",
    )
    .labels(&[QUEUE])
    .by(BY),
    Metric::histogram("relink_relay_look_seconds", "How long a look of the relay at a queue took")
        .labels(&[QUEUE])
        .by(BY),
    Metric::counter(
        "relink_relay_look_failures_total",
        "Looks of the relay at a queue that failed; the others are looked at all the same",
    )
    .labels(&[QUEUE])
    .by(BY),
    Metric::histogram("relink_census_duration_seconds", "How long counting the fleet took").by(BY),
    Metric::counter(
        "relink_census_failures_total",
        "Times that counting the fleet failed",
    )
    .by(BY),
    Metric::counter(
        "relink_duty_watch_failures_total",
        "Times that the look at duties failed: while it does, none is called blind",
    )
    .by(BY),
];
