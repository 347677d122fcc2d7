//! The product's processes, as the bench starts them: this binary in another role.

use crate::Failure;
use crate::listing::{Listing, Lists};
use crate::nothing::Nothing;
use crate::sends_outward::{self, SenderOptions, SimulatorOptions};
use clap::{Args, Subcommand};
use fleet::{Context, Entry, Worker, WorkerOptions};
use metering::catalogue::Exporter;
use policy::jobs::Queue;
use scheduler::{Scheduler, SchedulerOptions};
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio_util::sync::CancellationToken;

/// Roles of this binary that the bench starts itself.
#[derive(Subcommand)]
pub(crate) enum Child {
    /// One worker process.
    #[command(hide = true)]
    Worker(Options),
    /// One scheduler process.
    #[command(hide = true)]
    Scheduler(Options),
    /// One worker process that sends.
    #[command(hide = true)]
    Sender(SenderOptions),
    /// The provider.
    #[command(hide = true)]
    Simulator(SimulatorOptions),
}

/// What a child is told.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    at: Where,
    /// Jobs in a doorbell.
    #[arg(long)]
    batch: u16,
    /// Doorbells in hand.
    #[arg(long)]
    prefetch: u16,
    #[command(flatten)]
    listing: Listing,
}

/// Where the servers are.
#[derive(Args)]
pub(crate) struct Where {
    /// The database, as a worker.
    #[arg(long)]
    pub(crate) worker: String,
    /// The database, as a scheduler.
    #[arg(long)]
    pub(crate) scheduler: String,
    /// The broker.
    #[arg(long)]
    pub(crate) amqp: String,
}

/// Runs until standard input ends.
pub(crate) async fn run(child: &Child) -> Result<(), Failure> {
    fleet::log::install(fleet::log::Format::Text, "warn")?;
    let stop = CancellationToken::new();
    let asked = stop.clone();
    std::thread::spawn(move || {
        // Whatever ends it, also the parent's death, is the order to stop.
        std::io::stdin().read_to_end(&mut Vec::new()).ok();
        asked.cancel();
    });
    match child {
        Child::Worker(options) => worker(options, stop).await,
        Child::Scheduler(options) => schedule(options, stop).await,
        Child::Sender(options) => sends_outward::work(options, stop).await,
        Child::Simulator(options) => sends_outward::simulate(options, stop).await,
    }
}

/// Every kind that the bench runs, asked for by nobody but the bench.
fn roster(options: &Options) -> Vec<Entry> {
    let mut nothing = fleet::sweeping::<Nothing>();
    nothing.spec.batch_max = options.batch;
    let mut roster = vec![nothing];
    roster.extend(duties::roster());
    for entry in &mut roster {
        entry.spec.every = None;
    }
    roster
}

async fn worker(options: &Options, stop: CancellationToken) -> Result<(), Failure> {
    let metrics = metering::install(Exporter::Worker, vec![])?;
    let store = Store::new(store::Config::new(
        options.at.worker.clone().into(),
        "bench worker",
    ))?;
    let provider = Arc::new(Lists::of(options.listing));
    let context = Context::new(store, provider, "bench-worker".to_owned(), stop);
    let behaviour = WorkerOptions {
        queues: vec![Queue::Sweeps, Queue::Watches],
        prefetch: options.prefetch,
        calls_max: 256,
        drain: Duration::from_secs(10),
    };
    let broker = broker_at(&options.at.amqp);
    Worker::start(Arc::new(context), roster(options), broker, behaviour)
        .run()
        .await?;
    drop(metrics);
    Ok(())
}

async fn schedule(options: &Options, stop: CancellationToken) -> Result<(), Failure> {
    let metrics = metering::install(Exporter::Worker, vec![])?;
    let store = Store::new(store::Config::new(
        options.at.scheduler.clone().into(),
        "bench scheduler",
    ))?;
    let broker = broker_at(&options.at.amqp);
    Scheduler::new(store, broker, roster(options), SchedulerOptions::default())
        .run(stop)
        .await?;
    drop(metrics);
    Ok(())
}

pub(crate) fn broker_at(url: &str) -> broker::Config {
    broker::Config {
        url: url.into(),
        ca_file: None,
        connect_timeout: Duration::from_secs(5),
        heartbeat: Duration::from_secs(10),
        prefix: String::new(),
    }
}
