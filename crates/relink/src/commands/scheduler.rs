//! `relink scheduler`.

use super::{Failure, Running, configure};
use fleet::config::Reader;
use metering::catalogue::Exporter;
use scheduler::{Scheduler, SchedulerOptions};
use std::process::ExitCode;
use std::time::Duration;
use store::Store;

/// Where health and metrics are served unless `RELINK_HTTP_ADDRESS` says otherwise.
const HTTP_PORT: u16 = 9464;

/// How a scheduler keeps time.
pub(crate) fn options(reader: &mut Reader<'_>) -> SchedulerOptions {
    SchedulerOptions {
        lease: reader.seconds("RELINK_SCHEDULER_LEASE_SECONDS", 15, 1..=300),
        patience: reader.seconds("RELINK_RELAY_PATIENCE_SECONDS", 30, 1..=3600),
        rescue_every: reader.seconds("RELINK_RESCUE_SECONDS", 1, 1..=60),
    }
}

pub(crate) async fn run() -> Result<ExitCode, Failure> {
    let (process, database, broker, options) = configure(|reader| {
        let mut database = reader.database("relink-scheduler");
        database.statement_timeout = Duration::from_secs(10);
        let options = options(reader);
        (
            reader.process(HTTP_PORT),
            database,
            reader.broker(),
            options,
        )
    })?;
    let scheduler = Scheduler::new(Store::new(database)?, broker, duties::roster(), options);
    let (told, probes) = (Exporter::Scheduler, scheduler.probes());
    let running = Running::start("relink-scheduler", &process, told, probes, |_| {
        scheduler.checks()
    })
    .await?;
    tracing::info!("scheduling");
    scheduler.run(running.stop.clone()).await?;
    running.end().await?;
    Ok(ExitCode::SUCCESS)
}
