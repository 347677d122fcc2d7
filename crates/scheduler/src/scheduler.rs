//! A scheduler process: who leads, and the duties of the leader, each in a task of its own (R-JOB-8).

use crate::blind::DutyWatch;
use crate::board::Board;
use crate::census::Census;
use crate::clock::ClockWatch;
use crate::dead_queue::DeadQueueWatch;
use crate::duties::{AuditPartitions, Declare, LeftBehind, Rescuing, Tick};
use crate::leader::Leader;
use crate::office::Office;
use crate::readiness::Readiness;
use crate::relay::Relay;
use crate::rescue::Rescue;
use crate::ringing::Ringing;
use crate::rounds;
use crate::seat::Seat;
use crate::witness::WitnessWatch;
use broker::{Backoff, Publisher, PublisherOptions};
use fleet::{Entry, chain, counted_kinds, http::Check, retry};
use metering::Probe;
use metering::catalogue::Exporter;
use policy::jobs::Queue;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

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
    seat: Seat,
    census: Census,
    dead: DeadQueueWatch,
    witness: WitnessWatch,
    relay: Relay,
    office: Office,
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
        let publisher = Publisher::start(broker.clone(), &queues, publishing);
        let ringing = (publisher, broker.clone());
        let relay = Relay::new(store.clone(), ringing, &roster, options.patience);
        let seat = Seat::new(store.config().clone());
        let leader = Leader::new(store.clone(), options.lease, seat.sitting());
        let office = Office {
            store: store.clone(),
            standing: leader.standing(),
            board: Board::default(),
            doubts: Arc::default(),
        };
        let dead = DeadQueueWatch::new(broker.clone(), leader.standing());
        Self {
            dead,
            witness: WitnessWatch::new(store.clone(), broker),
            census: Census::new(store.clone(), roster.clone(), leader.standing()),
            leader,
            seat,
            relay,
            store,
            roster,
            options,
            office,
        }
    }

    /// What is looked at whenever metrics are asked for.
    pub fn probes(&self) -> Vec<Probe> {
        vec![metering::pool(self.store.clone()), self.census.probe()]
    }

    /// What readiness needs.
    pub fn checks(&self) -> Vec<Check> {
        let readiness = Readiness {
            board: self.office.board.clone(),
            standing: self.office.standing.clone(),
            publisher: self.relay.state(),
            queues: self.relay.queues(),
            lease: self.options.lease,
        };
        readiness.checks()
    }

    /// Schedules until `stop`, then gives up the lease. Refuses to work on a schema of another version than this
    /// build's.
    pub async fn run(self, stop: CancellationToken) -> Result<(), StoreError> {
        metering::zero(
            Exporter::Scheduler,
            &counted_kinds(&self.roster),
            &Queue::ALL,
        );
        let Self {
            store,
            roster,
            options,
            mut leader,
            seat,
            census,
            dead,
            witness,
            relay,
            office,
        } = self;
        // The chair is left last: whoever waits for it asks for the lease at once, and finds it given up.
        let seated = CancellationToken::new();
        let sitting = tokio::spawn(seat.keep(seated.clone()));
        let over = stop.child_token();
        let mut tasks = rounds_of(&store, &roster, options, &office, &over);
        tasks.spawn(rounds::run(census, office.clone(), over.clone()));
        tasks.spawn(dead.run(over.clone()));
        tasks.spawn(rounds::run(witness, office.clone(), over.clone()));
        tasks.spawn(Ringing::new(office.clone(), relay).run(over.clone()));
        let ended = leader.run(&office, &stop).await;
        over.cancel();
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(error = chain(&error), "a duty of the scheduler panicked");
            }
        }
        if ended.is_ok() {
            leader.give_up().await;
        }
        seated.cancel();
        if let Err(error) = sitting.await {
            tracing::error!(error = chain(&error), "the wait for the chair panicked");
        }
        ended
    }
}

/// Duties that need nothing but the database.
fn rounds_of(
    store: &Store,
    roster: &[Entry],
    options: SchedulerOptions,
    office: &Office,
    over: &CancellationToken,
) -> JoinSet<()> {
    let declared = Arc::new(Notify::new());
    let mut tasks = JoinSet::new();
    let declare = Declare {
        store: store.clone(),
        roster: roster.to_vec(),
        declared: Arc::clone(&declared),
    };
    let tick = Tick {
        store: store.clone(),
        roster: roster.to_vec(),
        declared,
    };
    let rescue = Rescuing {
        store: store.clone(),
        roster: roster.to_vec(),
        every: options.rescue_every,
        rescue: Rescue::default(),
    };
    let left = LeftBehind {
        store: store.clone(),
    };
    let partitions = AuditPartitions {
        store: store.clone(),
    };
    let (watch, clock) = (
        DutyWatch::new(store.clone()),
        ClockWatch::new(store.clone()),
    );
    tasks.spawn(rounds::run(declare, office.clone(), over.clone()));
    tasks.spawn(rounds::run(tick, office.clone(), over.clone()));
    tasks.spawn(rounds::run(rescue, office.clone(), over.clone()));
    tasks.spawn(rounds::run(left, office.clone(), over.clone()));
    tasks.spawn(rounds::run(partitions, office.clone(), over.clone()));
    tasks.spawn(rounds::run(watch, office.clone(), over.clone()));
    tasks.spawn(rounds::run(clock, office.clone(), over.clone()));
    tasks
}
