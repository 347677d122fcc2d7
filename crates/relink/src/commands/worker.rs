//! `relink worker QUEUE…`.

use super::{Failure, Running, configure, mail, removals};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use fleet::config::Reader;
use fleet::{Context, Worker, WorkerOptions, chain};
use metering::catalogue::Exporter;
use policy::jobs::Queue;
use provider::Unipile;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Where health and metrics are served unless `RELINK_HTTP_ADDRESS` says otherwise.
const HTTP_PORT: u16 = 9465;

/// Queues that a worker is started for.
#[derive(Args)]
pub(crate) struct QueueArguments {
    /// Queues to work on; `docs/jobs.md` says what is done on each.
    #[arg(required_unless_present = "all", value_parser = queue_parser())]
    queues: Vec<Queue>,
    /// Work on every queue.
    #[arg(long, conflicts_with = "queues")]
    all: bool,
}

impl QueueArguments {
    fn queues(&self) -> Vec<Queue> {
        let mut queues = if self.all {
            Queue::ALL.to_vec()
        } else {
            self.queues.clone()
        };
        queues.sort_unstable();
        queues.dedup();
        queues
    }
}

/// Reads a queue's name; help and completion list all of them with their sentences.
fn queue_parser() -> impl TypedValueParser<Value = Queue> {
    let names = Queue::ALL.map(|queue| PossibleValue::new(queue.as_str()).help(queue.sentence()));
    PossibleValuesParser::new(names)
        .try_map(|name| Queue::parse(&name).ok_or_else(|| format!("no queue {name}")))
}

/// Doorbells in hand for each queue, outward calls at a time, and how long runs may go on after SIGTERM.
pub(crate) fn limits(reader: &mut Reader<'_>) -> (u32, u32, Duration) {
    (
        reader.number("RELINK_WORKER_PREFETCH", 8, 1..=200),
        reader.number("RELINK_PROVIDER_CALLS_MAX", 256, 1..=4_000),
        reader.seconds("RELINK_DRAIN_SECONDS", 25, 1..=600),
    )
}

pub(crate) async fn run(asked: &QueueArguments) -> Result<ExitCode, Failure> {
    let queues = asked.queues();
    let (process, database, broker, provider, removals, postbox, (prefetch, calls, drain)) =
        configure(|reader| {
            (
                reader.process(HTTP_PORT),
                reader.database("relink-worker"),
                reader.broker(),
                reader.provider(),
                removals::settings(reader),
                mail::postbox(reader),
                limits(reader),
            )
        })?;
    let (enabled, clock) = removals;
    let tools = duties::tools(&queues, &provider, enabled, clock)?
        .and(duties::mail_tools(&queues, postbox));
    let provider = Arc::new(Unipile::new(provider)?);
    let areas = queues
        .iter()
        .map(|queue| queue.as_str())
        .collect::<Vec<_>>()
        .join("+");
    let name = format!("worker:{areas}:{}", Uuid::now_v7());
    let stop = CancellationToken::new();
    let store = Store::new(database)?;
    let context = Context::new(store.clone(), provider, name, stop.clone());
    let context = Arc::new(context.with_tools(tools.clone()));
    let options = WorkerOptions {
        queues,
        prefetch: u16::try_from(prefetch).unwrap_or(u16::MAX),
        calls_max: u16::try_from(calls).unwrap_or(u16::MAX),
        drain,
    };
    let worker = Worker::start(Arc::clone(&context), duties::roster(), broker, options);
    let (told, probes) = (Exporter::Worker, worker.probes());
    let running =
        Running::start("relink-worker", &process, told, probes, |_| worker.checks()).await?;
    tracing::info!(name = context.name, "working");
    tokio::spawn(async move {
        // Each attempt tests again; this one tells at once.
        if let Err(error) = duties::self_test(&store, &tools).await {
            tracing::warn!(error = chain(&error), "the guards could not be tested yet");
        }
    });
    let asked = running.stop.clone();
    tokio::spawn(async move {
        asked.cancelled().await;
        stop.cancel();
    });
    let left = worker.run().await?;
    tracing::info!(left, "stopped");
    running.end().await?;
    Ok(ExitCode::SUCCESS)
}
