//! The task behind a [`crate::Consumer`].

use crate::buffer::{Buffer, Session};
use crate::delivery::settle;
use crate::link::Link;
use crate::retry::Attempts;
use crate::{
    BrokerError, Config, ConsumerOptions, ConsumerState, Delivery, Settlement, Subscription,
    topology,
};
use futures_util::stream::{self, BoxStream, SelectAll, select_all};
use futures_util::{FutureExt, Stream, StreamExt};
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{Acker, Channel};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

const ROLE: &str = "consumer";
/// Messages moved in one go.
const BATCH: usize = 256;
/// How often the consumer looks whether it is alive.
const TICK: Duration = Duration::from_secs(1);
/// For the broker to end the streams once it has agreed to cancel them.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// First `stop` (take no more), then `close` (let go of the connection); `close` implies `stop`.
pub(crate) struct Phases {
    pub(crate) stop: CancellationToken,
    pub(crate) close: CancellationToken,
}

/// Owns the connection, one after another.
pub(crate) struct Consuming {
    config: Config,
    subscriptions: Vec<Subscription>,
    options: ConsumerOptions,
    buffer: Arc<Buffer>,
    state: watch::Sender<ConsumerState>,
    tick: watch::Sender<Option<Instant>>,
    phases: Phases,
}

type Item = (usize, Option<lapin::Result<lapin::message::Delivery>>);

/// One connection with all its consumers registered.
struct Open {
    link: Link,
    session: Arc<Session>,
    abandoned: mpsc::UnboundedReceiver<Acker>,
    channels: Vec<(Channel, ShortString)>,
    names: Vec<Arc<str>>,
    arrivals: SelectAll<BoxStream<'static, Item>>,
}

impl Consuming {
    pub(crate) fn new(
        config: Config,
        subscriptions: Vec<Subscription>,
        options: ConsumerOptions,
        buffer: Arc<Buffer>,
        state: watch::Sender<ConsumerState>,
        tick: watch::Sender<Option<Instant>>,
        phases: Phases,
    ) -> Self {
        Self {
            config,
            subscriptions,
            options,
            buffer,
            state,
            tick,
            phases,
        }
    }

    /// Until stopped: connect, consume until that fails, wait, again.
    pub(crate) async fn run(self) {
        let stop = self.phases.stop.clone();
        let mut attempts = Attempts::new(ROLE, self.options.backoff.clone());
        while !stop.is_cancelled() {
            attempts.begin();
            let (error, was_up) = match stop.run_until_cancelled(self.open()).await {
                None => break,
                Some(Err(error)) => (error, false),
                Some(Ok(mut open)) => {
                    open.link.up(true);
                    self.state.send_replace(ConsumerState::Consuming);
                    match self.consume(&mut open).await {
                        Ok(()) => return self.wind_down(open).await,
                        Err(error) => {
                            self.give_up(open).await;
                            (error, true)
                        }
                    }
                }
            };
            attempts.pause(&error, was_up, &stop).await;
        }
        self.state.send_replace(ConsumerState::Stopped);
    }

    async fn open(&self) -> Result<Open, BrokerError> {
        let link = Link::open(&self.config, ROLE).await?;
        let queues: Vec<&str> = self
            .subscriptions
            .iter()
            .map(|it| it.queue.as_str())
            .collect();
        topology::declare_on(&link, &self.config.prefix, &queues).await?;
        let mut channels = Vec::new();
        let mut streams = Vec::new();
        for (index, subscription) in self.subscriptions.iter().enumerate() {
            let (channel, consumer) = subscribe(&link, &self.config.prefix, subscription).await?;
            channels.push((channel, consumer.tag()));
            streams.push(with_end(index, consumer));
        }
        let (session, abandoned) = Session::new(&self.buffer);
        let names = queues.into_iter().map(Arc::from).collect();
        Ok(Open {
            link,
            session,
            abandoned,
            channels,
            names,
            arrivals: select_all(streams),
        })
    }

