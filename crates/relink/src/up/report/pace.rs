//! How fast the fleet could be on this machine: what it owes within minutes of its own clock takes the machine seconds.

use jiff::{SignedDuration, Timestamp};
use store::report::WatchRun;

/// How long a linked session may be well before its account is connected.
pub(super) const LINKED_MAX: SignedDuration = SignedDuration::from_mins(15);
/// Seconds of the machine that work may take on top: at a high speed a minute of the fleet is a blink of it.
const MACHINE_MAX: SignedDuration = SignedDuration::from_secs(5);
/// Seconds of the machine within which a run of the status watch must end for its slowness to excuse anything.
const STANDSTILL: SignedDuration = SignedDuration::from_secs(20);
/// How long a job may be due that nobody took.
const DUE_MAX: SignedDuration = SignedDuration::from_mins(15);
/// Seconds of the machine after which the relay rings again for a job whose doorbell was lost.
const RING_AGAIN: SignedDuration = SignedDuration::from_secs(30);
/// Runs of the status watch, begun after a session is well, that an account may wait for: the second one asks again where
/// the first met a fault.
const RUNS: usize = 2;

/// Speed of the fleet's clock, and how fast its status watch was.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    /// Fleet's clock before anything was stopped.
    pub(crate) at: Timestamp,
    /// How many seconds of the fleet's clock pass in one of the machine's.
    pub(crate) speed: f64,
    /// In their order.
    pub(crate) runs: Vec<WatchRun>,
}

impl Pace {
    /// Time of the fleet's clock that the machine may take for anything.
    pub(super) fn slack(&self) -> SignedDuration {
        self.stretched(MACHINE_MAX)
    }

    /// Longest that a run of the status watch took, one under way included; zero before the first.
    pub(super) fn longest_run(&self) -> SignedDuration {
        let took = |run: &WatchRun| {
            run.ended_at
                .unwrap_or(self.at)
                .duration_since(run.started_at)
        };
        self.runs.iter().map(took).max().unwrap_or_default()
    }

    /// How old news of a session may be when it is acted upon.
    pub(super) fn lag(&self) -> SignedDuration {
        LINKED_MAX + self.slack() + self.longest_run()
    }

    /// Instant at which the account of a session that is well since `since` must be connected: 15 minutes later, or as soon as
    /// a slow machine's watch has seen it. A watch that stands still excuses nobody.
    pub(super) fn connected_by(&self, since: Timestamp) -> Timestamp {
        let plain = later(since, LINKED_MAX);
        let seen = self.runs.iter().filter(|run| run.started_at >= since);
        let applied = seen.filter(|run| run.is_applied);
        let seen_at = applied.filter_map(|run| run.ended_at).nth(RUNS - 1);
        let by = match seen_at {
            Some(at) => plain.max(at),
            None if self.stands_still() => plain,
            None => plain.max(self.at),
        };
        later(by, self.slack())
    }

    /// Instant before which whatever was due then must have been taken, or it is lost.
    pub(crate) fn lost_before(&self) -> Timestamp {
        let wait = DUE_MAX + self.stretched(RING_AGAIN) + self.slack();
        self.at.checked_sub(wait).unwrap_or(Timestamp::MIN)
    }

    fn stands_still(&self) -> bool {
        let last = self.runs.iter().filter_map(|run| run.ended_at).max();
        let quiet = last.map(|last| self.at.duration_since(last));
        quiet.is_none_or(|quiet| quiet > LINKED_MAX + self.stretched(STANDSTILL))
    }

    fn stretched(&self, wait: SignedDuration) -> SignedDuration {
        SignedDuration::try_from_secs_f64(wait.as_secs_f64() * self.speed).unwrap_or(wait)
    }
}

fn later(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
