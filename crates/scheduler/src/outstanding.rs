//! Which jobs have been rung for and not been taken yet. Pure but for the machine's stopwatch.
//!
//! This memory only saves doorbells: forgetting it (a restart, a takeover, a lost broker) rings twice, and the second
//! ring finds nothing to claim. That is also the rescue of lost messages (R-JOB-4): what has waited too long is rung for
//! again, if the queue has not got its doorbell any more. A time alone proves nothing: without workers every doorbell
//! waits, and ringing again would pile them up.

use crate::relay::LaneKey;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};
use store::relay::{DueJob, OpenJob};
use uuid::Uuid;

/// A job whose queue holds no doorbell lies in the hands of a worker that may be frozen; so it is rung again this early.
const EARLY: Duration = Duration::from_secs(5);
/// Longest patience with one job.
const PATIENCE_MAX: Duration = Duration::from_mins(10);
/// Jobs in workers' hands that are followed, for each queue. Of more, a lap finds what comes back.
const TAKEN_MAX: usize = 20_000;

/// Jobs of one queue that are rung for.
#[derive(Debug)]
pub(crate) struct Outstanding {
    rung: HashMap<Uuid, Rung>,
    /// Jobs that somebody has, by lane: they wait again when a run fails, is handed back or vanishes.
    taken: HashMap<Uuid, LaneKey>,
    /// Doorbells so far.
    bells: u64,
    patience: Duration,
}

/// A job that is rung for.
#[derive(Clone, Copy, Debug)]
struct Rung {
    lane: LaneKey,
    attempt: i16,
    at: Instant,
    /// Number of its doorbell: the greater, the later.
    bell: u64,
    /// When the queue is to be asked whether it is still there.
    check_at: Instant,
    /// Times that it was looked for in vain.
    checks: u32,
    is_suspect: bool,
    /// Its doorbell is lost, or not worth waiting for: to be rung for again.
    is_lapsed: bool,
}

impl Rung {
    fn is_unanswered(&self, job: &OpenJob, now: jiff::Timestamp) -> bool {
        job.is_waiting && job.run_at <= now && job.attempt == self.attempt
    }
}

/// A job that waits again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Returned {
    /// Its lane.
    pub(crate) lane: LaneKey,
    /// When it comes due.
    pub(crate) at: jiff::Timestamp,
}

