//! The whole job path (b): enqueue in transactions, relay, doorbell, claim, commit, ack, in one worker process.

use crate::figures::{Figures, median};
use crate::ground::Ground;
use crate::nothing;
use crate::place::Place;
use crate::process::cpu_seconds;
use crate::{Failure, Size};
use std::fmt;
use std::time::{Duration, Instant};

/// Jobs enqueued by one transaction, as a tick or a decision does.
const JOBS_PER_TRANSACTION: u32 = 500;
/// Transactions that enqueue at once.
const PRODUCERS: u32 = 2;
/// Doorbells in the worker's hand.
const PREFETCH: u16 = 8;
/// Jobs run before the clock starts: connections, caches, prepared statements.
const WARM_UP: u32 = 2_000;

/// What one run reached.
pub(crate) struct Reached {
    jobs: u32,
    took: Duration,
    enqueued: Duration,
    worker_rss_mib: f64,
    /// Processor time by process: the database, the broker, the scheduler, the worker, the bench itself.
    cpu_seconds: [f64; 5],
}

const PROCESSES: [&str; 5] = ["postgres", "rabbitmq", "scheduler", "worker", "producer"];

impl Reached {
    fn jobs_per_s(&self) -> f64 {
        f64::from(self.jobs) / self.took.as_secs_f64()
    }

    fn cpu_us_per_job(&self, process: usize) -> f64 {
        self.cpu_seconds[process] * 1e6 / f64::from(self.jobs)
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let enqueued = f64::from(self.jobs) / self.enqueued.as_secs_f64();
        write!(
            f,
            "{:.0} jobs/s (enqueued at {enqueued:.0}/s, worker {:.0} MiB; processor time a job:",
            self.jobs_per_s(),
            self.worker_rss_mib
        )?;
        for (index, process) in PROCESSES.iter().enumerate() {
            write!(f, " {process} {:.0} µs", self.cpu_us_per_job(index))?;
        }
        write!(f, ")")
    }
}

/// One run, in a database of its own.
pub(crate) async fn run(ground: &Ground, size: &Size, number: usize) -> Result<Reached, Failure> {
    let place = ground.place(&format!("bench_path_{number}")).await?;
    let (scheduler, worker) = place.start(&options(size.batch))?;
    enqueue(&place, WARM_UP).await?;
    place.finished().await?;
    let (postgres, rabbitmq) = ground.pids();
    let pids = [
        postgres,
        rabbitmq,
        scheduler.pid(),
        worker.pid(),
        Some(std::process::id()),
    ];
    let spent = || pids.map(|pid| pid.map_or(0.0, cpu_seconds));
    let before = spent();
    let began = Instant::now();
    enqueue(&place, size.jobs).await?;
    let enqueued = began.elapsed();
    let ended = place.finished().await?;
    let after = spent();
    let worker_rss_mib = worker.rss_peak_mib()?;
    let mut cpu_seconds = [0.0; PROCESSES.len()];
    for (index, spent) in cpu_seconds.iter_mut().enumerate() {
        *spent = after[index] - before[index];
    }
    // The bench is the parent of both children.
    cpu_seconds[4] -= cpu_seconds[2] + cpu_seconds[3];
    worker.stop().await?;
    scheduler.stop().await?;
    exactly_once(&place, size.jobs + WARM_UP).await?;
    ground.clear(place).await?;
    Ok(Reached {
        jobs: size.jobs,
        took: ended - began,
        enqueued,
        worker_rss_mib,
        cpu_seconds,
    })
}

/// What the children of a place are told beside where the servers are.
pub(crate) fn options(batch: u16) -> Vec<String> {
    let numbers = [("--batch", batch), ("--prefetch", PREFETCH)];
    numbers
        .into_iter()
        .flat_map(|(name, number)| [name.to_owned(), number.to_string()])
        .collect()
}

/// Enqueues by several transactions at once.
pub(crate) async fn enqueue(place: &Place, jobs: u32) -> Result<(), Failure> {
    let mut producers = tokio::task::JoinSet::new();
    for number in 0..PRODUCERS {
        let share = jobs / PRODUCERS + u32::from(number < jobs % PRODUCERS);
        let store = place.store.clone();
        producers.spawn(async move {
            let mut left = share;
            while left > 0 {
                let count = left.min(JOBS_PER_TRANSACTION);
                let tx = store.begin().await?;
                tx.enqueue(&nothing::jobs(count, tx.now().at), None, None)
                    .await?;
                tx.finish().await?;
                left -= count;
            }
            Ok::<_, store::StoreError>(())
        });
    }
    while let Some(ended) = producers.join_next().await {
        ended??;
    }
    Ok(())
}

/// A fast path that loses or fails jobs is not fast.
async fn exactly_once(place: &Place, jobs: u32) -> Result<(), Failure> {
    let done = "select count(*)::float8 from relink.jobs where state = 'done' and attempt = 1 and failures = 0";
    let done = place.number(done).await?;
    if (done - f64::from(jobs)).abs() < 0.5 {
        return Ok(());
    }
    Err(format!("{jobs} jobs were enqueued and {done} done at the first attempt").into())
}

/// Medians of all runs; the ratio is the median of the ratios of neighbouring runs.
pub(crate) fn report(figures: &mut Figures, runs: &[Reached], bare_rates: &[f64]) {
    let rates: Vec<f64> = runs.iter().map(Reached::jobs_per_s).collect();
    figures.note("job_path_jobs_per_s", median(&rates), "jobs/s");
    if bare_rates.len() == rates.len() {
        let ratios: Vec<f64> = rates
            .iter()
            .zip(bare_rates)
            .map(|(path, bare)| path / bare)
            .collect();
        figures.note("job_path_over_bare_loop", median(&ratios), "");
    }
    for (index, process) in PROCESSES.iter().enumerate() {
        let spent: Vec<f64> = runs.iter().map(|run| run.cpu_us_per_job(index)).collect();
        figures.note(
            &format!("job_path_{process}_cpu_us_per_job"),
            median(&spent),
            "µs",
        );
    }
    let memory: Vec<f64> = runs.iter().map(|run| run.worker_rss_mib).collect();
    figures.note(
        "worker_rss_mib",
        memory.iter().copied().fold(0.0, f64::max),
        "MiB, highest ever in the job path",
    );
}
