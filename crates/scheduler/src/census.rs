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
use slices::{Slices, Turn};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::scheduler::Leadership;
use store::{Store, StoreError};
use tokio::sync::watch;

/// Between two counts of the fleet, machine time.
const EVERY: Duration = Duration::from_secs(15);
/// Accounts that are counted in a period of [`EVERY`] at most: a larger fleet that changes is counted less often.
const COUNTED_EVERY: u64 = 500_000;
/// Between two counts of a fleet at most; the alert on an old census waits for two minutes.
const LONGEST: Duration = Duration::from_mins(1);
/// Between two ranges of shards, while a new leader has not been once through all of them.
const EVERY_AT_FIRST: Duration = Duration::from_secs(1);

/// Counts the fleet for as long as this process leads.
pub(crate) struct Census {
    store: Store,
    roster: Vec<Entry>,
    standing: watch::Receiver<Option<Standing>>,
    /// The epoch that it was counted in, and what to tell.
    told: watch::Sender<Option<(i64, Arc<str>)>>,
    counted: Option<CountedFleet<store::census::Census>>,
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
            counted: None,
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
        self.count_fleet(epoch).await?;
        let Some(counted) = &self.counted else {
            return Ok(());
        };
        let CountedFleet {
            accounts, census, ..
        } = counted;
        let slice = match self.slices.next(*accounts, census.written.clone()) {
            Turn::Count(shards) => Some(self.store.census_slice(shards).await?),
            Turn::CountCaps(shards, known) => Some(self.store.census_caps(shards, known).await?),
            Turn::Rest => None,
        };
        if let Some(slice) = slice {
            self.slices.note(slice);
        }
        histogram!("relink_census_duration_seconds").record(began.elapsed().as_secs_f64());
        let text = told::text(&self.roster, epoch, census, &self.slices, &self.laps);
        self.told.send_replace(Some((epoch, text.into())));
        Ok(())
    }

    /// Counts the fleet, if it is time to.
    async fn count_fleet(&mut self, epoch: i64) -> Result<(), StoreError> {
        let began = Instant::now();
        let before = self.counted.as_ref().filter(|it| it.epoch == epoch);
        if before.is_some_and(|it| it.is_fresh(began)) {
            return Ok(());
        }
        let census = self.store.census(before.map(|it| &it.census)).await?;
        self.counted = Some(CountedFleet {
            epoch,
            began,
            accounts: census.accounts.iter().map(|it| it.1.unsigned_abs()).sum(),
            census,
        });
        Ok(())
    }
}

/// The fleet as it was counted last. Counting it costs as much as it has accounts, a range of shards does not.
struct CountedFleet<C> {
    epoch: i64,
    began: Instant,
    accounts: u64,
    census: C,
}

impl<C> CountedFleet<C> {
    /// Whether it need not be counted anew yet.
    fn is_fresh(&self, now: Instant) -> bool {
        let periods = u32::try_from(self.accounts.div_ceil(COUNTED_EVERY)).unwrap_or(u32::MAX);
        let wait = EVERY.saturating_mul(periods).clamp(EVERY, LONGEST);
        now.duration_since(self.began) < wait
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A million accounts have 256 ranges, a second apart: the fleet was counted 256 times in that time.
    #[test]
    fn r_job_6_a_new_leader_counts_the_fleet_once_a_period() {
        let began = Instant::now();
        for (accounts, after_ms, expected) in [
            (0, 0, true),
            (0, 14_999, true),
            (0, 15_000, false),
            (500_000, 14_999, true),
            (500_000, 15_000, false),
            // A large fleet less often.
            (500_001, 29_999, true),
            (500_001, 30_000, false),
            (u64::MAX, 59_999, true),
            (u64::MAX, 60_000, false),
        ] {
            let counted = CountedFleet {
                epoch: 7,
                began,
                accounts,
                census: (),
            };
            let now = began + Duration::from_millis(after_ms);
            assert_eq!(counted.is_fresh(now), expected, "{accounts} {after_ms}");
        }
    }
}
