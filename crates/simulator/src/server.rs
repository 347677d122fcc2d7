//! One simulator from start to stop.

use crate::net::{Connections, Peer};
use crate::world::World;
use crate::{Config, dispatch, routes, script};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long answers that are under way may take once the simulator was told to stop.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// Why a simulator could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The speed is not above zero, or not a number.
    #[error("run at a speed of {0}")]
    Speed(f64),
    /// The log's file cannot be appended to.
    #[error("open the log's file")]
    LogFile(#[source] std::io::Error),
    /// The client for webhooks could not be built.
    #[error("build the client for webhooks")]
    Client(#[source] reqwest::Error),
    /// The listener failed.
    #[error("serve the simulator")]
    Serve(#[source] std::io::Error),
}

/// Runs a simulator until `stop` is cancelled; answers under way then get two seconds, waiting webhooks are not sent.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    if !(config.speed > 0.0 && config.speed.is_finite()) {
        return Err(ServeError::Speed(config.speed));
    }
    let (world, lanes) = World::new(&config).map_err(ServeError::LogFile)?;
    let world = Arc::new(world);
    let client = dispatch::client().map_err(ServeError::Client)?;
    let stop = stop.child_token();
    let _stop_all = stop.clone().drop_guard();
    let mut tasks = JoinSet::new();
    for lane in lanes {
        tasks.spawn(dispatch::run(
            Arc::clone(&world),
            client.clone(),
            lane,
            stop.clone(),
        ));
    }
    tasks.spawn(script::run(Arc::clone(&world), stop.clone()));

    let app = routes::router(&world).into_make_service_with_connect_info::<Peer>();
    let server = axum::serve(Connections(listener), app)
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    let patience = async {
        stop.cancelled().await;
        tokio::time::sleep(STOP_WITHIN).await;
    };
    let outcome = tokio::select! {
        outcome = server => outcome,
        () = patience => Ok(()),
    };
    stop.cancel();
    tasks.join_all().await;
    outcome.map_err(ServeError::Serve)
}
