//! Logs: one line an event, JSON for machines or plain for people, to standard error.
//!
//! A line inside a job has the job's fields (`job`, `kind`, `attempt`, `trace_id`; of a batch also `jobs` and `batch`):
//! they come from the span that the pipeline opens (`run.rs`), and no call repeats them.

mod json;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Our crates: what they log holds no secret, at any level; tests prove it.
const OURS: [&str; 17] = [
    "broker",
    "fixture",
    "fleet",
    "metering",
    "policy",
    "provider",
    "relink",
    "removal",
    "scheduler",
    "servers",
    "simulator",
    "store",
    "telemetry",
    "tests",
    "api",
    "operations",
    "worker",
];

/// Starts logging in this process. `filter` is a tracing filter (`info,store=debug`). Libraries are heard from `warn`
/// upwards whatever it says, for further down they print queries' parameters and whole frames, passwords included;
/// `lapin` not at all: each lost connection is an error to it, of no role and no queue, and each returned message a warning;
/// what it knows comes as a value, and `broker` says it, with both.
pub fn install(format: Format, filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        Format::Json => lines
            .fmt_fields(tracing_subscriber::fmt::format::JsonFields::new())
            .event_format(json::Lines)
            .boxed(),
        Format::Text => lines.with_target(false).with_ansi(false).compact().boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter).with_filter(filter_fn(may_speak)))
        .try_init()
        .map_err(|error| error.to_string())?;
    crate::panics::install();
    Ok(())
}

fn may_speak(line: &Metadata<'_>) -> bool {
    let target = line.target();
    let room = target.split("::").next().unwrap_or_default();
    // `worker_sends` is of the rooms `worker-…`.
    let is_ours = OURS.contains(&room) || room.starts_with("worker_");
    is_ours || (room != "lapin" && *line.level() <= Level::WARN)
}
