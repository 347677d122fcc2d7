//! The message that tells a fleet's database from a copy of it (R-RES-1): held by one leader, and put anew each minute.
//!
//! Whoever holds it is its queue's only consumer and keeps it unacknowledged, so that another that looks finds it held. With the
//! holder's connection the broker gives it free.

use crate::link::Link;
use crate::topology::{self, full_name};
use crate::{BrokerError, Config};
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Consumer};
use std::time::Duration;
use tokio::time::timeout;

/// Role of its connection in the broker's lists.
const ROLE: &str = "witness";
/// A message that lies in the queue is given out at once.
const GIVEN_WITHIN: Duration = Duration::from_secs(2);
/// Kept by the broker when the machine goes down.
const PERSISTENT: u8 = 2;

/// The hold on the witness, or the wish for it.
pub struct WitnessQueue {
    config: Config,
    hold: Option<Hold>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing was ever put there, or it was lost.
    Nothing,
    /// Another connection holds it.
    Held,
    /// These bytes, which are held from now on.
    Body(Vec<u8>),
}

struct Hold {
    link: Link,
    channel: Channel,
    arrivals: Consumer,
    last: Option<Delivery>,
}

impl WitnessQueue {
    /// Prepares it; connects with the first look.
    pub fn new(config: Config) -> Self {
        Self { config, hold: None }
    }

    /// Takes hold of the witness if it is free, and says what it is. After an error the next look connects anew.
    pub async fn look(&mut self) -> Result<Found, BrokerError> {
        let mut hold = match self.hold.take() {
            Some(hold) if hold.lives() => hold,
            // The broker gives free what a dead connection held; another may have it by now.
            _ => match Hold::take(&self.config).await? {
                Some(hold) => hold,
                None => return Ok(Found::Held),
            },
        };
        hold.receive(GIVEN_WITHIN).await?;
        let body = hold.last.as_ref().map(|last| last.data.clone());
        self.hold = Some(hold);
        Ok(body.map_or(Found::Nothing, Found::Body))
    }

    /// Puts these bytes in the place of what is held. Nothing is held after an error: look again.
    pub async fn put(&mut self, body: &[u8]) -> Result<(), BrokerError> {
        let hold = self.hold.take();
        let mut hold = hold.ok_or_else(|| BrokerError::Ended("nothing is held".to_owned()))?;
        hold.put(
            &full_name(&self.config.prefix, topology::WITNESS_QUEUE),
            body,
        )
        .await?;
        self.hold = Some(hold);
        Ok(())
    }

    /// Gives it free.
    pub async fn close(&mut self) {
        if let Some(hold) = self.hold.take() {
            hold.link.close().await;
        }
    }
}

impl Hold {
    /// None: another holds it.
    async fn take(config: &Config) -> Result<Option<Self>, BrokerError> {
        let link = Link::open(config, ROLE).await?;
        match Self::take_on(&link, &config.prefix).await {
            Ok(Some((channel, arrivals))) => Ok(Some(Self {
                link,
                channel,
                arrivals,
                last: None,
            })),
            Ok(None) => {
                link.close().await;
                Ok(None)
            }
            Err(error) => {
                link.close().await;
                Err(error)
            }
        }
    }

    async fn take_on(
        link: &Link,
        prefix: &str,
    ) -> Result<Option<(Channel, Consumer)>, BrokerError> {
        if 0 < topology::witness_on(link, prefix).await? {
            return Ok(None);
        }
        let channel = link.channel().await?;
        let confirming = channel.confirm_select(ConfirmSelectOptions::default());
        link.step("ask for confirms", confirming).await?;
        let options = BasicConsumeOptions {
            exclusive: true,
            ..BasicConsumeOptions::default()
        };
        let queue = full_name(prefix, topology::WITNESS_QUEUE);
        let request =
            channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
        match link.step(topology::CONSUME, request).await {
            Ok(arrivals) => Ok(Some((channel, arrivals))),
            Err(error) if topology::is_in_use(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn lives(&self) -> bool {
        self.link.connected() && self.channel.status().connected()
    }

    /// Receives what the queue gives out; the last one counts, and what came before it is taken away.
    async fn receive(&mut self, within: Duration) -> Result<(), BrokerError> {
        // A message that was put last night arrives with the first look, and none afterwards but our own.
        while self.last.is_none() {
            match timeout(within, self.arrivals.next()).await {
                Ok(Some(Ok(delivery))) => self.keep(delivery).await?,
                Ok(Some(Err(source))) => return Err(ended(source)),
                Ok(None) => return Err(BrokerError::Ended("the consumer ended".to_owned())),
                Err(_) => return Ok(()),
            }
        }
        // Whoever died between putting and acknowledging left two.
        while let Ok(Some(Ok(delivery))) = timeout(Duration::ZERO, self.arrivals.next()).await {
            self.keep(delivery).await?;
        }
        Ok(())
    }

    async fn keep(&mut self, delivery: Delivery) -> Result<(), BrokerError> {
        if let Some(before) = self.last.replace(delivery) {
            let acked = before.acker.ack(BasicAckOptions::default());
            self.link.step("acknowledge a message", acked).await?;
        }
        Ok(())
    }

    async fn put(&mut self, queue: &str, body: &[u8]) -> Result<(), BrokerError> {
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let properties = BasicProperties::default().with_delivery_mode(PERSISTENT);
        let publish = async {
            let sent =
                self.channel
                    .basic_publish("".into(), queue.into(), options, body, properties);
            sent.await?.await
        };
        match self.link.step("put the witness", publish).await? {
            Confirmation::Ack(None) => {}
            other => {
                let what = format!("the witness was not taken: {other:?}");
                return Err(BrokerError::Ended(what));
            }
        }
        let ours = timeout(GIVEN_WITHIN, self.arrivals.next()).await;
        match ours {
            Ok(Some(Ok(delivery))) => self.keep(delivery).await,
            Ok(Some(Err(source))) => Err(ended(source)),
            Ok(None) => Err(BrokerError::Ended("the consumer ended".to_owned())),
            Err(_) => Err(BrokerError::Timeout {
                attempted: "get the witness back",
                within: GIVEN_WITHIN,
            }),
        }
    }
}

fn ended(source: lapin::Error) -> BrokerError {
    BrokerError::Channel {
        attempted: "hold the witness",
        source,
    }
}
