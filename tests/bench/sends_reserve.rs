//! Reservations through the SQL function (e), beside the rate of `pgbench`'s simple-update on the same server: both take
//! turns, by as many connections, for as long.

use crate::figures::{Figures, median};
use crate::ground::{Ground, connect};
use crate::place::Place;
use crate::{Failure, Size, sends};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::process::Command;
use tokio::task::JoinSet;
use uuid::Uuid;

const CONNECTIONS: usize = 16;
/// Reservations of one call when batched.
const BATCH: usize = 100;
/// Planned sends of each account: more than the runs use up, less than the cap of a day.
const EACH: i32 = 30;
/// Shorter than the time after which a run comes back to an account, and longer than nothing: so it is looked for.
const GAP_S: f64 = 0.01;
const RESERVE: &str = "select verdict from relink.reserve_sends($1::uuid[], $2::uuid[], $3::integer[], $4::float8[],
                                                                 $5::integer[], 'bench', $6::uuid[])";
const SENDS: &str = "select account_id, id from (
    select account_id, id, row_number() over (partition by account_id) as nth from relink.sends) s order by nth, id";

pub(crate) async fn measure(
    figures: &mut Figures,
    ground: &Ground,
    size: &Size,
) -> Result<(), Failure> {
    let updates = ground.place("bench_pgbench").await?;
    pgbench(&updates, &["-i", "-q"]).await?;
    let (mut update, mut single, mut batched) = (vec![], vec![], vec![]);
    for run in 1..=size.runs.min(3) {
        update.push(simple_update(&updates, size.seconds).await?);
        let place = sends::senders(ground, &format!("bench_reserve_{run}"), size.senders).await?;
        sends::planned(&place, EACH).await?;
        let queue = Arc::new(Queue::of(&place).await?);
        single.push(reserve(&place, &queue, 1, size.seconds).await?);
        batched.push(reserve(&place, &queue, BATCH, size.seconds).await?);
        eprintln!(
            "reserve: run {run}: {:.0} simple updates/s, {:.0} single and {:.0} batched reservations/s",
            update[run - 1],
            single[run - 1],
            batched[run - 1]
        );
        ground.clear(place).await?;
    }
    ground.clear(updates).await?;
    let over = |rates: &[f64]| {
        let ratios = rates.iter().zip(&update).map(|(rate, base)| rate / base);
        median(&ratios.collect::<Vec<_>>())
    };
    figures.note("reserve_accounts", f64::from(size.senders), "accounts");
    figures.note("pgbench_simple_update_per_s", median(&update), "tx/s");
    figures.note("reserve_single_per_s", median(&single), "reservations/s");
    figures.note("reserve_single_over_pgbench", over(&single), "aim 0.7");
    figures.note("reserve_batched_per_s", median(&batched), "reservations/s");
    figures.note("reserve_batched_over_pgbench", over(&batched), "aim 5");
    Ok(())
}

/// Planned sends, neighbours of different accounts; whoever is free takes the next.
struct Queue {
    sends: Vec<(Uuid, Uuid)>,
    next: AtomicUsize,
}

impl Queue {
    async fn of(place: &Place) -> Result<Self, Failure> {
        let rows = place.admin.query(SENDS, &[]).await?;
        let sends = rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        Ok(Self {
            sends: sends.collect::<Result<_, tokio_postgres::Error>>()?,
            next: AtomicUsize::new(0),
        })
    }

    fn take(&self, count: usize) -> Option<&[(Uuid, Uuid)]> {
        let first = self.next.fetch_add(count, Ordering::Relaxed);
        self.sends.get(first..first + count)
    }
}

/// Reservations a second of all connections together.
async fn reserve(
    place: &Place,
    queue: &Arc<Queue>,
    batch: usize,
    seconds: u32,
) -> Result<f64, Failure> {
    let mut clients = vec![];
    for _ in 0..CONNECTIONS {
        clients.push(connect(place.worker()).await?);
    }
    let limit = Duration::from_secs(u64::from(seconds));
    let began = Instant::now();
    let mut runs: JoinSet<Result<usize, Failure>> = JoinSet::new();
    for client in clients {
        let queue = Arc::clone(queue);
        runs.spawn(async move {
            let call = client.prepare(RESERVE).await?;
            let (allowances, gaps, rules, jobs) = (
                vec![1_000_i32; batch],
                vec![GAP_S; batch],
                vec![1_i32; batch],
                vec![None::<Uuid>; batch],
            );
            let mut done = 0;
            while began.elapsed() < limit {
                let Some(sends) = queue.take(batch) else {
                    break;
                };
                let (accounts, ids): (Vec<Uuid>, Vec<Uuid>) = sends.iter().copied().unzip();
                let rows = client
                    .query(&call, &[&accounts, &ids, &allowances, &gaps, &rules, &jobs])
                    .await?;
                for row in &rows {
                    let verdict: &str = row.try_get(0)?;
                    if verdict != "reserved" {
                        return Err(format!("a reservation was refused: {verdict}").into());
                    }
                }
                done += rows.len();
            }
            Ok(done)
        });
    }
    let mut all = 0;
    while let Some(ended) = runs.join_next().await {
        all += ended??;
    }
    Ok(f64::from(u32::try_from(all)?) / began.elapsed().as_secs_f64())
}

async fn simple_update(place: &Place, seconds: u32) -> Result<f64, Failure> {
    let (clients, seconds) = (CONNECTIONS.to_string(), seconds.to_string());
    let told = pgbench(
        place,
        &[
            "-n",
            "-b",
            "simple-update",
            "-M",
            "prepared",
            "-c",
            &clients,
            "-j",
            "2",
            "-T",
            &seconds,
        ],
    )
    .await?;
    let rate = told
        .lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
    Ok(rate.ok_or("pgbench told no rate")?.parse()?)
}

async fn pgbench(place: &Place, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new(program())
        .args(arguments)
        .arg(place.superuser())
        .output()
        .await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Beside the newest server that Debian has, else from `PATH`.
fn program() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter();
    let found = versions.flatten().flatten();
    let mut found: Vec<PathBuf> = found
        .map(|entry| entry.path().join("bin/pgbench"))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from("pgbench"))
}
