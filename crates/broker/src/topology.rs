//! Which queues there are, and what they promise.
//!
//! Work goes to the direct exchange `relink`, whose routing key is the queue's name, and lies in one quorum
//! queue a name. What is rejected, or comes back more than [`DELIVERIES_MAX`] times, goes through the fanout
//! exchange `relink.dead` to the quorum queue `dead`, at least once. Nothing waits here for its time: delays
//! live in PostgreSQL.

use crate::link::Link;
use crate::{BrokerError, Config};
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ErrorKind, ExchangeKind};

/// The exchange that doorbells are published to.
pub const EXCHANGE: &str = "relink";
/// The exchange that rejected messages go through.
pub const DEAD_EXCHANGE: &str = "relink.dead";
/// The queue of rejected messages.
pub const DEAD_QUEUE: &str = "dead";
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

/// Idempotent; on a channel of its own, because a mismatch closes the channel.
pub(crate) async fn declare_on<Q: AsRef<str>>(
    link: &Link,
    prefix: &str,
    queues: &[Q],
) -> Result<(), BrokerError> {
    let channel = link.channel().await?;
    exchange(
        link,
        &channel,
        full_name(prefix, EXCHANGE),
        ExchangeKind::Direct,
    )
    .await?;
    exchange(
        link,
        &channel,
        full_name(prefix, DEAD_EXCHANGE),
        ExchangeKind::Fanout,
    )
    .await?;
    let dead = full_name(prefix, DEAD_QUEUE);
    queue(link, &channel, &dead, dead_arguments()).await?;
    bind(link, &channel, &dead, full_name(prefix, DEAD_EXCHANGE), "").await?;
    for name in queues {
        let full = full_name(prefix, name.as_ref());
        queue(link, &channel, &full, work_arguments(prefix)).await?;
        bind(
            link,
            &channel,
            &full,
            full_name(prefix, EXCHANGE),
            name.as_ref(),
        )
        .await?;
    }
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
) -> Result<(), BrokerError> {
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    let request = channel.queue_declare(name.into(), options, arguments);
    link.step("declare a queue", request)
        .await
        .map(drop)
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
