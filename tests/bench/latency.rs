//! From commit to start (c), at 1,000 jobs a second offered one by one.
//!
//! Commit is when the client that enqueued was told so, by this machine's clock; start is the instant at which the
//! transaction that claimed the job began (`finished_at` of a set-based job), by the database's clock, which on one
//! machine is the same clock. From enqueue to start, which needs no client's clock, is shown beside it.

use crate::figures::{Figures, quantile};
use crate::ground::Ground;
use crate::place::Place;
use crate::{Failure, Size, nothing, path};
use std::collections::HashMap;
use std::time::{Duration, SystemTime};
use store::Store;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

const OFFERED_PER_S: u32 = 1_000;
const WARM_UP: u32 = 500;
/// No job of the bench is left to do, whatever else waits.
const DONE: &str = "select not exists (select from relink.jobs
    where queue = 'sweeps' and state in ('waiting', 'leased') and run_at <= relink.clock()
      and workspace_id between '00000000-0000-0000-0000-000000000001' and '00000000-0000-0000-0000-000000000004')";

/// Milliseconds of each job.
pub(crate) struct Started {
    pub(crate) from_commit: Vec<f64>,
    from_enqueue: Vec<f64>,
}

pub(crate) async fn measure(
    figures: &mut Figures,
    ground: &Ground,
    size: &Size,
) -> Result<(), Failure> {
    let place = ground.place("bench_latency").await?;
    let (scheduler, worker) = place.start(&path::options(size.batch))?;
    let started = started(&place, size.seconds).await?;
    for (share, name) in [(0.5, "p50"), (0.99, "p99"), (1.0, "max")] {
        figures.note(
            &format!("commit_to_start_{name}_ms"),
            quantile(&started.from_commit, share),
            "ms",
        );
        figures.note(
            &format!("enqueue_to_start_{name}_ms"),
            quantile(&started.from_enqueue, share),
            "ms",
        );
    }
    worker.stop().await?;
    scheduler.stop().await?;
    ground.clear(place).await
}

/// Offers jobs for some seconds, and says how long each waited.
pub(crate) async fn started(place: &Place, seconds: u32) -> Result<Started, Failure> {
    path::enqueue(place, WARM_UP).await?;
    place.until(DONE).await?;
    let committed = offer(&place.store, OFFERED_PER_S * seconds).await?;
    place.until(DONE).await?;
    let rows = place
        .admin
        .query(
            "select cause, extract(epoch from created_at)::float8 as created,
                    extract(epoch from finished_at)::float8 as started from relink.jobs where finished_at is not null",
            &[],
        )
        .await?;
    let (mut from_commit, mut from_enqueue) = (Vec::new(), Vec::new());
    for row in &rows {
        let (created, started): (f64, f64) = (row.try_get("created")?, row.try_get("started")?);
        if let Some(commit) = committed.get(row.try_get::<_, &str>("cause")?) {
            from_commit.push(((started - commit) * 1e3).max(0.0));
            from_enqueue.push((started - created) * 1e3);
        }
    }
    if from_commit.len() != committed.len() {
        return Err(format!(
            "{} jobs were committed and {} started",
            committed.len(),
            from_commit.len()
        )
        .into());
    }
    Ok(Started {
        from_commit,
        from_enqueue,
    })
}

/// Offers jobs at their times, whether or not earlier ones have been taken, and says when each was committed.
async fn offer(store: &Store, jobs: u32) -> Result<HashMap<String, f64>, Failure> {
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / OFFERED_PER_S);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut offers = JoinSet::new();
    let began = Instant::now();
    for _ in 0..jobs {
        ticks.tick().await;
        let store = store.clone();
        offers.spawn(async move {
            let tx = store.begin().await?;
            let job = nothing::jobs(1, tx.now().at);
            tx.enqueue(&job, None, None).await?;
            tx.finish().await?;
            Ok::<_, store::StoreError>((
                job.into_iter().map(|job| job.cause).collect::<String>(),
                now(),
            ))
        });
    }
    let mut committed = HashMap::new();
    while let Some(offered) = offers.join_next().await {
        let (cause, at) = offered??;
        committed.insert(cause, at);
    }
    let rate = f64::from(jobs) / began.elapsed().as_secs_f64();
    eprintln!("latency: {rate:.0} single-job transactions a second were committed");
    Ok(committed)
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with the database's clock on the same machine"
)]
fn now() -> f64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}
