//! Outward calls on their way at once (g): a backlog of due sends of many accounts, one real worker process with the real
//! client, and the simulator, a process of its own, that takes 300 ms for each answer.

use crate::child::{Where, broker_at};
use crate::figures::{Figures, quantile};
use crate::ground::Ground;
use crate::listing::session_of;
use crate::place::Place;
use crate::process::Process;
use crate::{Failure, Size, path, sends};
use clap::Args;
use fleet::{Context, Worker, WorkerOptions};
use metering::catalogue::Exporter;
use policy::decision::NewJob;
use policy::ids::{AccountId, SendId, WorkspaceId};
use policy::jobs::{NameSend, Queue, SENDS_EXECUTE};
use reqwest::Client;
use serde_json::json;
use simulator::control::{Counts, Faults, NewSession, NewSessions, Span, Verdict};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

const KEY: &str = "bench";
const LATENCY_MS: u64 = 300;
/// Calls allowed: what `RELINK_PROVIDER_CALLS_MAX` is when nobody sets it.
const CALLS_MAX: u16 = 256;
const LOOK_EVERY: Duration = Duration::from_millis(50);
const READY_MAX: Duration = Duration::from_secs(10);
/// Sends enqueued by one transaction.
const CHUNK: usize = 1_000;
const IN_HAND: &str =
    "select count(*) from relink.jobs where kind = 'sends.execute' and state = 'leased'";
const SPAN: &str =
    "select extract(epoch from max(settled_at) - min(sending_at))::float8 from relink.sends";

/// The worker of this part.
#[derive(Args)]
pub(crate) struct SenderOptions {
    #[command(flatten)]
    at: Where,
    /// Where the provider is.
    #[arg(long)]
    provider: String,
    /// Calls on their way at once at most.
    #[arg(long)]
    calls: u16,
}

/// The simulator of this part.
#[derive(Args)]
pub(crate) struct SimulatorOptions {
    /// Where it listens.
    #[arg(long)]
    address: SocketAddr,
}

pub(crate) async fn simulate(
    options: &SimulatorOptions,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let listener = tokio::net::TcpListener::bind(options.address).await?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulator's clock is its own"
    )]
    let config = simulator::Config::new(KEY, jiff::Timestamp::now());
    Ok(simulator::serve(listener, config, stop).await?)
}

pub(crate) async fn work(options: &SenderOptions, stop: CancellationToken) -> Result<(), Failure> {
    let metrics = metering::install(Exporter::Worker, vec![])?;
    let url = options.at.worker.clone();
    let store = Store::new(store::Config::new(url.into(), "bench sender"))?;
    let config = provider::Config::new(options.provider.clone(), KEY.into());
    let context = Context::new(
        store,
        Arc::new(provider::Unipile::new(config)?),
        "bench-sender".to_owned(),
        stop,
    );
    let behaviour = WorkerOptions {
        queues: vec![Queue::Sends],
        prefetch: 8,
        calls_max: options.calls,
        drain: Duration::from_secs(10),
    };
    let (roster, broker) = (
        duties::on_queue(Queue::Sends).roster.to_vec(),
        broker_at(&options.at.amqp),
    );
    Worker::start(Arc::new(context), roster, broker, behaviour)
        .run()
        .await?;
    drop(metrics);
    Ok(())
}

pub(crate) async fn measure(
    figures: &mut Figures,
    ground: &Ground,
    size: &Size,
) -> Result<(), Failure> {
    let place = sends::senders(ground, "bench_outward", size.outward).await?;
    sends::planned(&place, 1).await?;
    let (simulator, referee) = provider(size.outward).await?;
    let asked = ask(&place).await?;
    let scheduler = place.child("scheduler", &path::options(size.batch))?;
    let sender = place.child(
        "sender",
        &[
            "--provider".to_owned(),
            referee.base.clone(),
            "--calls".to_owned(),
            CALLS_MAX.to_string(),
        ],
    )?;
    let (in_hand, in_flight) = watch(&place, &referee).await?;
    let rss = sender.rss_peak_mib()?;
    let verdict: Verdict = referee.get("verdict").await?;
    sender.stop().await?;
    scheduler.stop().await?;
    simulator.stop().await?;
    once(&place, &verdict, asked).await?;
    let took = place.number(SPAN).await?;
    figures.note(
        "outward_sends",
        f64::from(size.outward),
        "sends, one an account",
    );
    figures.note(
        "outward_sends_per_s",
        f64::from(size.outward) / took,
        "sends/s",
    );
    for (share, name) in [(0.5, "median"), (1.0, "peak")] {
        figures.note(
            &format!("outward_jobs_in_flight_{name}"),
            quantile(&in_hand, share),
            "jobs in the worker at once, aim 200",
        );
        figures.note(
            &format!("outward_calls_in_flight_{name}"),
            quantile(&in_flight, share),
            "calls at the provider at once",
        );
    }
    figures.note("outward_worker_rss_mib", rss, "MiB, highest; aim 100");
    ground.clear(place).await
}

