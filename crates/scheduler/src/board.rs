//! How the leader's duties stand: who succeeded last, who fails since when and why. For readiness, metrics and people.

use metrics::gauge;
use policy::duties::LeaderDuty;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Standing of all duties in this process. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Board {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    duties: [Health; LeaderDuty::ALL.len()],
    asked: Option<Instant>,
}

/// Standing of one duty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health {
    /// End of its last round that succeeded; none before the first.
    pub(crate) succeeded: Option<Instant>,
    /// Rounds in a row that failed.
    pub(crate) failures: u32,
    /// What the last of these met.
    pub(crate) error: String,
}

impl Board {
    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lease was asked for, and the database answered.
    pub(crate) fn asked(&self) {
        self.shared().asked = Some(Instant::now());
    }

    /// When the lease was last asked for with an answer.
    pub(crate) fn last_asked(&self) -> Option<Instant> {
        self.shared().asked
    }

    pub(crate) fn health(&self, duty: LeaderDuty) -> Health {
        self.shared().duties[duty as usize].clone()
    }

    pub(crate) fn succeeded(&self, duty: LeaderDuty) {
        self.succeeded_but(duty, String::new());
    }

    /// Notes a round that succeeded as a whole, and what did not of it; empty if all did.
    pub(crate) fn succeeded_but(&self, duty: LeaderDuty, error: String) {
        self.shared().duties[duty as usize] = Health {
            succeeded: Some(Instant::now()),
            failures: 0,
            error,
        };
        gauge!("relink_scheduler_duty_last_success_timestamp_seconds", "duty" => duty.as_str())
            .set(machine_time());
    }

    /// Notes a round that failed. How many have in a row.
    pub(crate) fn failed(&self, duty: LeaderDuty, error: &str) -> u32 {
        let mut shared = self.shared();
        let health = &mut shared.duties[duty as usize];
        health.failures = health.failures.saturating_add(1);
        error.clone_into(&mut health.error);
        health.failures
    }

    /// Duties that fail, each with its last error; empty if none does.
    pub(crate) fn failing(&self) -> String {
        let duties = LeaderDuty::ALL.into_iter().filter_map(|duty| {
            let Health {
                succeeded: _,
                failures,
                error,
            } = self.health(duty);
            let often = match failures {
                0 => String::new(),
                many => format!(" fails ({many} in a row)"),
            };
            (!error.is_empty()).then(|| format!("{duty}{often}: {error}"))
        });
        duties.collect::<Vec<_>>().join("; ")
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "Prometheus compares it with its own machine's clock; nothing is decided by it"
)]
fn machine_time() -> f64 {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