impl Outstanding {
    /// `patience`: a job that nobody took for so long is looked for in its queue.
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            rung: HashMap::new(),
            taken: HashMap::new(),
            bells: 0,
            patience,
        }
    }

    /// Jobs to ask the database about: those rung for; with `with_taken` those in workers' hands too.
    pub(crate) fn asked(&self, with_taken: bool) -> Vec<Uuid> {
        let taken = self.taken.keys().filter(|_| with_taken);
        self.rung.keys().chain(taken).copied().collect()
    }

    /// One job of each doorbell, where that is less to ask about than all of them: claims take whole doorbells.
    pub(crate) fn heads(&self) -> Option<Vec<Uuid>> {
        let heads: HashMap<u64, Uuid> = self.rung.iter().map(|(id, it)| (it.bell, *id)).collect();
        (heads.len() < self.rung.len()).then(|| heads.into_values().collect())
    }

    /// Jobs of the doorbells whose head is open no more as it was rung for.
    pub(crate) fn answered(
        &self,
        heads: &[Uuid],
        open: &[OpenJob],
        now: jiff::Timestamp,
    ) -> Vec<Uuid> {
        let open: HashMap<Uuid, &OpenJob> = open.iter().map(|job| (job.id, job)).collect();
        let is_answered =
            |id: &Uuid, rung: &Rung| open.get(id).is_none_or(|job| !rung.is_unanswered(job, now));
        let heads = heads.iter().filter_map(|id| Some((id, self.rung.get(id)?)));
        let bells: HashSet<u64> = heads
            .filter(|(id, rung)| is_answered(id, rung))
            .map(|(_, rung)| rung.bell)
            .collect();
        let of = self.rung.iter().filter(|(_, it)| bells.contains(&it.bell));
        of.map(|(id, _)| *id).collect()
    }

    /// Takes in which of the `asked` jobs are not over at `now`. What waits for another attempt, or for later, has
    /// answered its ring: returned.
    pub(crate) fn sift(
        &mut self,
        asked: &[Uuid],
        open: &[OpenJob],
        now: jiff::Timestamp,
    ) -> Vec<Returned> {
        let open: HashMap<Uuid, OpenJob> = open.iter().map(|job| (job.id, *job)).collect();
        let mut returned = Vec::new();
        for id in asked {
            let found = open.get(id);
            let rung = self.rung.get(id).copied();
            let Some(lane) = rung.map(|it| it.lane).or(self.taken.get(id).copied()) else {
                continue;
            };
            let is_unanswered = |rung: Rung| found.is_some_and(|job| rung.is_unanswered(job, now));
            if rung.is_some_and(is_unanswered) {
                continue;
            }
            self.rung.remove(id);
            self.taken.remove(id);
            match found {
                Some(job) if job.is_waiting => {
                    let at = job.run_at;
                    returned.push(Returned { lane, at });
                }
                Some(_) if self.taken.len() < TAKEN_MAX => {
                    self.taken.insert(*id, lane);
                }
                _ => {}
            }
        }
        returned
    }

    /// Notes a ring of some jobs, in one doorbell.
    pub(crate) fn rang<'a>(
        &mut self,
        jobs: impl Iterator<Item = (&'a DueJob, LaneKey)>,
        is_suspect: bool,
        now: Instant,
    ) {
        self.bells += 1;
        for (job, lane) in jobs {
            let before = self.rung.get(&job.id);
            let checks = before.map_or(0, |rung| rung.checks);
            let first = doubled(EARLY.min(self.patience), checks);
            let rung = Rung {
                lane,
                attempt: job.attempt,
                at: now,
                bell: self.bells,
                check_at: now + first,
                checks,
                is_suspect,
                is_lapsed: false,
            };
            self.rung.insert(job.id, rung);
        }
    }

    /// Whether this job was rung for before, and nobody took it for as long as patience lasts.
    pub(crate) fn is_unanswered(&self, job: Uuid, now: Instant) -> bool {
        self.rung
            .get(&job)
            .is_some_and(|rung| rung.is_lapsed && now.duration_since(rung.at) >= self.patience)
    }

    /// Whether this job was rung for before.
    pub(crate) fn is_rung(&self, job: Uuid) -> bool {
        self.rung.contains_key(&job)
    }

    /// When the queue is to be asked how much lies in it; none while nothing is rung for.
    pub(crate) fn check_at(&self) -> Option<Instant> {
        self.live().map(|(_, rung)| rung.check_at).min()
    }

    /// Judges what is overdue by how many messages are `ready` in the queue; none if nobody could say. The newest doorbells
    /// are those that lie there. Older ones are in hands or lost: rung for again, once patience is over, or early if the
    /// queue is empty. Returns their lanes.
    pub(crate) fn judge(&mut self, ready: Option<u32>, now: Instant) -> Vec<LaneKey> {
        let bells: BTreeSet<u64> = self.live().map(|(_, rung)| rung.bell).collect();
        let ready = ready.map(|it| usize::try_from(it).unwrap_or(usize::MAX));
        let newest = bells.iter().rev().nth(ready.unwrap_or(0)).copied();
        let patience = self.patience;
        let mut lost = Vec::new();
        let overdue = |rung: &&mut Rung| !rung.is_lapsed && rung.check_at <= now;
        for rung in self.rung.values_mut().filter(overdue) {
            let is_early = now.duration_since(rung.at) < patience;
            let is_lost = if is_early {
                ready == Some(0)
            } else {
                newest.is_some_and(|newest| rung.bell <= newest)
            };
            if is_lost {
                rung.is_lapsed = true;
                rung.checks += 1;
                lost.push(rung.lane);
            } else if is_early {
                rung.check_at = rung.at + patience;
            } else {
                rung.checks += 1;
                rung.check_at = now + doubled(patience, rung.checks);
            }
        }
        lost
    }

    /// Rings that did not arrive, or that a pause has overtaken: forgotten. Returns their lanes.
    pub(crate) fn forget(&mut self, jobs: &[Uuid]) -> Vec<LaneKey> {
        let forgotten = jobs.iter().filter_map(|job| self.rung.remove(job));
        forgotten.map(|rung| rung.lane).collect()
    }

    /// The broker may have lost everything. Returns the lanes of what was rung for.
    pub(crate) fn forget_all(&mut self) -> Vec<LaneKey> {
        let rung = std::mem::take(&mut self.rung);
        rung.into_values().map(|rung| rung.lane).collect()
    }

    /// Jobs that are rung for and not to be rung for again.
    pub(crate) fn live_ids(&self) -> Vec<Uuid> {
        self.live().map(|(id, _)| *id).collect()
    }

    /// How many of them each lane has.
    pub(crate) fn by_lane(&self) -> HashMap<LaneKey, usize> {
        let mut lanes = HashMap::new();
        for (_, rung) in self.live() {
            *lanes.entry(rung.lane).or_default() += 1;
        }
        lanes
    }

    /// A suspect is rung for: no other may be.
    pub(crate) fn has_suspect(&self) -> bool {
        self.live().any(|(_, rung)| rung.is_suspect)
    }

    /// Jobs that are rung for.
    pub(crate) fn len(&self) -> usize {
        self.live().count()
    }

    fn live(&self) -> impl Iterator<Item = (&Uuid, &Rung)> {
        self.rung.iter().filter(|(_, rung)| !rung.is_lapsed)
    }
}

fn doubled(wait: Duration, times: u32) -> Duration {
    wait.saturating_mul(1 << times.min(16)).min(PATIENCE_MAX)
}

#[cfg(test)]
mod tests;
