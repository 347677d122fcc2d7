//! Which queues there are, and what they promise.
//!
//! Work goes to the direct exchange `relink`, whose routing key is the queue's name, and lies in one quorum
//! queue a name. What is rejected, or comes back more than [`DELIVERIES_MAX`] times, goes through the fanout
//! exchange `relink.dead` to the quorum queue `dead`, at least once. Nothing waits here for its time: delays
//! live in PostgreSQL.

use crate::link::Link;
use crate::{BrokerError, Config};
use lapin::options::{
    ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ErrorKind, ExchangeKind};
use std::time::Duration;

/// The exchange that doorbells are published to.
pub const EXCHANGE: &str = "relink";
/// The exchange that rejected messages go through.
pub const DEAD_EXCHANGE: &str = "relink.dead";
/// The queue of rejected messages.
pub const DEAD_QUEUE: &str = "dead";
/// The queue whose one message tells a fleet's database from a copy of it.
pub const WITNESS_QUEUE: &str = "relink.witness";
/// Messages that lie there while one takes the place of another, and what a holder that died between left.
const WITNESS_LENGTH_MAX: u32 = 8;
/// Step of asking for a queue's messages.
pub(crate) const CONSUME: &str = "consume";
/// Step of asking for no more of them.
pub(crate) const CANCEL: &str = "cancel a consumer";
/// A message that comes back more often is dead. Far above what crashes of a worker with a small prefetch
/// do to innocent neighbours (docs/findings.md#delivery-limit); attempts of jobs are counted in PostgreSQL.
/// Set always: the default differs between broker versions.
pub const DELIVERIES_MAX: u32 = 100;
/// Messages that wait in one queue; the broker refuses more, and the rows wait in PostgreSQL instead.
pub const QUEUE_LENGTH_MAX: u32 = 200_000;
/// Messages in [`DEAD_QUEUE`]; while it is full, rejected ones stay where they are.
pub const DEAD_LENGTH_MAX: u32 = 100_000;
/// Nothing consumes the dead queue in earnest, but RabbitMQ 4 would drop what was looked at 20 times.
const DEAD_DELIVERIES_MAX: u32 = 1_000_000;
/// A cluster needs some ten seconds to delete a queue; who gives up before may leave half of it.
const DELETE_TIMEOUT: Duration = Duration::from_mins(1);
/// Members of a quorum queue, where the cluster has that many nodes.
const REPLICAS: u32 = 3;

/// Connects once, declares everything, and disconnects. For whoever sets an installation up; publishers and
/// consumers declare by themselves.
pub async fn declare(config: &Config, queues: &[&str]) -> Result<(), BrokerError> {
    let link = Link::open(config, "topology").await?;
    let declared = declare_on(&link, &config.prefix, queues).await;
    link.close().await;
    declared
}

/// The queue's name on the broker.
pub(crate) fn full_name(prefix: &str, name: &str) -> String {
    format!("{prefix}{name}")
}

/// Everything, each part for itself: what cannot be declared costs only itself, and the first such error is returned.
pub(crate) async fn declare_on<Q: AsRef<str>>(
    link: &Link,
    prefix: &str,
    queues: &[Q],
) -> Result<(), BrokerError> {
    let mut declared = dead_on(link, prefix).await;
    for name in queues {
        let one = queue_on(link, prefix, name.as_ref()).await;
        declared = declared.and(one.map(drop));
    }
    declared
}

/// Declares a queue of work, the exchange and their binding, and returns its consumers. Idempotent; on a channel of its
/// own, because a mismatch closes the channel.
pub(crate) async fn queue_on(link: &Link, prefix: &str, name: &str) -> Result<u32, BrokerError> {
    let channel = link.channel().await?;
    let source = full_name(prefix, EXCHANGE);
    exchange(link, &channel, source.clone(), ExchangeKind::Direct).await?;
    let full = full_name(prefix, name);
    let consumers = queue(link, &channel, &full, work_arguments(prefix)).await?;
    bind(link, &channel, &full, source, name).await?;
    link.step("close a channel", channel.close(200, "OK".into()))
        .await?;
    Ok(consumers)
}

/// Declares where rejected messages go. Idempotent; on a channel of its own.
pub(crate) async fn dead_on(link: &Link, prefix: &str) -> Result<(), BrokerError> {
    let channel = link.channel().await?;
    let source = full_name(prefix, DEAD_EXCHANGE);
    exchange(link, &channel, source.clone(), ExchangeKind::Fanout).await?;
    let dead = full_name(prefix, DEAD_QUEUE);
    queue(link, &channel, &dead, dead_arguments()).await?;
    bind(link, &channel, &dead, source, "").await?;
    link.step("close a channel", channel.close(200, "OK".into()))
        .await
}

