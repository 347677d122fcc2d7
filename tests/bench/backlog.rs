//! The job path beside jobs that wait: a backlog that nobody works on, jobs of tomorrow, and nothing due at all.

use crate::figures::{Figures, quantile};
use crate::ground::{Ground, connect};
use crate::nothing::NOTHING;
use crate::place::Place;
use crate::process::cpu_seconds;
use crate::{Failure, Size, latency, path};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Rows that one statement plants.
const CHUNK: u32 = 100_000;
/// Between two looks at the scheduler's transactions.
const WATCHED_EVERY: Duration = Duration::from_millis(5);
/// How long nothing is to be done: four censuses.
const IDLE: Duration = Duration::from_mins(1);
/// From a leader's start to the first window: the relay is through the lanes.
const STARTED: Duration = Duration::from_secs(5);
/// Lanes of a queue that the census walks in a second, and some time more for the rest of its first lap.
const LANES_A_SECOND: u32 = 266;
const REST: Duration = Duration::from_secs(30);

/// Jobs that wait, planted without a ring.
struct Waiting {
    queue: &'static str,
    kind: &'static str,
    jobs: u32,
    workspaces: u32,
    /// Interval from now.
    due: &'static str,
}

pub(crate) async fn measure(
    figures: &mut Figures,
    ground: &Ground,
    size: &Size,
) -> Result<(), Failure> {
    let part = |whole: u32| whole / size.backlog_part;
    let backlog = Waiting {
        queue: "confirmations",
        kind: "confirm.poll",
        jobs: part(2_200_000),
        workspaces: part(20_000),
        due: "-1 hour",
    };
    beside(figures, ground, size, ("backlog", backlog)).await?;
    let tomorrow = Waiting {
        queue: NOTHING.queue.as_str(),
        kind: NOTHING.name,
        jobs: part(1_000_000),
        workspaces: part(20_000),
        due: "1 day",
    };
    beside(figures, ground, size, ("future", tomorrow)).await?;
    idle(figures, ground, size).await
}

/// Offers jobs beside those that wait.
async fn beside(
    figures: &mut Figures,
    ground: &Ground,
    size: &Size,
    (name, waiting): (&str, Waiting),
) -> Result<(), Failure> {
    let place = ground.place(&format!("bench_{name}")).await?;
    plant(&place, &waiting).await?;
    let stop = CancellationToken::new();
    let longest = tokio::spawn(watch(place.superuser().to_owned(), stop.clone()));
    let (scheduler, worker) = place.start(&path::options(size.batch))?;
    let offered = latency::started(&place, size.seconds).await?;
    stop.cancel();
    let longest = longest.await??;
    figures.note(
        &format!("{name}_commit_to_start_p99_ms"),
        quantile(&offered.from_commit, 0.99),
        "ms",
    );
    figures.note(
        &format!("{name}_commit_to_start_max_ms"),
        quantile(&offered.from_commit, 1.0),
        "ms",
    );
    figures.note(
        &format!("{name}_longest_look_ms"),
        longest,
        "ms, longest transaction of the scheduler seen",
    );
    figures.note(
        &format!("{name}_scheduler_rss_mib"),
        scheduler.rss_peak_mib()?,
        "MiB",
    );
    worker.stop().await?;
    scheduler.stop().await?;
    ground.clear(place).await
}

/// What the database does where nothing is due.
async fn idle(figures: &mut Figures, ground: &Ground, size: &Size) -> Result<(), Failure> {
    let place = ground.place("bench_idle").await?;
    let waiting = Waiting {
        queue: "sends",
        kind: "sends.execute",
        jobs: 50_000 / size.backlog_part,
        workspaces: 50_000 / size.backlog_part,
        due: "1 day",
    };
    plant(&place, &waiting).await?;
    let (scheduler, worker) = place.start(&path::options(size.batch))?;
    path::enqueue(&place, 1).await?;
    let done = "select exists (select from relink.jobs where state = 'done')";
    place.until(done).await?;
    tokio::time::sleep(STARTED).await;
    let first = busy(ground).await;
    figures.note("idle_postgres_percent_of_a_core", first, "%");
    // Everything was seen once: it rests.
    let lap = waiting.workspaces / LANES_A_SECOND;
    tokio::time::sleep(Duration::from_secs(lap.into()) + REST).await;
    let rested = busy(ground).await;
    figures.note("rested_postgres_percent_of_a_core", rested, "%");
    worker.stop().await?;
    scheduler.stop().await?;
    ground.clear(place).await
}

/// Percent of a core that PostgreSQL takes from now on.
async fn busy(ground: &Ground) -> f64 {
    let postgres = || ground.pids().0.map_or(0.0, cpu_seconds);
    let (before, began) = (postgres(), Instant::now());
    tokio::time::sleep(IDLE).await;
    100.0 * (postgres() - before) / began.elapsed().as_secs_f64()
}

async fn plant(place: &Place, waiting: &Waiting) -> Result<(), Failure> {
    let Waiting {
        queue,
        kind,
        jobs,
        workspaces,
        due,
    } = waiting;
    let began = Instant::now();
    for first in (0..*jobs).step_by(CHUNK as usize) {
        let last = (first + CHUNK).min(*jobs) - 1;
        let sql = format!(
            "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
             select gen_random_uuid(), '{queue}', '{kind}', 1, 'waits-' || n, lpad(to_hex(1 + n % {workspaces}), 32, '0')::uuid,
                    '{{}}', relink.clock() + interval '{due}'
               from generate_series({first}, {last}) n"
        );
        place.admin.batch_execute(&sql).await?;
    }
    place
        .admin
        .batch_execute("vacuum analyze relink.jobs")
        .await?;
    eprintln!("backlog: {jobs} jobs planted in {:.0?}", began.elapsed());
    Ok(())
}

/// The longest transaction of the scheduler that was seen until `stop`, in milliseconds.
async fn watch(url: String, stop: CancellationToken) -> Result<f64, Failure> {
    let client = connect(&url).await?;
    let sql = "select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8 * 1000
                 from pg_stat_activity
                where usename = 'relink_scheduler' and datname = current_database() and query ilike '%relink.jobs%'";
    let statement = client.prepare(sql).await?;
    let mut longest: f64 = 0.0;
    while !stop.is_cancelled() {
        let seen: f64 = client.query_one(&statement, &[]).await?.try_get(0)?;
        longest = longest.max(seen);
        tokio::time::sleep(WATCHED_EVERY).await;
    }
    Ok(longest)
}
