//! SIGTERM and Ctrl-C: the first asks, the second insists (R-Q-4).

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Exit code of a process that a second signal ended: as safe as `kill -9`, and as abrupt.
const INSISTED: i32 = 130;

/// A token that the first SIGTERM or SIGINT cancels. The second ends the process at once.
///
/// With `with_stdin`, the end of standard input is the first signal: whoever started this process holds the other end,
/// so that it stops also when its parent was killed.
pub fn token(with_stdin: bool) -> Result<CancellationToken, std::io::Error> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let first = stop.clone();
    tokio::spawn(async move {
        let mut parent = std::pin::pin!(parent_is_gone(with_stdin));
        let mut is_orphan = false;
        for round in 1.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = &mut parent, if !is_orphan => is_orphan = true,
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

async fn parent_is_gone(with_stdin: bool) {
    if !with_stdin {
        std::future::pending::<()>().await;
    }
    // Nobody writes to it; any answer but a byte means that the other end is closed.
    tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink())
        .await
        .ok();
}
