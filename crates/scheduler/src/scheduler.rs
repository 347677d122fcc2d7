//! The scheduler's loop: woken by the database, the broker or the clock, never by a poll of its own.

use crate::blind::{DutyWatch, duties as duties_of};
use crate::census::Census;
use crate::leader::Leader;
use crate::relay::{Pass, Relay};
use crate::rescue::Rescue;
use crate::{duties, tick};
use broker::{Backoff, Publisher, PublisherOptions, PublisherState};
use fleet::{Entry, chain, counted_kinds, http::Check, retry};
use metering::Probe;
use metering::catalogue::Exporter;
use policy::jobs::Queue;
use std::time::{Duration, Instant};
use store::listen::{JobsRing, Listener, Rings};
use store::{Store, StoreError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A look at the queues that nothing asked for, in case a notification was lost.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Between two looks for jobs that no worker knows and for missing partitions.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// Doorbells that may wait for their confirms.
const PUBLISH_WINDOW: usize = 1_024;
/// A doorbell without a confirm for so long is rung again.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(10);

/// How a scheduler behaves. All machine time.
#[derive(Clone, Copy, Debug)]
pub struct SchedulerOptions {
    /// How long the lease lasts unrenewed.
    pub lease: Duration,
    /// A job that nobody took for so long is rung for again.
    pub patience: Duration,
    /// How often vanished workers and runs are looked for; a dead worker is noticed by so much later.
    pub rescue_every: Duration,
}

impl Default for SchedulerOptions {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(15),
            patience: Duration::from_secs(30),
            rescue_every: Duration::from_secs(1),
        }
    }
}

/// A scheduler process.
pub struct Scheduler {
    store: Store,
    roster: Vec<Entry>,
    options: SchedulerOptions,
    leader: Leader,
    census: Census,
    relay: Relay,
    rescue: Rescue,
    listener: Option<Listener>,
    due: DutyTimes,
    failures: u32,
    is_full: bool,
    alive: watch::Sender<Option<Instant>>,
}

/// When the next of each duty is due, machine time.
struct DutyTimes {
    renewal: Instant,
    rescue: Instant,
    upkeep: Instant,
    tick: Instant,
    look: Instant,
}

impl Scheduler {
    /// Prepares a scheduler for every kind of `roster`; connects in the background.
    pub fn new(
        store: Store,
        broker: broker::Config,
        roster: Vec<Entry>,
        options: SchedulerOptions,
    ) -> Self {
        let queues = Queue::ALL.map(Queue::as_str);
        let publishing = PublisherOptions {
            window: PUBLISH_WINDOW,
            confirm_timeout: CONFIRM_TIMEOUT,
            backoff: Backoff::new(retry::reconnect),
        };
        let publisher = Publisher::start(broker, &queues, publishing);
        let relay = Relay::new(store.clone(), publisher, &roster, options.patience);
        let now = Instant::now();
        let leader = Leader::new(store.clone(), options.lease);
        Self {
            census: Census::new(store.clone(), roster.clone(), leader.standing()),
            leader,
            relay,
            rescue: Rescue::default(),
            store,
            roster,
            options,
            listener: None,
            due: DutyTimes {
                renewal: now,
                rescue: now,
                upkeep: now,
                tick: now,
                look: now,
            },
            failures: 0,
            is_full: false,
            alive: watch::channel(None).0,
        }
    }

    /// What is looked at whenever metrics are asked for.
    pub fn probes(&self) -> Vec<Probe> {
        vec![metering::pool(self.store.clone()), self.census.probe()]
    }

    /// What readiness needs: a round that succeeded lately, and the broker.
    pub fn checks(&self) -> Vec<Check> {
        let (alive, state, lease) = (
            self.alive.subscribe(),
            self.relay.state(),
            self.options.lease,
        );
        vec![
            Check::new("database", move || {
                let last = *alive.borrow();
                async move {
                    let is_recent = last.is_some_and(|at| at.elapsed() < lease * 2);
                    if is_recent {
                        Ok(())
                    } else {
                        Err("no round succeeded lately".to_owned())
                    }
                }
            }),
            Check::new("broker", move || {
                let state = *state.borrow();
                async move {
                    match state {
                        PublisherState::Up => Ok(()),
                        other => Err(format!("{other:?}")),
                    }
                }
            }),
        ]
    }

