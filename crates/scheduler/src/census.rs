//! The census: what only the database knows of the fleet, for metrics. Taken by the leader alone, in a task of its own,
//! so that no count holds up a tick; told only while it leads, for two counts of one fleet would add up.

mod laps;
mod slices;
mod told;

use crate::leader::Standing;
use fleet::{Entry, chain};
use laps::Laps;
use metering::Probe;
use metrics::{counter, gauge, histogram};
use slices::Slices;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Store, StoreError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Between two counts of the fleet, machine time.
const EVERY: Duration = Duration::from_secs(15);
/// The same, while a new leader has not been once through all shards.
const EVERY_AT_FIRST: Duration = Duration::from_secs(1);

/// Counts the fleet for as long as this process leads.
#[derive(Clone)]
pub(crate) struct Census {
    store: Store,
    roster: Vec<Entry>,
    standing: watch::Receiver<Option<Standing>>,
    /// The epoch that it was counted in, and what to tell.
    told: watch::Sender<Option<(i64, Arc<str>)>>,
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

    /// Counts until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut slices = Slices::default();
        let mut laps = Laps::default();
        while let Some(Some(epoch)) = stop.run_until_cancelled(self.leads()).await {
            slices.begin(epoch);
            laps.begin(epoch);
            let counted = stop.run_until_cancelled(self.count(epoch, &mut slices, &mut laps));
            match counted.await {
                None => return,
                Some(Ok(())) => {}
                // The scheduler itself says so loudly, and mends it.
                Some(Err(error)) => {
                    counter!("relink_census_failures_total").increment(1);
                    tracing::info!(error = chain(&error), "the fleet could not be counted");
                }
            }
            let wait = if slices.is_whole() {
                EVERY
            } else {
                EVERY_AT_FIRST
            };
            stop.run_until_cancelled(tokio::time::sleep(wait)).await;
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

    async fn count(
        &self,
        epoch: i64,
        slices: &mut Slices,
        laps: &mut Laps,
    ) -> Result<(), StoreError> {
        let began = Instant::now();
        laps.walk(&self.store).await?;
        let census = self.store.census().await?;
        let accounts = census.accounts.iter().map(|it| it.1.unsigned_abs()).sum();
        let shards = slices.next(accounts);
        slices.note(self.store.census_slice(shards).await?);
        histogram!("relink_census_duration_seconds").record(began.elapsed().as_secs_f64());
        let text = told::text(&self.roster, epoch, &census, slices, laps);
        self.told.send_replace(Some((epoch, text.into())));
        Ok(())
    }
}