/// Declares where the witness lies, and returns who consumes it. Idempotent; on a channel of its own.
pub(crate) async fn witness_on(link: &Link, prefix: &str) -> Result<u32, BrokerError> {
    let channel = link.channel().await?;
    let witness = full_name(prefix, WITNESS_QUEUE);
    // Each leader takes it into its hand, and it may come back from many.
    let arguments = quorum(WITNESS_LENGTH_MAX, DEAD_DELIVERIES_MAX);
    let consumers = queue(link, &channel, &witness, arguments).await?;
    link.step("close a channel", channel.close(200, "OK".into()))
        .await?;
    Ok(consumers)
}

/// Deletes a queue of work with the doorbells in it.
pub(crate) async fn discard_on(link: &Link, prefix: &str, name: &str) -> Result<(), BrokerError> {
    let channel = link.channel().await?;
    let full = full_name(prefix, name);
    let request = channel.queue_delete(full.as_str().into(), QueueDeleteOptions::default());
    Link::step_within(DELETE_TIMEOUT, "delete a queue", request).await?;
    link.step("close a channel", channel.close(200, "OK".into()))
        .await
}

pub(crate) fn work_arguments(prefix: &str) -> FieldTable {
    let mut arguments = quorum(QUEUE_LENGTH_MAX, DELIVERIES_MAX);
    arguments.insert(
        "x-dead-letter-exchange".into(),
        text(&full_name(prefix, DEAD_EXCHANGE)),
    );
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    arguments
}

pub(crate) fn dead_arguments() -> FieldTable {
    quorum(DEAD_LENGTH_MAX, DEAD_DELIVERIES_MAX)
}

fn quorum(length_max: u32, deliveries_max: u32) -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments.insert("x-quorum-initial-group-size".into(), number(REPLICAS));
    arguments.insert("x-max-length".into(), number(length_max));
    arguments.insert("x-delivery-limit".into(), number(deliveries_max));
    // At-least-once dead-lettering needs it, and a publisher should be told "no" rather than lose the oldest.
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

fn number(value: u32) -> AMQPValue {
    AMQPValue::LongLongInt(i64::from(value))
}

async fn exchange(
    link: &Link,
    channel: &Channel,
    name: String,
    kind: ExchangeKind,
) -> Result<(), BrokerError> {
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    let request =
        channel.exchange_declare(name.as_str().into(), kind, options, FieldTable::default());
    link.step("declare an exchange", request)
        .await
        .map_err(|error| named(error, "exchange", name))
}

async fn queue(
    link: &Link,
    channel: &Channel,
    name: &str,
    arguments: FieldTable,
) -> Result<u32, BrokerError> {
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    let request = channel.queue_declare(name.into(), options, arguments);
    link.step("declare a queue", request)
        .await
        .map(|queue| queue.consumer_count())
        .map_err(|error| named(error, "queue", name.to_owned()))
}

async fn bind(
    link: &Link,
    channel: &Channel,
    queue: &str,
    exchange: String,
    key: &str,
) -> Result<(), BrokerError> {
    let request = channel.queue_bind(
        queue.into(),
        exchange.into(),
        key.into(),
        QueueBindOptions::default(),
        FieldTable::default(),
    );
    link.step("bind a queue", request)
        .await
        .map_err(|error| named(error, "binding", queue.to_owned()))
}

/// Puts the name into what the broker answered, and tells a mismatch, which waiting does not cure.
fn named(error: BrokerError, what: &'static str, name: String) -> BrokerError {
    match error {
        BrokerError::Channel { source, .. } if precondition_failed(&source) => {
            BrokerError::Mismatch { what, name }
        }
        BrokerError::Channel { source, .. } => BrokerError::Declare { what, name, source },
        other => other,
    }
}

fn precondition_failed(error: &lapin::Error) -> bool {
    soft(error) == Some(Refusal::Precondition)
}

/// Why a part of the topology was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 404.
    NotFound,
    /// 406.
    Precondition,
}

/// What the broker said to a step on a channel, if it was one of the two.
pub(crate) fn refusal(error: &BrokerError) -> Option<Refusal> {
    match error {
        BrokerError::Channel { source, .. } => soft(source),
        _ => None,
    }
}

fn soft(error: &lapin::Error) -> Option<Refusal> {
    let ErrorKind::ProtocolError(error) = error.kind() else {
        return None;
    };
    match error.kind() {
        AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND) => Some(Refusal::NotFound),
        AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) => Some(Refusal::Precondition),
        _ => None,
    }
}

/// Whether another consumer has the queue for itself; a right that is missing is refused by the same number, in other words.
pub(crate) fn is_in_use(error: &BrokerError) -> bool {
    let BrokerError::Channel { source, .. } = error else {
        return false;
    };
    matches!(
        source.kind(),
        ErrorKind::ProtocolError(error)
            if matches!(error.kind(), AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED))
                && error.get_message().as_str().contains("exclusive")
    )
}

/// Whether the broker failed in itself (541), and with it the whole connection.
pub(crate) fn is_internal(error: &lapin::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ProtocolError(error)
            if matches!(error.kind(), AMQPErrorKind::Hard(AMQPHardError::INTERNALERROR))
    )
}
