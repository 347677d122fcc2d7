//! Waiting for what must come, with an end. No test sleeps and then asserts.

use std::time::{Duration, Instant};

/// Between two looks at first; a look costs a query.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// Between two looks at what comes late.
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_millis(250);
/// What comes late is seen later by this part of the wait at most.
const LATER: u32 = 20;

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
            let waited = start.elapsed();
            assert!(waited < within, "never within {within:?}: {what} ({place})");
            let pause = (waited / LATER).clamp(LOOK_EVERY, LOOK_AT_LEAST_EVERY);
            tokio::time::sleep(pause).await;
        }
    }
}
