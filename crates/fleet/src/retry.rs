//! Every delay before another try: exponential with full jitter. The only module that names `backoff`.

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff as _;
use std::time::Duration;

/// Attempts after which a delay grows no more.
const DOUBLINGS_MAX: u32 = 16;
/// No retry of a job waits longer.
pub const JOB_RETRY_MAX: Duration = Duration::from_mins(10);
/// No attempt to reconnect to a server waits longer.
const RECONNECT_MAX: Duration = Duration::from_secs(5);

/// The delay before try `failures + 1`: anything from nothing to `base · 2^(failures − 1)`, at most `max`.
pub fn delay(failures: u32, base: Duration, max: Duration) -> Duration {
    let doublings = failures.saturating_sub(1).min(DOUBLINGS_MAX);
    let ceiling = base.saturating_mul(1 << doublings).min(max);
    // `backoff` spreads a delay over ± its randomization factor; a factor of 1 around half the ceiling is full jitter.
    let mut spread = ExponentialBackoff {
        current_interval: ceiling / 2,
        initial_interval: ceiling / 2,
        randomization_factor: 1.0,
        max_interval: max,
        max_elapsed_time: None,
        ..ExponentialBackoff::default()
    };
    spread.next_backoff().unwrap_or(ceiling).min(max)
}

/// The delay before try `failures + 1` to reach a server.
pub fn reconnect(failures: u32) -> Duration {
    // Never quite nothing, or a refused connection would be tried in a tight loop.
    delay(failures, Duration::from_millis(200), RECONNECT_MAX) + Duration::from_millis(50)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_job_3_delays_double_are_spread_from_nothing_and_have_a_ceiling() {
        let (base, max) = (Duration::from_secs(1), Duration::from_mins(1));
        for (failures, ceiling_s) in [
            (0, 1),
            (1, 1),
            (2, 2),
            (3, 4),
            (6, 32),
            (7, 60),
            (60, 60),
            (u32::MAX, 60),
        ] {
            let ceiling = Duration::from_secs(ceiling_s);
            let delays: Vec<Duration> = (0..400).map(|_| delay(failures, base, max)).collect();
            assert!(
                delays.iter().all(|one| *one <= ceiling),
                "{failures}: {delays:?}"
            );
            assert!(
                delays.iter().any(|one| *one < ceiling / 4),
                "{failures} is not spread downwards"
            );
            assert!(
                delays.iter().any(|one| *one > ceiling / 2),
                "{failures} is not spread upwards"
            );
        }
    }
}