    /// Returns `Ok` when told to stop.
    async fn consume(&self, open: &mut Open) -> Result<(), BrokerError> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = self.phases.stop.cancelled() => return Ok(()),
                () = open.session.broken.cancelled() => {
                    return Err(BrokerError::Ended("a settlement did not reach it".to_owned()));
                }
                _ = tick.tick() => {
                    open.check()?;
                    self.tick.send_replace(Some(Instant::now()));
                }
                Some(acker) = open.abandoned.recv() => {
                    // `Lost` shows as a dead channel at the next tick, or as an ended stream before.
                    let _settled = settle(&acker, Settlement::Requeue).await;
                }
                Some(item) = open.arrivals.next() => {
                    self.buffer.push(open.delivery(item)?);
                    for _ in 0..BATCH {
                        let Some(Some(item)) = open.arrivals.next().now_or_never() else { break };
                        self.buffer.push(open.delivery(item)?);
                    }
                }
            }
        }
    }

    /// The connection is of no use: what it brought comes again, on the next one.
    async fn give_up(&self, open: Open) {
        self.state.send_replace(ConsumerState::Connecting);
        open.session.broken.cancel();
        self.buffer.take().into_iter().for_each(Delivery::forget);
        open.link.close().await;
    }

    /// Cancels, hands back what nobody has taken, and keeps the connection for what somebody has.
    async fn wind_down(&self, mut open: Open) {
        for (channel, tag) in &open.channels {
            let request = channel.basic_cancel(tag.clone(), BasicCancelOptions::default());
            if let Err(error) = open.link.step("cancel a consumer", request).await {
                tracing::warn!(error = %error, "could not cancel a consumer; closing its connection instead");
                open.session.broken.cancel();
            }
        }
        let handed_back = timeout(DRAIN_TIMEOUT, self.hand_back(&mut open)).await;
        tracing::info!(
            handed_back = handed_back.unwrap_or_default(),
            "stopped taking messages"
        );
        self.state.send_replace(ConsumerState::Stopped);
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

    async fn hand_back(&self, open: &mut Open) -> usize {
        let mut count = 0;
        let mut ended = 0;
        while ended < open.channels.len() {
            match open.arrivals.next().await {
                Some((_, Some(Ok(delivery)))) => {
                    count += usize::from(
                        settle(&delivery.acker, Settlement::Requeue).await == crate::Settled::Yes,
                    );
                }
                Some((_, Some(Err(_)))) => {}
                Some((_, None)) | None => ended += 1,
            }
        }
        for delivery in self.buffer.take() {
            count += usize::from(delivery.settle(Settlement::Requeue).await == crate::Settled::Yes);
        }
        count
    }
}

impl Open {
    fn check(&self) -> Result<(), BrokerError> {
        if !self.link.connected() {
            return Err(BrokerError::Ended("the connection is closed".to_owned()));
        }
        match self
            .channels
            .iter()
            .position(|(channel, _)| !channel.status().connected())
        {
            Some(index) => Err(BrokerError::Ended(format!(
                "the channel of `{}` is closed",
                self.names[index]
            ))),
            None => Ok(()),
        }
    }

    /// An error, and the quiet end of a stream (docs/findings.md#ended-streams), both end the connection.
    fn delivery(&self, (index, item): Item) -> Result<Delivery, BrokerError> {
        let queue = &self.names[index];
        match item {
            Some(Ok(delivery)) => Ok(Delivery::new(
                Arc::clone(queue),
                delivery,
                Arc::clone(&self.session),
            )),
            Some(Err(source)) => Err(BrokerError::Channel {
                attempted: "consume",
                source,
            }),
            None => Err(BrokerError::Ended(format!(
                "it cancelled the consumer of `{queue}`"
            ))),
        }
    }
}

/// A channel a queue: the prefetch is set before the consumer exists, and holds for it alone.
async fn subscribe(
    link: &Link,
    prefix: &str,
    subscription: &Subscription,
) -> Result<(Channel, lapin::Consumer), BrokerError> {
    let channel = link.channel().await?;
    // 0 would mean "no limit", and an unbounded buffer (docs/findings.md#prefetch).
    let prefetch = subscription.prefetch.max(1);
    link.step(
        "limit the prefetch",
        channel.basic_qos(prefetch, BasicQosOptions::default()),
    )
    .await?;
    let queue = topology::full_name(prefix, &subscription.queue);
    let options = BasicConsumeOptions::default();
    let request = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
    let consumer = link.step("consume", request).await?;
    Ok((channel, consumer))
}

/// Makes the end of a stream an item, which merging would swallow.
fn with_end(
    index: usize,
    consumer: impl Stream<Item = lapin::Result<lapin::message::Delivery>> + Send + 'static,
) -> BoxStream<'static, Item> {
    let end = stream::once(std::future::ready((index, None)));
    consumer
        .map(move |item| (index, Some(item)))
        .chain(end)
        .boxed()
}
