//! The commands for real use, each configured by `RELINK_*`.

pub(crate) mod accounts;
mod act;
pub(crate) mod adopt;
pub(crate) mod alerts;
pub(crate) mod api;
pub(crate) mod attempts;
pub(crate) mod audit;
pub(crate) mod campaigns;
pub(crate) mod cases;
pub(crate) mod completions;
pub(crate) mod dead;
pub(crate) mod doctor;
pub(crate) mod duplicates;
pub(crate) mod enrollments;
pub(crate) mod flag;
pub(crate) mod latch;
pub(crate) mod links;
pub(crate) mod losses;
pub(crate) mod mail;
pub(crate) mod migrate;
mod minting;
mod named;
pub(crate) mod notices;
pub(crate) mod operator;
mod page;
pub(crate) mod pause;
pub(crate) mod probe;
pub(crate) mod queues;
pub(crate) mod recoveries;
pub(crate) mod removals;
pub(crate) mod scheduler;
pub(crate) mod schedules;
pub(crate) mod sends;
pub(crate) mod sessions;
pub(crate) mod simulator;
mod table;
pub(crate) mod warrant;
pub(crate) mod watch;
pub(crate) mod webhooks;
pub(crate) mod why;
mod words;
pub(crate) mod worker;
pub(crate) mod workers;
pub(crate) mod workspace;

use fleet::config::{Environment, Mistakes, Process, Reader};
use fleet::{chain, http, log, settings, shutdown};
use metering::Probe;
use metering::catalogue::Exporter;
use std::error::Error;
use std::fmt;
use std::sync::OnceLock;
use tokio_util::sync::CancellationToken;

/// What a program is told when a command ends.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    done; of a check: all is well
  1    refused or failed, standard error says why; of a check: something is not well
  2    the command line is wrong
  130  ended by a second signal
";

/// Why a command did not do what it was asked, for a person.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(chain(&error))
    }
}

/// Settings of this process; set once.
static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();

/// Settings of this process: those that it was started with, unless [`use_environment`] gave it others.
pub(crate) fn environment() -> &'static Environment {
    ENVIRONMENT.get_or_init(Environment::of_process)
}

/// Gives this process other settings, before any is read.
pub(crate) fn use_environment(environment: Environment) -> Result<(), Failure> {
    let used = ENVIRONMENT.set(environment);
    used.map_err(|_| Failure::new("settings were read before they were set"))
}

/// Reads the environment, all mistakes at once.
pub(crate) fn configure<T>(read: impl FnOnce(&mut Reader<'_>) -> T) -> Result<T, Mistakes> {
    let environment = environment();
    let mut reader = Reader::new(environment);
    let value = read(&mut reader);
    for name in settings::unknown(environment) {
        reader.mistake(name, "there is no such setting");
    }
    reader.finish(value)
}

/// A long-running process: logs, metrics, health, signals.
pub(crate) struct Running {
    /// Cancelled by the first SIGTERM or Ctrl-C.
    pub(crate) stop: CancellationToken,
    /// Cancelled when the work is over: health is served until then.
    over: CancellationToken,
    health: tokio::task::JoinHandle<Result<(), std::io::Error>>,
    traces: telemetry::Exporting,
}

impl Running {
    /// Starts logging, tracing, counting and answering on the process's address.
    pub(crate) async fn start(
        service: &'static str,
        process: &Process,
        exporter: Exporter,
        probes: Vec<Probe>,
        checks: impl FnOnce(&CancellationToken) -> Vec<http::Check>,
    ) -> Result<Self, Failure> {
        log::install(process.log_format, &process.log_filter)
            .map_err(|error| Failure(format!("RELINK_LOG: {error}")))?;
        let traces = telemetry::install(service)?;
        let counted = metering::install(exporter, probes).map_err(Failure)?;
        let listener = http::bind(process.http).await.map_err(Failure)?;
        tracing::info!(address = %listener.local_addr()?, "health and metrics are served");
        let stop = shutdown::token(process.stop_with_stdin)?;
        let over = CancellationToken::new();
        let checks = checks(&stop);
        let health = tokio::spawn(http::serve(listener, checks, counted, over.clone()));
        Ok(Self {
            stop,
            over,
            health,
            traces,
        })
    }

    /// Tells what is left of the traces, and ends the health server.
    pub(crate) async fn end(self) -> Result<(), Failure> {
        self.traces.end().await;
        self.over.cancel();
        Ok(self.health.await??)
    }
}
