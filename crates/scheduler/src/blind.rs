//! Whether duties decide anything (R-WAT-5). Looked at by the leader alone.

use crate::rounds::Work;
use fleet::Entry;
use metrics::counter;
use policy::decision::Alert;
use policy::duties::{LeaderDuty, UNSCHEDULED, blind_alerts};
use policy::jobs::Kind;
use policy::schedule::Period;
use std::time::{Duration, Instant};
use store::scheduler::Leadership;
use store::{Store, StoreError, Tx};

/// Between two looks, machine time; under a faster clock a minute of that, but no less than a second.
const EVERY: Duration = Duration::from_secs(15);
/// A new leader lets the fleet work for so long before it calls anything blind that its runs do not prove: nobody may have
/// led before it.
const GRACE: Duration = Duration::from_mins(1);

/// Looks at duties.
pub(crate) struct DutyWatch {
    store: Store,
    /// Since when this process leads, and in which epoch.
    led: Option<(i64, Instant)>,
}

impl DutyWatch {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, led: None }
    }
}

impl Work for DutyWatch {
    const DUTY: LeaderDuty = LeaderDuty::DutyWatch;

    async fn round(&mut self, leadership: Leadership) -> Result<Duration, StoreError> {
        let led = self.led.filter(|(epoch, _)| *epoch == leadership.epoch);
        let looked = match led {
            // What has just begun is noted; whom it is told of, the next look says.
            None => observe(&self.store).await,
            Some((_, since)) if since.elapsed() < GRACE => {
                watch_duties(&self.store, Leader::New).await
            }
            Some(_) => watch_duties(&self.store, Leader::Settled).await,
        };
        if looked.is_ok() && led.is_none() {
            self.led = Some((leadership.epoch, Instant::now()));
        }
        if looked.is_err() {
            counter!("relink_duty_watch_failures_total").increment(1);
        }
        looked.map(between_looks)
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

/// Notes what rows tell of every duty, and tells nobody.
async fn observe(store: &Store) -> Result<f64, StoreError> {
    let tx = store.begin().await?;
    tx.observe_duties().await?;
    tx.duty_states().await?;
    let rate = tx.now().rate;
    tx.finish().await?;
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