    /// Schedules until `stop`, then gives up the lease. Refuses to work on a schema of another version than this
    /// build's.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), StoreError> {
        metering::zero(
            Exporter::Scheduler,
            &counted_kinds(&self.roster),
            &Queue::ALL,
        );
        let over = stop.child_token();
        let census = tokio::spawn(self.census.clone().run(over.clone()));
        let watch = DutyWatch::new(self.store.clone(), self.leader.standing());
        let watch = tokio::spawn(watch.run(over.clone()));
        let ended = self.schedule(&stop).await;
        over.cancel();
        if let Err(error) = watch.await {
            tracing::error!(error = chain(&error), "the watch of duties panicked");
        }
        if let Err(error) = census.await {
            tracing::error!(error = chain(&error), "the census panicked");
        }
        if ended.is_ok() {
            self.leader.give_up().await;
        }
        ended
    }

    async fn schedule(&mut self, stop: &CancellationToken) -> Result<(), StoreError> {
        let mut state = self.relay.state();
        while !stop.is_cancelled() {
            let wait = match self.round().await {
                Ok(()) => {
                    self.failures = 0;
                    self.alive.send_replace(Some(Instant::now()));
                    self.next()
                }
                Err(error @ (StoreError::NewerSchema { .. } | StoreError::OlderSchema { .. })) => {
                    return Err(error);
                }
                Err(error) => self.stumble(&error),
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep_until((Instant::now() + wait).into()) => {}
                rings = heard(self.listener.as_ref()), if self.failures == 0 => self.wake(rings),
                () = self.relay.news() => {}
                Ok(()) = state.changed() => {
                    if *state.borrow_and_update() == PublisherState::Up {
                        self.relay.forget_all();
                        self.due.look = Instant::now();
                    }
                }
            }
        }
        Ok(())
    }

    fn wake(&mut self, rings: Rings) {
        if rings.lost {
            self.listener = None;
        }
        if rings.jobs == JobsRing::Lifted || rings.lost {
            self.relay.forget_all();
        }
        // Closed jobs make room, which matters only to a relay that had none.
        if rings.jobs != JobsRing::Silent || rings.lost || self.is_full {
            self.due.look = Instant::now();
        }
    }

    /// How long nothing is due.
    fn next(&self) -> Duration {
        let DutyTimes {
            renewal,
            rescue,
            upkeep,
            tick,
            look,
        } = self.due;
        let mut first = renewal.min(rescue);
        if self.leader.leadership().is_some() {
            first = first.min(upkeep).min(tick).min(look);
        }
        first.saturating_duration_since(Instant::now())
    }

    fn stumble(&mut self, error: &StoreError) -> Duration {
        self.leader.doubt();
        self.listener = None;
        self.failures += 1;
        self.due.renewal = Instant::now();
        let wait = retry::reconnect(self.failures);
        tracing::warn!(
            error = chain(error),
            retry_in_ms = wait.as_millis(),
            "the database did not answer"
        );
        wait
    }

    async fn round(&mut self) -> Result<(), StoreError> {
        let now = Instant::now();
        if self.listener.is_none() {
            self.store.check_schema().await?;
            self.listener = Some(Listener::connect(self.store.config()).await?);
            self.due.look = now;
        }
        if now >= self.due.renewal {
            if self.leader.renew().await? {
                self.begin().await?;
            }
            self.due.renewal = now + self.leader.period();
        }
        let Some(leadership) = self.leader.leadership() else {
            return Ok(());
        };
        if now >= self.due.rescue {
            self.rescue.round(&self.store, &self.roster).await?;
            self.due.rescue = now + self.options.rescue_every;
        }
        if now >= self.due.upkeep {
            duties::left_behind(&self.store).await?;
            duties::partitions(&self.store).await?;
            self.due.upkeep = now + UPKEEP_EVERY;
        }
        if now >= self.due.tick {
            let next = tick::tick(&self.store, &self.roster, leadership).await?;
            self.due.tick = self.instant_of(next).await?;
        }
        if now >= self.due.look {
            let Pass { next_due, is_full } = self.relay.pass().await?;
            self.is_full = is_full;
            self.due.look = Instant::now() + next_due.unwrap_or(HEARTBEAT).min(HEARTBEAT);
        }
        Ok(())
    }

    /// What a new leader does first.
    async fn begin(&mut self) -> Result<(), StoreError> {
        let schedules: Vec<(&str, i64)> = self
            .roster
            .iter()
            .filter_map(|entry| Some((entry.spec.kind.name, entry.spec.every?.period().as_secs())))
            .collect();
        let tx = self.store.begin().await?;
        tx.declare_schedules(&schedules).await?;
        tx.declare_duties(&duties_of(&self.roster)).await?;
        tx.finish().await?;
        self.relay.forget_all();
        let now = Instant::now();
        self.due = DutyTimes {
            renewal: now,
            rescue: now,
            upkeep: now,
            tick: now,
            look: now,
        };
        Ok(())
    }

    async fn instant_of(&self, then: Option<jiff::Timestamp>) -> Result<Instant, StoreError> {
        let Some(then) = then else {
            return Ok(Instant::now() + HEARTBEAT);
        };
        let now = self.store.now().await?;
        Ok(Instant::now() + now.machine_wait(then).min(Duration::from_hours(1)))
    }
}

async fn heard(listener: Option<&Listener>) -> Rings {
    match listener {
        Some(listener) => listener.wait().await,
        None => std::future::pending().await,
    }
}
