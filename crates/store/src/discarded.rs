//! Connections that are not handed out again: those that an error spoke of, and old ones.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Age that every connection reaches. What it leads to may long play another part, and what it has cached only grows.
const AGE_MIN: Duration = Duration::from_mins(24);
/// Connections that were made together are not to end together: each lives longer than that by a part of this.
const AGE_SPREAD: Duration = Duration::from_mins(6);
/// How often those that nobody takes are looked through.
const SWEEP_EVERY: Duration = Duration::from_secs(30);

/// Connections that must leave their pool, each known by the instant that it was made.
#[derive(Debug)]
pub(crate) struct Discarded(Mutex<Known>);

#[derive(Debug)]
struct Known {
    /// All that were made until then.
    until: Option<Instant>,
    alone: Vec<Instant>,
    swept_at: Instant,
}

impl Default for Discarded {
    fn default() -> Self {
        Self(Mutex::new(Known {
            until: None,
            alone: vec![],
            swept_at: Instant::now(),
        }))
    }
}

impl Discarded {
    /// From now on the connection that was made then is not handed out.
    pub(crate) fn note(&self, made: Instant) {
        let mut known = self.known();
        known
            .alone
            .retain(|other| other.elapsed() < AGE_MIN + AGE_SPREAD);
        known.alone.push(made);
    }

    /// From now on no connection is handed out that was made before.
    pub(crate) fn note_all(&self) {
        self.known().until = Some(Instant::now());
    }

    /// Whether the connection that was made then may be used again.
    pub(crate) fn keeps(&self, made: Instant) -> bool {
        let known = self.known();
        made.elapsed() < age_max(made)
            && known.until.is_none_or(|until| until < made)
            && !known.alone.contains(&made)
    }

    /// Whether those that nobody takes are to be looked through now; true for one who asks.
    pub(crate) fn is_sweep_due(&self) -> bool {
        let mut known = self.known();
        let is_due = SWEEP_EVERY <= known.swept_at.elapsed();
        if is_due {
            known.swept_at = Instant::now();
        }
        is_due
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Longest life of one connection: spread by the instant that it was made, which no two share.
fn age_max(made: Instant) -> Duration {
    let mut hasher = DefaultHasher::new();
    made.hash(&mut hasher);
    AGE_MIN + Duration::from_secs(hasher.finish() % AGE_SPREAD.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_kept_until_an_error_speaks_of_it_or_of_all() {
        let discarded = Discarded::default();
        let first = Instant::now();
        let second = first + Duration::from_nanos(1);
        assert!(discarded.keeps(first) && discarded.keeps(second));
        discarded.note(first);
        assert!(!discarded.keeps(first) && discarded.keeps(second));
        discarded.note_all();
        assert!(!discarded.keeps(second));
        assert!(discarded.keeps(Instant::now() + Duration::from_secs(1)));
    }

    #[test]
    fn a_connection_is_kept_until_its_age() {
        let discarded = Discarded::default();
        for (minutes, expected) in [(23, true), (30, false)] {
            // A machine that started a moment ago has no such instant.
            if let Some(made) = Instant::now().checked_sub(Duration::from_mins(minutes)) {
                assert_eq!(discarded.keeps(made), expected, "{minutes} min");
            }
        }
    }

    #[test]
    fn connections_that_were_made_together_end_apart() {
        let start = Instant::now();
        let ages = (0..16).map(|n| age_max(start + Duration::from_nanos(n)));
        let ages: std::collections::BTreeSet<_> = ages.collect();
        assert!(8 < ages.len(), "{ages:?}");
        let range = AGE_MIN..AGE_MIN + AGE_SPREAD;
        assert!(ages.iter().all(|age| range.contains(age)), "{ages:?}");
    }
}
