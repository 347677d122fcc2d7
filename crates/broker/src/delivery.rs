//! One message in hand, and the one way to let go of it.

use crate::buffer::Session;
use crate::{Doorbell, Undecodable, measure};
use lapin::options::{BasicAckOptions, BasicNackOptions, BasicRejectOptions};
use lapin::types::AMQPValue;
use lapin::{Acker, BasicProperties};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

/// Settling only writes to the socket; a peer that takes nothing for this long is gone.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(10);
const DELIVERY_COUNT: &str = "x-delivery-count";

/// How a delivery ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Its effect is committed; forget it.
    Done,
    /// Deliver it again, to anyone, for something failed; counts towards the broker's delivery limit.
    Requeue,
    /// Deliver it again, to anyone, for this process stops; newer brokers do not count it.
    HandBack,
    /// Move it to the dead queue.
    Reject,
}

/// Whether the broker can have heard the settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Settled {
    /// Written to a connection that was alive. It may still die: any message may come twice.
    Yes,
    /// The channel was gone: the message will be delivered again.
    Lost,
}

/// A message that this process must settle. Dropped unsettled (a panic), it goes back to its queue.
#[derive(Debug)]
pub struct Delivery {
    /// Without the prefix.
    pub queue: Arc<str>,
    /// What it says, or why it says nothing.
    pub message: Result<Doorbell, Undecodable>,
    /// Delivered before, to somebody.
    pub redelivered: bool,
    /// How many earlier deliveries the queue has counted; 0 the first time.
    pub deliveries: u32,
    /// As the publisher gave it, when it is a uuid.
    pub message_id: Option<Uuid>,
    held: Option<AckHandle>,
}

#[derive(Debug)]
struct AckHandle {
    acker: Acker,
    session: Arc<Session>,
}

impl Delivery {
    pub(crate) fn new(
        queue: Arc<str>,
        delivery: lapin::message::Delivery,
        session: Arc<Session>,
    ) -> Self {
        let properties = &delivery.properties;
        session.hold();
        Self {
            queue,
            message: Doorbell::decode(&delivery.data, properties),
            redelivered: delivery.redelivered,
            deliveries: earlier_deliveries(properties),
            message_id: properties
                .message_id()
                .as_ref()
                .and_then(|id| id.as_str().parse().ok()),
            held: Some(AckHandle {
                acker: delivery.acker,
                session,
            }),
        }
    }

    /// Ends it. Never fails: `Lost` is redelivered, and whoever gets it finds its rows done.
    pub async fn settle(mut self, settlement: Settlement) -> Settled {
        let Some(AckHandle { acker, session }) = self.held.take() else {
            return Settled::Lost;
        };
        let settled = settle(&acker, settlement).await;
        if settled == Settled::Lost {
            metrics::counter!(measure::ACKS_LOST).increment(1);
            session.broken.cancel();
        }
        session.let_go();
        settled
    }

    /// Whether settling can still reach the broker.
    pub(crate) fn is_live(&self) -> bool {
        self.held
            .as_ref()
            .is_some_and(|held| held.acker.usable() && !held.session.broken.is_cancelled())
    }

    /// Whether this session brought it.
    pub(crate) fn is_of(&self, session: &Arc<Session>) -> bool {
        self.held
            .as_ref()
            .is_some_and(|held| Arc::ptr_eq(&held.session, session))
    }

    /// Lets go of one whose session is gone; the broker has it in its queue again.
    pub(crate) fn forget(mut self) {
        if let Some(held) = self.held.take() {
            held.session.let_go();
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if let Some(AckHandle { acker, session }) = self.held.take() {
            session.abandon(acker);
        }
    }
}

pub(crate) async fn settle(acker: &Acker, settlement: Settlement) -> Settled {
    let request = async {
        match settlement {
            Settlement::Done => acker.ack(BasicAckOptions::default()).await,
            // A nack would do as well on older brokers (docs/findings.md#requeues).
            Settlement::Requeue => acker.reject(BasicRejectOptions { requeue: true }).await,
            Settlement::HandBack => {
                acker
                    .nack(BasicNackOptions {
                        multiple: false,
                        requeue: true,
                    })
                    .await
            }
            Settlement::Reject => acker.reject(BasicRejectOptions { requeue: false }).await,
        }
    };
    match timeout(SETTLE_TIMEOUT, request).await {
        Ok(Ok(true)) => Settled::Yes,
        // Ok(false): the channel died under it (docs/findings.md#acks).
        Ok(Ok(false) | Err(_)) | Err(_) => Settled::Lost,
    }
}

fn earlier_deliveries(properties: &BasicProperties) -> u32 {
    let count = properties
        .headers()
        .as_ref()
        .and_then(|headers| headers.inner().get(DELIVERY_COUNT));
    let count = match count {
        Some(AMQPValue::LongLongInt(count)) => u32::try_from(*count).ok(),
        Some(AMQPValue::LongInt(count)) => u32::try_from(*count).ok(),
        Some(AMQPValue::LongUInt(count)) => Some(*count),
        Some(AMQPValue::ShortInt(count)) => u32::try_from(*count).ok(),
        Some(AMQPValue::ShortUInt(count)) => Some(u32::from(*count)),
        Some(AMQPValue::ShortShortInt(count)) => u32::try_from(*count).ok(),
        Some(AMQPValue::ShortShortUInt(count)) => Some(u32::from(*count)),
        _ => None,
    };
    count.unwrap_or(0)
}
