//! Waiting for what must come, with an end. No test sleeps and then asserts.

use std::time::{Duration, Instant};

/// Between two looks; a look costs a query.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Looks again and again until `look` finds something; fails the test, saying what never came, after `within`.
#[track_caller]
pub fn eventually<T, L: Future<Output = Option<T>>>(
    what: &str,
    within: Duration,
    mut look: impl FnMut() -> L,
) -> impl Future<Output = T> {
    let place = std::panic::Location::caller();
    async move {
        let start = Instant::now();
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(
                start.elapsed() < within,
                "never within {within:?}: {what} ({place})"
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
