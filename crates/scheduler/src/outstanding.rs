//! Which jobs have been rung for and not been taken yet. Pure but for the machine's stopwatch.
//!
//! This memory only saves doorbells: forgetting it (a restart, a takeover, a lost broker) rings twice, and the second
//! ring finds nothing to claim. That is also the rescue of lost messages (R-JOB-4): what has waited too long is
//! forgotten, and so rung for again.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};
use store::relay::DueJob;
use uuid::Uuid;

/// Jobs of one queue that are rung for.
#[derive(Debug)]
pub(crate) struct Outstanding {
    /// When, and for which attempt.
    rung: HashMap<Uuid, (Instant, i16)>,
    /// Attempts of the jobs that the last look found silent.
    silent: HashMap<Uuid, i16>,
    /// Those of them whose last ring nobody answered.
    unanswered: HashSet<Uuid>,
    patience: Duration,
}

impl Outstanding {
    /// `patience`: a job that nobody took for so long is rung for again.
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            rung: HashMap::new(),
            silent: HashMap::new(),
            unanswered: HashSet::new(),
            patience,
        }
    }

    /// Which of the due jobs must be rung for now. Jobs that are no longer due are forgotten.
    pub(crate) fn sift(&mut self, due: Vec<DueJob>, now: Instant) -> Vec<DueJob> {
        let mut kept = HashMap::with_capacity(due.len());
        let patience = self.patience;
        let mut silent = Vec::new();
        self.unanswered.clear();
        for job in due {
            match self.rung.get(&job.id) {
                // Another attempt has begun since and waits again: that ring was answered, and the job needs a new one.
                Some(&(at, attempt))
                    if attempt == job.attempt && now.duration_since(at) < patience =>
                {
                    kept.insert(job.id, (at, attempt));
                }
                Some(&(_, attempt)) if attempt == job.attempt => {
                    self.unanswered.insert(job.id);
                    silent.push(job);
                }
                _ => silent.push(job),
            }
        }
        self.rung = kept;
        self.silent = silent.iter().map(|job| (job.id, job.attempt)).collect();
        silent
    }

    /// Notes a ring.
    pub(crate) fn rang(&mut self, jobs: &[Uuid], now: Instant) {
        for &job in jobs {
            let attempt = self.silent.get(&job).copied().unwrap_or(0);
            self.rung.insert(job, (now, attempt));
        }
    }

    /// Whether the last look found that this job was rung for and nobody took it.
    pub(crate) fn is_unanswered(&self, job: Uuid) -> bool {
        self.unanswered.contains(&job)
    }

    /// A ring did not arrive: these are to be rung for again.
    pub(crate) fn forget(&mut self, jobs: &[Uuid]) {
        for job in jobs {
            self.rung.remove(job);
        }
    }

    /// The broker may have lost everything.
    pub(crate) fn forget_all(&mut self) {
        self.rung.clear();
    }

    /// Jobs that are rung for.
    pub(crate) fn len(&self) -> usize {
        self.rung.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(ids: &[Uuid]) -> Vec<DueJob> {
        ids.iter()
            .map(|&id| DueJob {
                id,
                kind: "x".to_owned(),
                run_at: jiff::Timestamp::UNIX_EPOCH,
                attempt: 0,
                careful: false,
                traceparent: None,
            })
            .collect()
    }

    fn ids(due: &[DueJob]) -> Vec<Uuid> {
        due.iter().map(|job| job.id).collect()
    }

    #[test]
    fn r_job_4_a_job_is_rung_for_once_until_it_was_silent_too_long() {
        let mut outstanding = Outstanding::new(Duration::from_secs(30));
        let start = Instant::now();
        let jobs = [Uuid::from_u128(1), Uuid::from_u128(2)];
        assert_eq!(ids(&outstanding.sift(due(&jobs), start)), jobs);
        outstanding.rang(&jobs, start);
        assert!(
            outstanding
                .sift(due(&jobs), start + Duration::from_millis(29_999))
                .is_empty()
        );
        assert!(!outstanding.is_unanswered(jobs[0]));
        assert_eq!(
            ids(&outstanding.sift(due(&jobs), start + Duration::from_secs(30))),
            jobs
        );
        assert!(outstanding.is_unanswered(jobs[0]));
    }

    #[test]
    fn r_job_4_a_ring_that_did_not_arrive_is_rung_again_at_once() {
        let mut outstanding = Outstanding::new(Duration::from_secs(30));
        let now = Instant::now();
        let jobs = [Uuid::from_u128(1), Uuid::from_u128(2)];
        outstanding.rang(&jobs, now);
        outstanding.forget(&jobs[..1]);
        assert_eq!(ids(&outstanding.sift(due(&jobs), now)), jobs[..1]);
        outstanding.rang(&jobs, now);
        outstanding.forget_all();
        assert_eq!(ids(&outstanding.sift(due(&jobs), now)), jobs);
    }

    #[test]
    fn r_job_3_a_job_whose_attempt_has_ended_is_rung_for_again_at_once_and_then_once() {
        let mut outstanding = Outstanding::new(Duration::from_secs(30));
        let now = Instant::now();
        let job = [Uuid::from_u128(1)];
        outstanding.sift(due(&job), now);
        outstanding.rang(&job, now);
        let again = || {
            let mut again = due(&job);
            again[0].attempt = 1;
            again
        };
        assert_eq!(ids(&outstanding.sift(again(), now)), job);
        outstanding.rang(&job, now);
        assert!(outstanding.sift(again(), now).is_empty());
    }

    #[test]
    fn jobs_that_are_no_longer_due_are_forgotten() {
        let mut outstanding = Outstanding::new(Duration::from_secs(30));
        let now = Instant::now();
        outstanding.rang(&[Uuid::from_u128(1), Uuid::from_u128(2)], now);
        assert!(outstanding.sift(due(&[Uuid::from_u128(2)]), now).is_empty());
        assert_eq!(outstanding.len(), 1);
    }
}
