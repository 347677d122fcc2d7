//! `relink api`.

use super::{Failure, Running, configure};
use api::{Api, Config};
use metering::catalogue::Exporter;
use std::process::ExitCode;
use store::Store;

/// Where health and metrics are served unless `RELINK_HTTP_ADDRESS` says otherwise.
const HTTP_PORT: u16 = 9466;

pub(crate) async fn run() -> Result<ExitCode, Failure> {
    let (process, database, config) = configure(|reader| {
        (
            reader.process(HTTP_PORT),
            reader.database("relink-api"),
            Config::read(reader),
        )
    })?;
    let store = Store::new(database)?;
    let probes = vec![metering::pool(store.clone())];
    let api = Api::bind(&config, store).await?;
    let running = Running::start("relink-api", &process, Exporter::Api, probes, |stop| {
        api.checks(stop)
    })
    .await?;
    metering::zero(Exporter::Api, &[], &[]);
    let left = api.run(running.stop.clone()).await;
    tracing::info!(left, "stopped");
    running.end().await?;
    Ok(ExitCode::SUCCESS)
}