/// Asks for every planned send, as dispatch does.
async fn ask(place: &Place) -> Result<usize, Failure> {
    let rows = place
        .admin
        .query(
            "select account_id, id, workspace_id from relink.sends order by id",
            &[],
        )
        .await?;
    for chunk in rows.chunks(CHUNK) {
        let tx = place.store.begin().await?;
        let now = tx.now().at;
        let jobs: Result<Vec<NewJob>, Failure> = chunk
            .iter()
            .map(|row| {
                let (account, send) = (AccountId(row.try_get(0)?), SendId(row.try_get(1)?));
                Ok(NewJob {
                    kind: SENDS_EXECUTE,
                    cause: format!("sends.execute:{send}"),
                    workspace: Some(WorkspaceId(row.try_get(2)?)),
                    account: Some(account),
                    run_at: now,
                    payload: json!(NameSend { account, send }),
                })
            })
            .collect();
        tx.enqueue(&jobs?, None, None).await?;
        tx.finish().await?;
    }
    Ok(rows.len())
}

/// Looks until every send is settled: how many jobs the worker has in hand, and how many calls the provider has not
/// answered.
async fn watch(place: &Place, referee: &Referee) -> Result<(Vec<f64>, Vec<f64>), Failure> {
    let (mut in_hand, mut in_flight) = (vec![], vec![]);
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let finished = place.until(
        "select not exists (select from relink.jobs where kind = 'sends.execute' and state in ('waiting', 'leased'))",
    );
    tokio::pin!(finished);
    loop {
        tokio::select! {
            ended = &mut finished => {
                ended?;
                return Ok((in_hand, in_flight));
            }
            _ = looks.tick() => {
                let leased: i64 = place.admin.query_one(IN_HAND, &[]).await?.try_get(0)?;
                let counts: Counts = referee.get("counts").await?;
                let answered: u64 = counts.by_route.values().flat_map(|it| it.values()).sum();
                let open = counts.requests.saturating_sub(answered);
                if leased > 0 {
                    in_hand.push(f64::from(u32::try_from(leased)?));
                    in_flight.push(f64::from(u32::try_from(open)?));
                }
            }
        }
    }
}

/// A fast sender that loses or repeats sends is not fast.
async fn once(place: &Place, verdict: &Verdict, asked: usize) -> Result<(), Failure> {
    let sent = place
        .number("select count(*)::float8 from relink.sends where state = 'sent'")
        .await?;
    let asked = u64::try_from(asked)?;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let all_sent = (sent - asked as f64).abs() < 0.5;
    if all_sent && verdict.effects == asked && verdict.duplicated == 0 {
        return Ok(());
    }
    let (effects, duplicated) = (verdict.effects, verdict.duplicated);
    Err(format!("{asked} asked, {sent} sent, {effects} done, {duplicated} of them twice").into())
}

struct Referee {
    client: Client,
    base: String,
}

impl Referee {
    async fn get<T: serde::de::DeserializeOwned>(&self, what: &str) -> Result<T, Failure> {
        let url = format!("{}/control/{what}", self.base);
        let answered = self.client.get(url).send().await?;
        Ok(answered.error_for_status()?.json().await?)
    }
}

/// A simulator with so many sessions, slow to answer.
async fn provider(sessions: u32) -> Result<(Process, Referee), Failure> {
    // Held until here, and free for the child.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let arguments = ["simulator", "--address", &address.to_string()].map(str::to_owned);
    let process = Process::start(&arguments)?;
    let referee = Referee {
        client: Client::builder().no_proxy().build()?,
        base: format!("http://{address}"),
    };
    let began = Instant::now();
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    while let Err(error) = referee.get::<Counts>("counts").await {
        looks.tick().await;
        if began.elapsed() > READY_MAX {
            return Err(error);
        }
    }
    let sessions = (0..sessions).map(|number| NewSession {
        id: Some(session_of(number)),
        ..NewSession::default()
    });
    let sessions = NewSessions::Listed {
        sessions: sessions.collect(),
    };
    let url = format!("{}/control/sessions", referee.base);
    let made = referee.client.post(url).json(&sessions).send().await?;
    made.error_for_status()?;
    let slow = Faults {
        latency_ms: Some(Span {
            min: LATENCY_MS,
            max: LATENCY_MS,
        }),
        ..Faults::default()
    };
    let url = format!("{}/control/faults", referee.base);
    let set = referee.client.put(url).json(&slow).send().await?;
    set.error_for_status()?;
    Ok((process, referee))
}
