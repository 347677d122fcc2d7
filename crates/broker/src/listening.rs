//! One connection with the consumer of one queue registered.

use crate::buffer::{Buffer, Session};
use crate::consuming::DRAIN_TIMEOUT;
use crate::link::Link;
use crate::{BrokerError, Subscription, topology};
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Acker, Channel, Consumer};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// A subscription that the broker has agreed to.
pub(crate) struct Listening {
    pub(crate) link: Link,
    pub(crate) session: Arc<Session>,
    pub(crate) abandoned: mpsc::UnboundedReceiver<Acker>,
    pub(crate) arrivals: Consumer,
    /// Whether anything came since the last look.
    pub(crate) has_heard: bool,
    /// Looks in a row that left the subscription as it is.
    pub(crate) passed: u32,
    channel: Channel,
}

impl Listening {
    pub(crate) fn new(link: Link, channel: Channel, arrivals: Consumer, buffer: &Buffer) -> Self {
        let (session, abandoned) = Session::new(buffer);
        Self {
            link,
            session,
            abandoned,
            arrivals,
            has_heard: false,
            passed: 0,
            channel,
        }
    }

    pub(crate) fn check(&self) -> Result<(), BrokerError> {
        if !self.link.connected() {
            return Err(BrokerError::Ended("the connection is closed".to_owned()));
        }
        if !self.channel.status().connected() {
            return Err(BrokerError::Ended("the channel is closed".to_owned()));
        }
        Ok(())
    }

    pub(crate) async fn cancel(&self) -> Result<(), BrokerError> {
        let tag = self.arrivals.tag();
        let request = self
            .channel
            .basic_cancel(tag, BasicCancelOptions::default());
        self.link.step(topology::CANCEL, request).await
    }

    /// Subscribes anew on the channel that it has, and returns what the old subscription still brought.
    pub(crate) async fn renew(
        &mut self,
        prefix: &str,
        queue: &str,
    ) -> Result<Vec<Delivery>, BrokerError> {
        self.cancel().await?;
        let mut late = Vec::new();
        let drain = async {
            while let Some(item) = self.arrivals.next().await {
                late.extend(item);
            }
        };
        let drained = timeout(DRAIN_TIMEOUT, drain).await;
        drained.map_err(|_| BrokerError::Ended("a cancelled consumer did not end".to_owned()))?;
        self.arrivals = consume(&self.link, &self.channel, prefix, queue).await?;
        Ok(late)
    }
}

/// The prefetch is set before the consumer exists, and holds for it alone.
pub(crate) async fn subscribe(
    link: &Link,
    prefix: &str,
    subscription: &Subscription,
) -> Result<(Channel, Consumer), BrokerError> {
    let channel = link.channel().await?;
    // 0 would mean "no limit", and an unbounded buffer (docs/findings.md#prefetch).
    let prefetch = subscription.prefetch.max(1);
    link.step(
        "limit the prefetch",
        channel.basic_qos(prefetch, BasicQosOptions::default()),
    )
    .await?;
    let consumer = consume(link, &channel, prefix, &subscription.queue).await?;
    Ok((channel, consumer))
}

async fn consume(
    link: &Link,
    channel: &Channel,
    prefix: &str,
    queue: &str,
) -> Result<Consumer, BrokerError> {
    let queue = topology::full_name(prefix, queue);
    let options = BasicConsumeOptions::default();
    let request = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
    link.step(topology::CONSUME, request).await
}
