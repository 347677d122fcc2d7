//! What a worker counts of its work.

use super::{Exporter, Metric, Start};
use crate::labels::{
    DEAD_BY_RESCUE, DEAD_BY_RUN, DURING, FAULT, JOB_OUTCOME, KIND, QUEUE, ROWS, SETTLEMENT,
    SLOT_STATE,
};

pub(super) const METRICS: &[Metric] = &[
    Metric::counter(
        "relink_jobs_total",
        "Runs of jobs by how they ended; a failed one is tried again, a dead one is a dead letter",
    )
    .labels(&[QUEUE, KIND, JOB_OUTCOME]),
    Metric::counter(
        "relink_job_failures_total",
        "Failed runs by what went wrong",
    )
    .labels(&[QUEUE, KIND, FAULT]),
    Metric::histogram(
        "relink_job_wait_seconds",
        "From when a job came due to when a worker claimed it, by the database's clock",
    )
    .labels(&[QUEUE]),
    Metric::histogram(
        "relink_job_duration_seconds",
        "From claim to commit, by the machine's clock",
    )
    .labels(&[QUEUE, KIND]),
    Metric::gauge("relink_jobs_in_flight", "Jobs that this worker runs now").labels(&[QUEUE]),
    Metric::gauge(
        "relink_jobs_in_flight_max",
        "Jobs that this worker may run at a time now: fewer while claims find the database slow",
    )
    .labels(&[QUEUE]),
    Metric::counter(
        "relink_jobs_put_back_total",
        "Runs that lost the database or got no connection: their jobs wait again, without a failure",
    )
    .labels(&[QUEUE]),
    Metric::counter(
        "relink_claim_errors_total",
        "Claims that the database refused for a reason that waiting does not cure",
    )
    .labels(&[QUEUE]),
    Metric::counter(
        "relink_dead_letters_total",
        "Jobs that became dead letters, by why",
    )
    .labels(&[DEAD_BY_RUN]),
    Metric::counter(
        "relink_dead_letters_total",
        "Jobs that became dead letters, by why",
    )
    .labels(&[DEAD_BY_RESCUE])
    .by(&[Exporter::Scheduler]),
    Metric::counter(
        "relink_stale_completions_total",
        "Runs that ended after their job was another's: the fence refused what they wrote",
    )
    .labels(&[QUEUE]),
    Metric::counter(
        "relink_worker_resurrections_total",
        "Times that this worker found itself taken for dead and its jobs given to others",
    ),
    Metric::counter(
        "relink_sweep_rows_total",
        "Rows that jobs looked at and rows that they changed",
    )
    .labels(&[KIND, ROWS]),
    Metric::counter(
        "relink_deliveries_total",
        "Deliveries by how they were settled",
    )
    .labels(&[QUEUE, SETTLEMENT]),
    Metric::counter(
        "relink_jobs_left_total",
        "Jobs left for a worker that knows their kind",
    ),
    Metric::counter(
        "relink_store_trouble_total",
        "Times that the database did not answer, by what waited for it",
    )
    .labels(&[DURING]),
    Metric::gauge(
        "relink_worker_slots",
        "Deliveries that this worker may have in hand; busy and free make all",
    )
    .labels(&[QUEUE, SLOT_STATE]),
    Metric::gauge(
        "relink_worker_draining",
        "1 while this worker takes nothing more and ends its runs",
    ),
    Metric::gauge(
        "relink_runs_overdue",
        "Runs that outlived their limit and still go on",
    ),
    Metric::gauge(
        "relink_consumer_last_tick_timestamp_seconds",
        "When the consumer was last seen to hear its broker",
    )
    .from(Start::Known),
];
