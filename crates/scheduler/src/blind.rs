//! Whether duties decide anything (R-WAT-5). Looked at by the leader alone, in a task of its own: what fails here stops
//! nothing else, and nothing else stops it (R-JOB-8).

use crate::leader::Standing;
use fleet::{Entry, chain};
use metrics::counter;
use policy::decision::Alert;
use policy::duties::{UNSCHEDULED, blind_alerts};
use policy::jobs::Kind;
use policy::schedule::Period;
use std::time::Duration;
use store::{Store, StoreError, Tx};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Between two looks, machine time.
const EVERY: Duration = Duration::from_secs(15);
/// A new leader lets the fleet work for so long before it calls anything blind: nobody may have led before it.
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
        let mut led = None;
        while let Some(Some(epoch)) = stop.run_until_cancelled(self.leads()).await {
            let wait = if led.replace(epoch) == Some(epoch) {
                EVERY
            } else {
                GRACE
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
            if let Some(Err(error)) = stop.run_until_cancelled(watch_duties(&self.store)).await {
                counter!("relink_duty_watch_failures_total").increment(1);
                tracing::warn!(error = chain(&error), "the duties could not be looked at");
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

/// Notes what rows tell of every duty, and tells operators of those that are blind. Public for simulated time.
pub async fn watch_duties(store: &Store) -> Result<(), StoreError> {
    let tx = store.begin().await?;
    tx.observe_duties().await?;
    let alerts = tell(&tx).await?;
    tx.finish().await?;
    for alert in &alerts {
        tracing::error!(duty = alert.subject, detail = %alert.detail, "a duty is blind");
    }
    metering::count_alerts(&alerts);
    Ok(())
}

async fn tell(tx: &Tx) -> Result<Vec<Alert>, StoreError> {
    let now = tx.now();
    let alerts = blind_alerts(&tx.duty_states().await?, now.at, now.rate);
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
