//! `relink api`.

use super::{Failure, Running, configure, minting, removals, webhooks};
use api::{Api, Config};
use fleet::config::Reader;
use metering::catalogue::Exporter;
use std::net::SocketAddr;
use std::process::ExitCode;
use store::Store;

/// Where health and metrics are served unless `RELINK_HTTP_ADDRESS` says otherwise.
const HTTP_PORT: u16 = 9466;

pub(crate) async fn run() -> Result<ExitCode, Failure> {
    let (process, database, config, mints) = configure(|reader| {
        (
            reader.process(HTTP_PORT),
            reader.database("relink-api"),
            settings(reader),
            minting::settings(reader),
        )
    })?;
    let store = Store::new(database)?;
    let probes = vec![metering::pool(store.clone())];
    let minter = mints.minter(store.clone())?;
    let api = Api::bind(&config, store, minter).await?;
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

/// Reads the environment.
fn settings(reader: &mut Reader<'_>) -> Config {
    let mut address = |name: &str, port: u16| {
        let default = SocketAddr::from(([127, 0, 0, 1], port));
        reader.value(name, default, "an address like 0.0.0.0:8080")
    };
    Config {
        product: address("RELINK_API_PRODUCT_ADDRESS", 8080),
        ops: address("RELINK_API_OPS_ADDRESS", 8081),
        webhooks: address("RELINK_API_WEBHOOKS_ADDRESS", 8082),
        rate_per_minute: reader.number("RELINK_API_RATE_PER_MINUTE", 600, 1..=600_000),
        requests_max: reader.number("RELINK_API_REQUESTS_MAX", 64, 1..=1_000),
        connections_max: reader.number("RELINK_API_CONNECTIONS_MAX", 512, 1..=10_000),
        read_timeout: reader.seconds("RELINK_API_READ_SECONDS", 10, 1..=120),
        drain: reader.seconds("RELINK_DRAIN_SECONDS", 25, 1..=600),
        removals: removals::settings(reader),
        webhook_secrets: webhooks::webhook_secrets(reader),
    }
}
