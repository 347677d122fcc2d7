//! The task behind one queue of a [`crate::Publisher`]: a connection of its own, one after another. What a broken queue
//! does to it (docs/findings.md#half-deleted), no other queue notices.

use crate::arrival::{Ring, note, passing, send};
use crate::board::Board;
use crate::ledger::Ledger;
use crate::link::Link;
use crate::retry::{Attempts, Failure, Place};
use crate::{
    BrokerError, Config, Outcome, PublisherOptions, PublisherState, Verdict, measure, topology,
};
use futures_util::future::Either;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use lapin::options::ConfirmSelectOptions;
use lapin::types::ShortString;
use lapin::{Channel, Event};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

pub(crate) const ROLE: &str = "publisher";
/// Messages and confirmations handled in one go.
const BATCH: usize = 256;
/// How often time-outs are looked for; they are seconds long.
const TICK: Duration = Duration::from_millis(200);
/// A queue that gives messages back is declared again, and not sooner than after so long.
const MEND_EVERY: Duration = Duration::from_secs(1);

/// Verdict of a message, and the line that it came by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineOutcome {
    pub(crate) line: usize,
    pub(crate) outcome: Outcome,
}

/// Line of one queue.
pub(crate) struct Publishing {
    pub(crate) config: Arc<Config>,
    pub(crate) queue: Arc<str>,
    /// Place on the board; the first one also declares where rejected messages go.
    pub(crate) line: usize,
    pub(crate) options: Arc<PublisherOptions>,
    pub(crate) rings: mpsc::Receiver<Ring>,
    pub(crate) outcomes: mpsc::UnboundedSender<LineOutcome>,
    pub(crate) board: Arc<Board<PublisherState>>,
    pub(crate) stop: CancellationToken,
}

impl Publishing {
    /// Until stopped: connect, publish until that fails, wait, again.
    pub(crate) async fn run(mut self) {
        let stop = self.stop.clone();
        let backoff = self.options.backoff.clone();
        let mut attempts = Attempts::new(ROLE, Arc::clone(&self.queue), backoff);
        while !stop.is_cancelled() {
            attempts.begin();
            let failure = match stop.run_until_cancelled(self.open()).await {
                None => break,
                Some(Err(failure)) => failure,
                Some(Ok((link, channel))) => {
                    self.enter(PublisherState::Up);
                    let ended = self.publish_on(&link, &channel).await;
                    let failure = ended.map_err(|error| Failure::of_line(error, &link));
                    self.enter(PublisherState::Connecting);
                    self.refuse_accepted();
                    link.close().await;
                    match failure {
                        Ok(()) => break,
                        Err(failure) => failure,
                    }
                }
            };
            self.board
                .fail(self.line, &failure.error, failure.is_queues());
            attempts.pause(&failure, &self.board, &stop).await;
        }
        self.rings.close();
        self.refuse_accepted();
    }

    async fn open(&self) -> Result<(Link, Channel), Failure> {
        let link = Link::open(&self.config, ROLE)
            .await
            .map_err(Failure::at(Place::Way))?;
        match self.prepare(&link).await {
            Ok(channel) => Ok((link, channel)),
            Err(error) => {
                link.close().await;
                Err(Failure::at(Place::Queue)(error))
            }
        }
    }

    async fn prepare(&self, link: &Link) -> Result<Channel, BrokerError> {
        let prefix = &self.config.prefix;
        // Whether rejected messages have somewhere to go is no condition for publishing others; consumers say it.
        if self.line == 0 {
            topology::dead_on(link, prefix).await.ok();
        }
        topology::queue_on(link, prefix, &self.queue).await?;
        let channel = link.channel().await?;
        link.step(
            "ask for confirmations",
            channel.confirm_select(ConfirmSelectOptions::default()),
        )
        .await?;
        Ok(channel)
    }

    /// Returns `Ok` when stopped. On return every message that was taken has its verdict.
    async fn publish_on(&mut self, link: &Link, channel: &Channel) -> Result<(), BrokerError> {
        let mut ledger = Ledger::default();
        let ended = self.pump(link, channel, &mut ledger).await;
        ledger.close();
        self.deliver(&mut ledger, Verdict::Lost);
        ended
    }

