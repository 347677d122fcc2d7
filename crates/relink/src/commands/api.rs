//! `relink api`.

use super::{Failure, Running, configure};
use api::{Api, Config};
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
    let api = Api::bind(&config, Store::new(database)?).await?;
    let running = Running::start(&process, |stop| api.checks(stop)).await?;
    let left = api.run(running.stop.clone()).await;
    tracing::info!(left, "stopped");
    running.end().await?;
    Ok(ExitCode::SUCCESS)
}
