//! The task behind one queue of a [`crate::Publisher`]: a connection of its own, one after another. What a broken queue
//! does to it (docs/findings.md#half-deleted), no other queue notices.

use crate::board::Board;
use crate::ledger::{Ledger, Reply};
use crate::link::Link;
use crate::retry::{Attempts, Failure};
use crate::{
    BrokerError, Config, Outcome, PublisherOptions, PublisherState, Verdict, measure, topology,
};
use futures_util::future::Either;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use lapin::message::BasicReturnMessage;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation, Event};
use std::future::{Ready, ready};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) const ROLE: &str = "publisher";
/// Messages and confirmations handled in one go.
const BATCH: usize = 256;
/// How often time-outs are looked for; they are seconds long.
const TICK: Duration = Duration::from_millis(200);
/// A queue that gives messages back is declared again, and not sooner than after so long.
const MEND_EVERY: Duration = Duration::from_secs(1);

/// A message on its way to the connection.
pub(crate) struct Ring {
    pub(crate) queue: String,
    pub(crate) message_id: Uuid,
    pub(crate) body: Vec<u8>,
    pub(crate) properties: BasicProperties,
}

/// Verdict of a message, and the line that it came by.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) line: usize,
    pub(crate) outcome: Outcome,
}

/// Line of one queue.
pub(crate) struct Publishing {
    pub(crate) config: Config,
    pub(crate) queue: Arc<str>,
    /// Place on the board; the first one also declares where rejected messages go.
    pub(crate) line: usize,
    pub(crate) options: PublisherOptions,
    pub(crate) rings: mpsc::Receiver<Ring>,
    pub(crate) outcomes: mpsc::UnboundedSender<Told>,
    pub(crate) board: Arc<Board<PublisherState>>,
    pub(crate) stop: CancellationToken,
}

/// What comes out of the set of futures.
enum Arrival {
    /// A message's number, the answer to it, and the id of the return that came with the answer.
    Answer(u64, Result<(Reply, Option<Uuid>), Box<BrokerError>>),
    Fence(u64),
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
                    let is_reached = link.connected();
                    self.enter(PublisherState::Connecting);
                    self.refuse_accepted();
                    link.close().await;
                    match ended {
                        Ok(()) => break,
                        Err(error) => Failure {
                            error,
                            was_up: true,
                            is_reached,
                        },
                    }
                }
            };
            self.board
                .fail(self.line, &failure.error, failure.is_reached);
            attempts.pause(&failure, &self.board, &stop).await;
        }
        self.rings.close();
        self.refuse_accepted();
    }

    async fn open(&self) -> Result<(Link, Channel), Failure> {
        let failure = |error, is_reached| Failure {
            error,
            was_up: false,
            is_reached,
        };
        let link = Link::open(&self.config, ROLE)
            .await
            .map_err(|error| failure(error, false))?;
        match self.prepare(&link).await {
            Ok(channel) => Ok((link, channel)),
            Err(error) => {
                link.close().await;
                Err(failure(error, true))
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
        self.deliver(&mut ledger);
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
                    is_returned |= self.deliver(ledger);
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
                    ledger.expire(Instant::now(), self.options.confirm_timeout);
                    self.deliver(ledger);
                    if ledger.unresolved() > 2 * self.options.window.max(1) {
                        return Err(BrokerError::Ended("confirmations do not come any more".to_owned()));
                    }
                    if is_returned && mended_at.elapsed() >= MEND_EVERY {
                        // Deleted, or not bound any more: with consumers or without, it is there again.
                        topology::queue_on(link, &self.config.prefix, &self.queue).await?;
                        (mended_at, is_returned) = (Instant::now(), false);
                    }
                    self.board.tick(self.line);
                    if !link.connected() || !channel.status().connected() {
                        return Err(BrokerError::Ended("the channel is closed".to_owned()));
                    }
                }
            }
        }
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

    /// Whether some message was given back.
    fn deliver(&self, ledger: &mut Ledger) -> bool {
        let mut is_returned = false;
        for outcome in ledger.take_outcomes() {
            if outcome.verdict == Verdict::Returned {
                metrics::counter!(measure::RETURNED).increment(1);
                is_returned = true;
            }
            self.tell(outcome);
        }
        is_returned
    }

    fn tell(&self, outcome: Outcome) {
        // Fails only when the publisher was dropped, and nobody is left to be told.
        let line = self.line;
        self.outcomes.send(Told { line, outcome }).ok();
    }
}

/// Writes on its first poll, in the order of the polls, and ends with the answer.
async fn send(channel: &Channel, exchange: ShortString, sequence: u64, ring: Ring) -> Arrival {
    let options = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let Ok(key) = ShortString::try_new(ring.queue) else {
        // No queue can have such a name.
        return Arrival::Answer(sequence, Ok((Reply::Ack, Some(ring.message_id))));
    };
    let written = channel
        .basic_publish(exchange, key, options, &ring.body, ring.properties)
        .await;
    let answer = match written {
        Ok(confirmation) => confirmation.await,
        Err(error) => Err(error),
    };
    Arrival::Answer(sequence, read(answer).map_err(Box::new))
}

/// Ready at once, and the set of futures is first in, first out: when it comes out, every future woken
/// before it went in has been polled.
fn passing(fence: u64) -> Ready<Arrival> {
    ready(Arrival::Fence(fence))
}

/// An error means that the channel is of no use any more.
fn read(answer: lapin::Result<Confirmation>) -> Result<(Reply, Option<Uuid>), BrokerError> {
    match answer {
        Ok(Confirmation::Ack(carried)) => Ok((Reply::Ack, carried_id(carried)?)),
        Ok(Confirmation::Nack(carried)) => Ok((Reply::Nack, carried_id(carried)?)),
        Ok(Confirmation::NotRequested) => {
            Err(BrokerError::Ended("it was not asked to confirm".to_owned()))
        }
        Err(source) => Err(BrokerError::Channel {
            attempted: "publish",
            source,
        }),
    }
}

fn carried_id(carried: Option<BasicReturnMessage>) -> Result<Option<Uuid>, BrokerError> {
    let Some(message) = carried else {
        return Ok(None);
    };
    let id = message
        .properties
        .message_id()
        .as_ref()
        .and_then(|id| id.as_str().parse().ok());
    // All that is sent here has an id. Without one nobody could be named, so nobody may be confirmed.
    id.map(Some)
        .ok_or_else(|| BrokerError::Ended("a message came back without its id".to_owned()))
}

fn note(ledger: &mut Ledger, arrival: Arrival) -> Result<(), BrokerError> {
    match arrival {
        Arrival::Fence(fence) => ledger.fenced(fence),
        Arrival::Answer(sequence, Ok((reply, carried))) => {
            ledger.resolved(sequence, reply, carried);
        }

        Arrival::Answer(_, Err(error)) => return Err(*error),
    }
    Ok(())
}
