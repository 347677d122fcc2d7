//! Workers under the leader's stopwatch.

use std::collections::HashMap;
use std::time::{Duration, Instant};
use store::workers::Pulse;

/// Silent for so long, a worker is dead: three of its signs did not come.
const SILENT: Duration = Duration::from_secs(15);
/// Two looks further apart than this have a hole between them, in which nobody could be heard.
const HOLE: Duration = Duration::from_secs(10);
/// A worker silent for so long is forgotten; until then people see that it was.
const GONE: Duration = Duration::from_hours(1);

/// What was heard of workers, look by look.
#[derive(Debug, Default)]
pub(super) struct Watched {
    workers: HashMap<String, Worker>,
    looked: Option<Instant>,
}

/// What was heard of one.
#[derive(Debug)]
struct Worker {
    beats: i64,
    /// First look that saw this many signs, or the first after a hole.
    since: Instant,
    proof: Proof,
    is_told: bool,
}

/// Whether this watch has heard a worker itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// A sign came while it watched.
    Heard,
    /// Its row was there already.
    Assumed,
    /// Its leases were given to others, and no sign came since.
    Lost,
}

impl Watched {
    /// Takes in a look that succeeded.
    pub(super) fn look(&mut self, now: Instant, pulses: &[Pulse]) {
        let is_hole = self
            .looked
            .is_none_or(|last| now.saturating_duration_since(last) > HOLE);
        let mut before = std::mem::take(&mut self.workers);
        self.workers = pulses
            .iter()
            .map(|pulse| {
                let worker = match before.remove(&pulse.name) {
                    Some(it) if it.beats == pulse.beats && !is_hole => Worker {
                        proof: if pulse.is_lost { Proof::Lost } else { it.proof },
                        ..it
                    },
                    _ => Worker {
                        beats: pulse.beats,
                        since: now,
                        proof: match (pulse.is_lost, is_hole) {
                            (true, _) => Proof::Lost,
                            (false, true) => Proof::Assumed,
                            (false, false) => Proof::Heard,
                        },
                        is_told: false,
                    },
                };
                (pulse.name.clone(), worker)
            })
            .collect();
        self.looked = Some(now);
    }

    /// Workers that are not silent.
    pub(super) fn heard(&self, now: Instant) -> Vec<&str> {
        let heard = self
            .workers
            .iter()
            .filter(|(_, worker)| worker.proof != Proof::Lost && !worker.is_silent(now));
        heard.map(|(name, _)| name.as_str()).collect()
    }

    /// Workers that are silent and whose leases are not given away yet. Where nobody at all is heard nobody is: then it is
    /// their way to the database that is gone, and nobody would take up their work.
    pub(super) fn silent(&self, now: Instant) -> Vec<(&str, i64)> {
        let is_heard = |it: &Worker| it.proof == Proof::Heard && !it.is_silent(now);
        if !self.workers.values().any(is_heard) {
            return vec![];
        }
        let silent = self
            .workers
            .iter()
            .filter(|(_, worker)| worker.proof != Proof::Lost && worker.is_silent(now));
        silent
            .map(|(name, worker)| (name.as_str(), worker.beats))
            .collect()
    }

    /// Workers that are to be forgotten.
    pub(super) fn gone(&self, now: Instant) -> Vec<(&str, i64)> {
        let gone = self
            .workers
            .iter()
            .filter(|(_, worker)| worker.silence(now) > GONE);
        gone.map(|(name, worker)| (name.as_str(), worker.beats))
            .collect()
    }

    /// How many are heard, for a gauge.
    pub(super) fn count_heard(&self, now: Instant) -> f64 {
        let heard = u32::try_from(self.heard(now).len());
        f64::from(heard.unwrap_or(u32::MAX))
    }

    /// Tells, once each, of those whose leases were given away.
    pub(super) fn tell_silent(&mut self, now: Instant) {
        let silent: Vec<String> = self
            .silent(now)
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        for name in silent {
            if let Some(worker) = self.workers.get_mut(&name)
                && !std::mem::replace(&mut worker.is_told, true)
            {
                metrics::counter!("relink_worker_deaths_total").increment(1);
                tracing::warn!(worker = name, "a worker is silent; its jobs go to others");
            }
        }
    }
}

impl Worker {
    fn silence(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }

    fn is_silent(&self, now: Instant) -> bool {
        self.silence(now) >= SILENT
    }
}

#[cfg(test)]
mod tests;
