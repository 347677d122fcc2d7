//! One message on its way to the broker, and the answer to it.

use crate::BrokerError;
use crate::ledger::{Ledger, Reply};
use lapin::message::BasicReturnMessage;
use lapin::options::BasicPublishOptions;
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation};
use std::future::{Ready, ready};
use uuid::Uuid;

/// A message on its way to the connection.
pub(crate) struct Ring {
    pub(crate) queue: String,
    pub(crate) message_id: Uuid,
    pub(crate) body: Vec<u8>,
    pub(crate) properties: BasicProperties,
}

/// What comes out of the set of futures.
pub(crate) enum Arrival {
    /// A message's number, the answer to it, and the id of the return that came with the answer.
    Answer(u64, Result<(Reply, Option<Uuid>), Box<BrokerError>>),
    Fence(u64),
}

/// Writes on its first poll, in the order of the polls, and ends with the answer.
pub(crate) async fn send(
    channel: &Channel,
    exchange: ShortString,
    sequence: u64,
    ring: Ring,
) -> Arrival {
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
pub(crate) fn passing(fence: u64) -> Ready<Arrival> {
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

pub(crate) fn note(ledger: &mut Ledger, arrival: Arrival) -> Result<(), BrokerError> {
    match arrival {
        Arrival::Fence(fence) => ledger.fenced(fence),
        Arrival::Answer(sequence, Ok((reply, carried))) => {
            ledger.resolved(sequence, reply, carried);
        }

        Arrival::Answer(_, Err(error)) => return Err(*error),
    }
    Ok(())
}
