//! Whether duties decide anything (R-WAT-5). Looked at by the leader alone, in a task of its own: what fails here stops
//! nothing else, and nothing else stops it (R-JOB-8).

use crate::leader::Standing;
use fleet::{Entry, chain};
use metrics::counter;
use policy::decision::Alert;
use policy::duties::{UNSCHEDULED, blind_alerts};
use policy::jobs::Kind;
use policy::schedule::Period;
use std::time::{Duration, Instant};
use store::{Store, StoreError, Tx};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Between two looks, machine time; under a faster clock a minute of that, but no less than a second.
const EVERY: Duration = Duration::from_secs(15);
/// A new leader lets the fleet work for so long before it calls anything blind that its runs do not prove: nobody may have
/// led before it.
const GRACE: Duration = Duration::from_mins(1);

/// Looks at duties for as long as this process leads.
pub(crate) struct DutyWatch {
    store: Store,
    standing: watch::Receiver<Option<Standing>>,
}

impl DutyWatch {
    pub(crate) fn new(store: Store, standing: watch::Receiver<Option<Standing>>) -> Self {
        Self { store, standing }
    }

    /// Looks until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut led: Option<(i64, Instant)> = None;
        let mut wait = EVERY;
        while let Some(Some(epoch)) = stop.run_until_cancelled(self.leads()).await {
            let since = match led {
                Some((before, since)) if before == epoch => since,
                _ => led.insert((epoch, Instant::now())).1,
            };
            if stop
                .run_until_cancelled(tokio::time::sleep(wait))
                .await
                .is_none()
            {
                return;
            }
            if !(*self.standing.borrow()).is_some_and(|it| it.holds()) {
                continue;
            }
            let leader = if since.elapsed() < GRACE {
                Leader::New
            } else {
                Leader::Settled
            };
            match stop
                .run_until_cancelled(watch_duties(&self.store, leader))
                .await
            {
                Some(Ok(rate)) => wait = between_looks(rate),
                Some(Err(error)) => {
                    counter!("relink_duty_watch_failures_total").increment(1);
                    tracing::warn!(error = chain(&error), "the duties could not be looked at");
                }
                None => return,
            }
        }
    }

    /// Waits until this process leads; the epoch in which it does. None: nobody schedules any more.
    async fn leads(&mut self) -> Option<i64> {
        let held = self
            .standing
            .wait_for(|standing| standing.as_ref().is_some_and(Standing::holds))
            .await
            .ok()?;
        held.map(|standing| standing.leadership.epoch)
    }
}

/// How long somebody has led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leader {
    /// A short time only: silence proves nothing yet.
    New,
    /// Long enough for every duty to have had its turn.
    Settled,
}

/// Notes what rows tell of every duty, and tells operators of those that are blind. How fast the clock runs. Public for
/// simulated time.
pub async fn watch_duties(store: &Store, leader: Leader) -> Result<f64, StoreError> {
    let tx = store.begin().await?;
    tx.observe_duties().await?;
    let rate = tx.now().rate;
    let alerts = tell(&tx, leader).await?;
    tx.finish().await?;
    for alert in &alerts {
        tracing::error!(duty = alert.subject, detail = %alert.detail, "a duty is blind");
    }
    metering::count_alerts(&alerts);
    Ok(rate)
}

fn between_looks(rate: f64) -> Duration {
    let minute = Duration::try_from_secs_f64(60.0 / rate).unwrap_or(EVERY);
    minute.clamp(Duration::from_secs(1), EVERY)
}

async fn tell(tx: &Tx, leader: Leader) -> Result<Vec<Alert>, StoreError> {
    let now = tx.now();
    let rate = (leader == Leader::Settled).then_some(now.rate);
    let alerts = blind_alerts(&tx.duty_states().await?, now.at, rate);
    if !alerts.is_empty() {
        let duties: Vec<&str> = alerts.iter().map(|it| it.subject.as_str()).collect();
        tx.note_alerted(&duties, now.at).await?;
        tx.raise(&alerts).await?;
    }
    Ok(alerts)
}

/// Every duty of a roster: its schedules, and what is done without one.
pub(crate) fn duties(roster: &[Entry]) -> Vec<(Kind, Period)> {
    let scheduled = roster
        .iter()
        .filter_map(|entry| Some((entry.spec.kind, entry.spec.every?)));
    scheduled.chain(UNSCHEDULED).collect()
}
