//! The task behind one queue of a [`crate::Consumer`]: a connection of its own, one after another.
//!
//! Queues share no connection, since a broker that fails over one queue may close the whole connection with 541
//! (docs/findings.md#half-deleted), and what one queue waits for would hold the others up.

use crate::board::Board;
use crate::buffer::Buffer;
use crate::delivery::settle;
use crate::error::chain;
use crate::link::Link;
use crate::listening::{Listening, subscribe};
use crate::rebuild::Rebuild;
use crate::retry::{Attempts, Backoff, Failure, Place};
use crate::{BrokerError, Config, ConsumerState, Delivery, Settlement, Subscription, topology};
use futures_util::{FutureExt, StreamExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, timeout};
use tokio_util::sync::CancellationToken;

pub(crate) const ROLE: &str = "consumer";
/// Messages moved in one go.
const BATCH: usize = 256;
/// How often the consumer looks whether it is alive.
const TICK: Duration = Duration::from_secs(1);
/// For the broker to end the streams once it has agreed to cancel them.
pub(crate) const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// Looks at a quiet queue that are passed over because a delivery is in hand; then it is taken for hung.
const LOOKS_PASSED_MAX: u32 = 8;

/// First `stop` (take no more), then `close` (let go of the connection); `close` implies `stop`.
#[derive(Clone)]
pub(crate) struct Phases {
    pub(crate) stop: CancellationToken,
    pub(crate) close: CancellationToken,
}

/// Line of one queue.
pub(crate) struct Consuming {
    pub(crate) config: Arc<Config>,
    pub(crate) subscription: Subscription,
    pub(crate) backoff: Backoff,
    /// How often a queue that brings nothing is looked at.
    pub(crate) look_every: Duration,
    pub(crate) buffer: Arc<Buffer>,
    pub(crate) board: Arc<Board<ConsumerState>>,
    /// Place on the board; the first one also declares where rejected messages go.
    pub(crate) line: usize,
    pub(crate) name: Arc<str>,
    pub(crate) phases: Phases,
    /// Whether the last attempt to declare where rejected messages go has failed.
    pub(crate) is_dead_broken: AtomicBool,
}

/// Enters the last state of a line when dropped, also by a panic: nobody waits for it in vain.
struct Last(Arc<Board<ConsumerState>>, usize);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.enter(self.1, ConsumerState::Stopped);
    }
}

impl Consuming {
    /// Until stopped: connect, consume until that fails, wait, again.
    pub(crate) async fn run(self) {
        let _last = Last(Arc::clone(&self.board), self.line);
        let stop = self.phases.stop.clone();
        let mut attempts = Attempts::new(ROLE, Arc::clone(&self.name), self.backoff.clone());
        let mut rebuild = Rebuild::default();
        while !stop.is_cancelled() {
            attempts.begin();
            let failure = match stop.run_until_cancelled(self.open(&mut rebuild)).await {
                None => break,
                Some(Err(failure)) => failure,
                Some(Ok(mut open)) => {
                    self.board.enter(self.line, ConsumerState::Consuming);
                    match self.consume(&mut open, &mut rebuild).await {
                        Ok(()) => return self.wind_down(open).await,
                        Err(error) => {
                            rebuild.note(&error, Instant::now());
                            self.give_up(open, error).await
                        }
                    }
                }
            };
            self.board
                .fail(self.line, &failure.error, failure.is_queues());
            attempts.pause(&failure, &self.board, &stop).await;
        }
    }

    async fn open(&self, rebuild: &mut Rebuild) -> Result<Listening, Failure> {
        let link = Link::open(&self.config, ROLE)
            .await
            .map_err(Failure::at(Place::Way))?;
        match self.subscribe(&link).await {
            Ok((channel, arrivals)) => Ok(Listening::new(link, channel, arrivals, &self.buffer)),
            Err(error) => {
                link.close().await;
                rebuild.note(&error, Instant::now());
                if rebuild.is_due(Instant::now()) {
                    self.rebuild(rebuild).await;
                }
                Err(Failure::at(Place::Queue)(error))
            }
        }
    }

    async fn subscribe(
        &self,
        link: &Link,
    ) -> Result<(lapin::Channel, lapin::Consumer), BrokerError> {
        // What was broken is tried again by looks only, for it may break the connection too.
        if !self.is_dead_broken.load(Ordering::Relaxed) {
            self.keep_dead(link).await;
        }
        topology::queue_on(link, &self.config.prefix, &self.subscription.queue).await?;
        subscribe(link, &self.config.prefix, &self.subscription).await
    }

    /// Right after a failure, on a connection of its own: whoever deletes first spares the others, who can consume by then.
    async fn rebuild(&self, rebuild: &mut Rebuild) {
        let making = async {
            let link = Link::open(&self.config, ROLE).await?;
            let queue = &self.subscription.queue;
            let made = rebuild.queue(&link, &self.config.prefix, queue).await;
            link.close().await;
            made
        };
        if let Err(error) = making.await {
            tracing::warn!(
                queue = &*self.name,
                error = chain(&error),
                "this queue could not be deleted and declared anew; trying again in a minute"
            );
        }
    }

    /// The queue of rejected messages is no condition for taking others.
    async fn keep_dead(&self, link: &Link) {
        if self.line != 0 {
            return;
        }
        let kept = topology::dead_on(link, &self.config.prefix).await;
        let was_broken = self.is_dead_broken.swap(kept.is_err(), Ordering::Relaxed);
        match kept {
            Err(error) if !was_broken => tracing::warn!(
                role = ROLE,
                queue = topology::DEAD_QUEUE,
                error = chain(&error),
                "this queue cannot be used: messages that are rejected have nowhere to go"
            ),
            _ => {}
        }
    }

