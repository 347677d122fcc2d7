//! What a worker has in hand now.

use crate::context::Context;
use crate::queues::{Lines, is_heard};
use metering::Probe;
use metrics::{Gauge, gauge};
use policy::jobs::Queue;
use std::sync::Arc;
use tokio::time::Instant;

/// Takes back, when dropped, what it added.
pub(crate) struct GaugeGuard(Vec<(Gauge, f64)>);

impl GaugeGuard {
    fn new(parts: Vec<(Gauge, f64)>) -> Self {
        for (gauge, amount) in &parts {
            gauge.increment(*amount);
        }
        Self(parts)
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        for (gauge, amount) in &self.0 {
            gauge.decrement(*amount);
        }
    }
}

/// Jobs that run until this is dropped.
pub(crate) fn in_flight(queue: Queue, jobs: usize) -> GaugeGuard {
    let jobs = u32::try_from(jobs).map_or(f64::MAX, f64::from);
    GaugeGuard::new(vec![(
        gauge!("relink_jobs_in_flight", "queue" => queue.as_str()),
        jobs,
    )])
}

/// How many jobs of a queue this worker may run at a time now.
pub(crate) fn jobs_max(queue: Queue, jobs: usize) {
    let jobs = u32::try_from(jobs).map_or(f64::MAX, f64::from);
    gauge!("relink_jobs_in_flight_max", "queue" => queue.as_str()).set(jobs);
}

/// A delivery in hand until this is dropped.
pub(crate) fn slot(queue: &str) -> GaugeGuard {
    let state = |state: &'static str| gauge!("relink_worker_slots", "queue" => queue.to_owned(), "state" => state);
    GaugeGuard::new(vec![(state("busy"), 1.0), (state("free"), -1.0)])
}

/// How many deliveries of a queue this worker may have in hand; none is yet.
pub(crate) fn slots(queue: Queue, slots: u16) {
    gauge!("relink_worker_slots", "queue" => queue.as_str(), "state" => "free")
        .set(f64::from(slots));
}

/// This worker takes nothing more.
pub(crate) fn draining() {
    gauge!("relink_worker_draining").set(1.0);
}

/// Tells which queues are heard, when the consumer last ticked, and how many runs hang.
pub(crate) fn tick(context: Arc<Context>, lines: Lines) -> Probe {
    Box::new(move || {
        let overdue = u32::try_from(context.overdue_runs()).map_or(f64::MAX, f64::from);
        gauge!("relink_runs_overdue").set(overdue);
        let now = Instant::now();
        for line in lines.borrow().iter() {
            gauge!("relink_consumer_up", "queue" => line.queue.to_string())
                .set(f64::from(u8::from(is_heard(line, now))));
        }
        if let Some(tick) = lines.borrow().iter().filter_map(|line| line.tick).max() {
            let since_1970 = machine_time() - tick.elapsed().as_secs_f64();
            gauge!("relink_consumer_last_tick_timestamp_seconds").set(since_1970);
        }
        String::new()
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "Prometheus compares it with its own machine's clock; nothing is decided by it"
)]
fn machine_time() -> f64 {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
