//! SIGTERM and Ctrl-C: the first asks, the second insists (R-Q-4).

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Exit code of a process that a second signal ended: as safe as `kill -9`, and as abrupt.
const INSISTED: i32 = 130;

/// A token that the first SIGTERM or SIGINT cancels. The second ends the process at once.
pub fn token() -> Result<CancellationToken, std::io::Error> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let first = stop.clone();
    tokio::spawn(async move {
        for round in 1.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if round > 1 {
                tracing::warn!("asked twice to stop; ending at once");
                std::process::exit(INSISTED);
            }
            tracing::info!("asked to stop; finishing what has started");
            first.cancel();
        }
    });
    Ok(stop)
}
