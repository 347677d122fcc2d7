//! Duties of the leader beside the relay, the census and the watches: each a round of its own.

use crate::blind::duties as duties_of;
use crate::rescue::Rescue;
use crate::rounds::Work;
use crate::tick;
use fleet::{Entry, chain};
use jiff::SignedDuration;
use policy::decision::Alert;
use policy::duties::LeaderDuty;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use store::scheduler::Leadership;
use store::{Store, StoreError};
use tokio::sync::Notify;

/// Jobs that no worker took for so long are alerted (R-JOB-5).
const LEFT_ALERTED: SignedDuration = SignedDuration::from_mins(15);
/// Between two looks for ticks that nothing asked for: the clock may have been set.
const TICK_MAX: Duration = Duration::from_secs(10);
/// Between two looks for jobs that no worker knows.
const LEFT_EVERY: Duration = Duration::from_secs(5);
/// Between two tries to make partitions, which are months ahead, and to make schedules known, which are known already.
const SELDOM: Duration = Duration::from_mins(5);
/// No failing tick waits longer.
const TICK_DELAY_MAX: Duration = Duration::from_secs(5);

/// Makes schedules and duties known, and then has them ticked.
pub(crate) struct Declare {
    pub(crate) store: Store,
    pub(crate) roster: Vec<Entry>,
    pub(crate) declared: Arc<Notify>,
}

impl Work for Declare {
    const DUTY: LeaderDuty = LeaderDuty::Declare;

    async fn round(&mut self, _: Leadership) -> Result<Duration, StoreError> {
        let schedules: Vec<(&str, i64)> = self
            .roster
            .iter()
            .filter_map(|entry| Some((entry.spec.kind.name, entry.spec.every?.period().as_secs())))
            .collect();
        let tx = self.store.begin().await?;
        tx.declare_schedules(&schedules).await?;
        tx.declare_duties(&duties_of(&self.roster)).await?;
        tx.finish().await?;
        self.declared.notify_one();
        Ok(SELDOM)
    }
}

/// Turns schedules into jobs.
pub(crate) struct Tick {
    pub(crate) store: Store,
    pub(crate) roster: Vec<Entry>,
    pub(crate) declared: Arc<Notify>,
}

impl Work for Tick {
    const DUTY: LeaderDuty = LeaderDuty::Tick;
    const DELAY_MAX: Duration = TICK_DELAY_MAX;

    async fn round(&mut self, leadership: Leadership) -> Result<Duration, StoreError> {
        let next = tick::tick(&self.store, &self.roster, leadership).await?;
        let Some(next) = next else {
            return Ok(TICK_MAX);
        };
        let now = self.store.now().await?;
        Ok(now.machine_wait(next).min(TICK_MAX))
    }

    fn bell(&self) -> Option<Arc<Notify>> {
        Some(Arc::clone(&self.declared))
    }
}

/// Takes up what vanished workers had in hand. May be done twice without harm, so no fence is needed.
pub(crate) struct Rescuing {
    pub(crate) store: Store,
    pub(crate) roster: Vec<Entry>,
    pub(crate) every: Duration,
    pub(crate) rescue: Rescue,
}

impl Work for Rescuing {
    const DUTY: LeaderDuty = LeaderDuty::Rescue;

    async fn round(&mut self, _: Leadership) -> Result<Duration, StoreError> {
        self.rescue.round(&self.store, &self.roster).await?;
        Ok(self.every)
    }

    async fn follow(&mut self) -> Duration {
        self.rescue.watch(&self.store).await;
        self.every
    }
}

/// Tells of jobs that no worker knows.
pub(crate) struct LeftBehind {
    pub(crate) store: Store,
}

impl Work for LeftBehind {
    const DUTY: LeaderDuty = LeaderDuty::LeftBehind;

    async fn round(&mut self, _: Leadership) -> Result<Duration, StoreError> {
        let tx = self.store.begin().await?;
        let before = tx.now().at.saturating_sub(LEFT_ALERTED);
        let before = before.unwrap_or(jiff::Timestamp::MIN);
        let alerts: Vec<Alert> = tx
            .left_behind(before)
            .await?
            .into_iter()
            .map(|left| Alert {
                code: "unknown_kind",
                subject: format!("{} version {}", left.kind, left.version),
                detail: json!({ "jobs": left.jobs, "since": left.since }),
            })
            .collect();
        tx.raise(&alerts).await?;
        tx.finish().await?;
        metering::count_alerts(&alerts);
        Ok(LEFT_EVERY)
    }
}

/// Makes the audit's partitions, months ahead. Until somebody mends what fails, rows go to the default partition, and an
/// operator hears of it.
pub(crate) struct AuditPartitions {
    pub(crate) store: Store,
}

impl Work for AuditPartitions {
    const DUTY: LeaderDuty = LeaderDuty::AuditPartitions;

    async fn round(&mut self, _: Leadership) -> Result<Duration, StoreError> {
        let tx = self.store.begin().await?;
        let Err(error) = tx.make_audit_partitions().await else {
            tx.finish().await?;
            return Ok(SELDOM);
        };
        tx.abandon().await;
        if !crate::failure::is_away(&error) {
            self.tell(&error).await?;
        }
        Err(error)
    }
}

impl AuditPartitions {
    async fn tell(&self, error: &StoreError) -> Result<(), StoreError> {
        let tx = self.store.begin().await?;
        let alert = [Alert {
            code: "audit_partitions",
            subject: "account_audit".to_owned(),
            detail: json!({ "error": chain(error) }),
        }];
        tx.raise(&alert).await?;
        tx.finish().await?;
        metering::count_alerts(&alert);
        Ok(())
    }
}
