//! `relink simulator`.

use super::{Failure, configure};
use fleet::{config::Reader, log, shutdown};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::net::TcpListener;

/// Where it listens unless `RELINK_SIMULATOR_ADDRESS` says otherwise.
const PORT: u16 = 9470;

pub(crate) async fn run() -> Result<ExitCode, Failure> {
    let (process, address, config) = configure(|reader| {
        let process = reader.process(PORT);
        let address = SocketAddr::from(([127, 0, 0, 1], PORT));
        let address = reader.value(
            "RELINK_SIMULATOR_ADDRESS",
            address,
            "an address like 127.0.0.1:9470",
        );
        (process, address, read(reader))
    })?;
    log::install(process.log_format, &process.log_filter).map_err(Failure::new)?;
    let listener = TcpListener::bind(address).await?;
    tracing::info!(%address, "simulating the provider");
    simulator::serve(listener, config, shutdown::token(process.stop_with_stdin)?).await?;
    Ok(ExitCode::SUCCESS)
}

fn read(reader: &mut Reader<'_>) -> simulator::Config {
    let key = reader.secret(
        "RELINK_PROVIDER_API_KEY",
        "the key that the simulator accepts",
    );
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulator's clock is its own; it starts at the machine's"
    )]
    let now = Timestamp::now();
    let from = reader.value(
        "RELINK_SIMULATOR_FROM",
        now,
        "an instant like 2026-01-31T12:00:00Z",
    );
    let mut config = simulator::Config::new(key.expose_secret(), from);
    config.seed = reader.value("RELINK_SIMULATOR_SEED", 0, "a whole number");
    config.speed = reader.value("RELINK_SIMULATOR_SPEED", 1.0, "a number above zero");
    let lives: PathBuf = reader.value("RELINK_SIMULATOR_LIVES", PathBuf::new(), "a path");
    config.lives_file = (!lives.as_os_str().is_empty()).then_some(lives);
    if !(config.speed > 0.0 && config.speed.is_finite()) {
        reader.mistake("RELINK_SIMULATOR_SPEED", "must be a number above zero");
        config.speed = 1.0;
    }
    config
}
