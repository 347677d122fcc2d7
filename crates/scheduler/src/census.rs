//! The census: what only the database knows of the fleet, for metrics. Taken by the leader alone, in a task of its own,
//! so that no count holds up a tick; told only while it leads, for two counts of one fleet would add up.

mod laps;
mod slices;
mod told;

use crate::leader::Standing;
use crate::rounds::Work;
use fleet::Entry;
use laps::Laps;
use metering::Probe;
use metrics::{counter, gauge, histogram};
use policy::duties::LeaderDuty;
use slices::Slices;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::scheduler::Leadership;
use store::{Store, StoreError};
use tokio::sync::watch;

/// Between two counts of the fleet, machine time.
const EVERY: Duration = Duration::from_secs(15);
/// The same, while a new leader has not been once through all shards.
const EVERY_AT_FIRST: Duration = Duration::from_secs(1);

/// Counts the fleet for as long as this process leads.
pub(crate) struct Census {
    store: Store,
    roster: Vec<Entry>,
    standing: watch::Receiver<Option<Standing>>,
    /// The epoch that it was counted in, and what to tell.
    told: watch::Sender<Option<(i64, Arc<str>)>>,
    slices: Slices,
    laps: Laps,
}

impl Census {
    pub(crate) fn new(
        store: Store,
        roster: Vec<Entry>,
        standing: watch::Receiver<Option<Standing>>,
    ) -> Self {
        Self {
            store,
            roster,
            standing,
            told: watch::channel(None).0,
            slices: Slices::default(),
            laps: Laps::default(),
        }
    }

    /// Tells whether this process leads, and the census if it does. Judged when asked, not when last renewed: a process
    /// that stood still past its lease tells nothing of it.
    pub(crate) fn probe(&self) -> Probe {
        let (standing, told) = (self.standing.clone(), self.told.subscribe());
        Box::new(move || {
            let leads = (*standing.borrow()).filter(Standing::holds);
            gauge!("relink_scheduler_leads").set(if leads.is_some() { 1.0 } else { 0.0 });
            let told = told.borrow();
            match (leads, told.as_ref()) {
                (Some(leads), Some((epoch, text))) if leads.leadership.epoch == *epoch => {
                    text.to_string()
                }
                _ => String::new(),
            }
        })
    }

    async fn count(&mut self, epoch: i64) -> Result<(), StoreError> {
        let began = Instant::now();
        self.laps.walk(&self.store).await?;
        let census = self.store.census().await?;
        let accounts = census.accounts.iter().map(|it| it.1.unsigned_abs()).sum();
        let shards = self.slices.next(accounts);
        self.slices.note(self.store.census_slice(shards).await?);
        histogram!("relink_census_duration_seconds").record(began.elapsed().as_secs_f64());
        let text = told::text(&self.roster, epoch, &census, &self.slices, &self.laps);
        self.told.send_replace(Some((epoch, text.into())));
        Ok(())
    }
}

impl Work for Census {
    const DUTY: LeaderDuty = LeaderDuty::Census;

    async fn round(&mut self, leadership: Leadership) -> Result<Duration, StoreError> {
        self.slices.begin(leadership.epoch);
        self.laps.begin(leadership.epoch);
        let counted = self.count(leadership.epoch).await;
        if counted.is_err() {
            counter!("relink_census_failures_total").increment(1);
        }
        counted?;
        Ok(if self.slices.is_whole() {
            EVERY
        } else {
            EVERY_AT_FIRST
        })
    }
}