    /// Returns `Ok` when told to stop.
    async fn consume(
        &self,
        open: &mut Listening,
        rebuild: &mut Rebuild,
    ) -> Result<(), BrokerError> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut look = interval_at(Instant::now() + self.look_every, self.look_every);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = self.phases.stop.cancelled() => return Ok(()),
                () = open.session.broken.cancelled() => {
                    return Err(BrokerError::Ended("a settlement did not reach it".to_owned()));
                }
                _ = tick.tick() => {
                    open.check()?;
                    self.board.tick(self.line);
                }
                Some(acker) = open.abandoned.recv() => {
                    // `Lost` shows as a dead channel at the next tick, or as an ended stream before.
                    let _settled = settle(&acker, Settlement::Requeue).await;
                }
                item = open.arrivals.next() => {
                    self.receive(open, item)?;
                    rebuild.heal();
                    for _ in 0..BATCH {
                        let Some(item) = open.arrivals.next().now_or_never() else { break };
                        self.receive(open, item)?;
                    }
                }
                _ = look.tick() => {
                    let looking = self.phases.stop.run_until_cancelled(self.look(open, rebuild));
                    if let Some(looked) = looking.await {
                        looked?;
                    }
                }
            }
        }
    }

    /// An error, and the quiet end of a stream (docs/findings.md#ended-streams), both end the line.
    fn receive(
        &self,
        open: &mut Listening,
        item: Option<lapin::Result<lapin::message::Delivery>>,
    ) -> Result<(), BrokerError> {
        match item {
            Some(Ok(delivery)) => {
                open.has_heard = true;
                let session = Arc::clone(&open.session);
                self.buffer
                    .push(Delivery::new(Arc::clone(&self.name), delivery, session));
                Ok(())
            }
            Some(Err(source)) => Err(BrokerError::Channel {
                attempted: "consume",
                source,
            }),
            None => Err(BrokerError::Ended("it cancelled the consumer".to_owned())),
        }
    }

    /// Asks after a queue that has brought nothing since the last look. In a cluster nobody may say that it was deleted or
    /// replaced (docs/findings.md#half-deleted): it is declared again, which tells other arguments, and subscribed
    /// anew, since another worker's consumer may be all that it knows.
    async fn look(&self, open: &mut Listening, rebuild: &mut Rebuild) -> Result<(), BrokerError> {
        if std::mem::take(&mut open.has_heard) {
            return Ok(());
        }
        self.keep_dead(&open.link).await;
        let (prefix, queue) = (&self.config.prefix, &self.subscription.queue);
        let consumers = topology::queue_on(&open.link, prefix, queue).await?;
        if open.session.in_hand() == 0 {
            open.passed = 0;
            if consumers == 0 {
                tracing::info!(queue, "the queue counts no consumer: subscribing anew");
            }
            for delivery in open.renew(prefix, queue).await? {
                self.receive(open, Some(Ok(delivery)))?;
            }
            rebuild.heal();
        } else {
            // Its prefetch may be used up by what runs long; only what never ends is taken back.
            open.passed += 1;
            if consumers == 0 || open.passed >= LOOKS_PASSED_MAX {
                return Err(BrokerError::Ended(format!(
                    "it brought nothing, and counts {consumers} consumers, while deliveries are in hand"
                )));
            }
        }
        Ok(())
    }

    /// The connection is of no use: what it brought comes again, on the next one.
    async fn give_up(&self, open: Listening, error: BrokerError) -> Failure {
        let failure = Failure::of_line(error, &open.link);
        self.board.fail(self.line, &failure.error, false);
        open.session.broken.cancel();
        let received = self.buffer.take_of(&open.session);
        received.into_iter().for_each(Delivery::forget);
        open.link.close().await;
        failure
    }

    /// Cancels, hands back what nobody has taken, and keeps the connection for what somebody has.
    async fn wind_down(&self, mut open: Listening) {
        if let Err(error) = open.cancel().await {
            tracing::warn!(queue = &*self.name, error = %error, "could not cancel a consumer; closing its connection instead");
            open.session.broken.cancel();
        }
        let handed_back = timeout(DRAIN_TIMEOUT, self.hand_back(&mut open)).await;
        tracing::info!(
            queue = &*self.name,
            handed_back = handed_back.unwrap_or_default(),
            "stopped taking messages"
        );
        self.board.enter(self.line, ConsumerState::Stopped);
        loop {
            tokio::select! {
                biased;
                // Broken: nothing can be settled any more, and the tokens of the deliveries say so.
                () = open.session.broken.cancelled() => break,
                Some(acker) = open.abandoned.recv() => {
                    let _settled = settle(&acker, Settlement::Requeue).await;
                }
                () = self.phases.close.cancelled() => break,
            }
        }
        open.link.close().await;
    }

    async fn hand_back(&self, open: &mut Listening) -> usize {
        let mut count = 0;
        while let Some(item) = open.arrivals.next().await {
            if let Ok(delivery) = item {
                let settled = settle(&delivery.acker, Settlement::HandBack).await;
                count += usize::from(settled == crate::Settled::Yes);
            }
        }
        for delivery in self.buffer.take_of(&open.session) {
            let settled = delivery.settle(Settlement::HandBack).await;
            count += usize::from(settled == crate::Settled::Yes);
        }
        count
    }
}