    async fn pump(
        &mut self,
        link: &Link,
        channel: &Channel,
        ledger: &mut Ledger,
    ) -> Result<(), BrokerError> {
        let exchange: ShortString =
            topology::full_name(&self.config.prefix, topology::EXCHANGE).into();
        let mut events = pin!(link.events());
        let mut flight = FuturesUnordered::new();
        let mut taken = Vec::with_capacity(BATCH);
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut mended_at = Instant::now();
        let mut is_returned = false;
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Ok(()),
                event = events.next() => self.observe(event)?,
                Some(arrival) = flight.next(), if !flight.is_empty() => {
                    note(ledger, arrival)?;
                    // The rest of what has arrived, while the lock is warm; bounded, so that stop is heard.
                    for _ in 0..BATCH {
                        let Some(Some(arrival)) = flight.next().now_or_never() else { break };
                        note(ledger, arrival)?;
                    }
                    if let Some(fence) = ledger.fence_wanted() {
                        flight.push(Either::Right(passing(fence)));
                    }
                    is_returned |= self.deliver(ledger, Verdict::Returned);
                }
                count = self.rings.recv_many(&mut taken, BATCH) => {
                    if count == 0 {
                        return Ok(());
                    }
                    let now = Instant::now();
                    for ring in taken.drain(..) {
                        let sequence = ledger.sent(ring.message_id, now);
                        flight.push(Either::Left(send(channel, exchange.clone(), sequence, ring)));
                    }
                }
                _ = tick.tick() => {
                    self.check(link, channel, ledger)?;
                    if is_returned && mended_at.elapsed() >= MEND_EVERY {
                        // Deleted, or not bound any more: with consumers or without, it is there again.
                        topology::queue_on(link, &self.config.prefix, &self.queue).await?;
                        (mended_at, is_returned) = (Instant::now(), false);
                    }
                    self.board.tick(self.line);
                }
            }
        }
    }

    fn check(
        &self,
        link: &Link,
        channel: &Channel,
        ledger: &mut Ledger,
    ) -> Result<(), BrokerError> {
        ledger.expire(Instant::now(), self.options.confirm_timeout);
        let is_lost = self.deliver(ledger, Verdict::Lost);
        // Under an alarm nothing is confirmed. Otherwise the channel may wait for a queue that was since made anew.
        if is_lost && self.board.state(self.line) != PublisherState::Blocked {
            return Err(BrokerError::Ended("a confirmation did not come".to_owned()));
        }
        if ledger.unresolved() > 2 * self.options.window.max(1) {
            return Err(BrokerError::Ended(
                "confirmations do not come any more".to_owned(),
            ));
        }
        if !link.connected() || !channel.status().connected() {
            return Err(BrokerError::Ended("the channel is closed".to_owned()));
        }
        Ok(())
    }

    fn observe(&self, event: Option<Event>) -> Result<(), BrokerError> {
        match event {
            Some(Event::ConnectionBlocked(reason)) => {
                tracing::warn!(reason, "the broker forbids publishing");
                self.enter(PublisherState::Blocked);
            }
            Some(Event::ConnectionUnblocked) => {
                tracing::info!("the broker allows publishing again");
                self.enter(PublisherState::Up);
            }
            Some(Event::Error(error)) => return Err(BrokerError::Ended(error.to_string())),
            Some(_) => {}
            None => return Err(BrokerError::Ended("its events ended".to_owned())),
        }
        Ok(())
    }

    fn enter(&self, state: PublisherState) {
        self.board.enter(self.line, state);
        let is_blocked = *self.board.whole().borrow() == PublisherState::Blocked;
        metrics::gauge!(measure::BLOCKED).set(f64::from(u8::from(is_blocked)));
        let is_up = state != PublisherState::Connecting;
        metrics::gauge!(measure::PUBLISHER_UP, "queue" => self.queue.to_string())
            .set(f64::from(u8::from(is_up)));
    }

    /// Accepted in the moment in which the connection went.
    fn refuse_accepted(&mut self) {
        while let Ok(ring) = self.rings.try_recv() {
            self.tell(Outcome {
                message_id: ring.message_id,
                verdict: Verdict::Lost,
            });
        }
    }

    /// Tells the verdicts; whether this one was among them.
    fn deliver(&self, ledger: &mut Ledger, asked: Verdict) -> bool {
        let mut was_told = false;
        for outcome in ledger.take_outcomes() {
            if outcome.verdict == Verdict::Returned {
                metrics::counter!(measure::RETURNED).increment(1);
            }
            was_told |= outcome.verdict == asked;
            self.tell(outcome);
        }
        was_told
    }

    fn tell(&self, outcome: Outcome) {
        // Fails only when the publisher was dropped, and nobody is left to be told.
        let line = self.line;
        self.outcomes.send(LineOutcome { line, outcome }).ok();
    }
}
