//! The bare loop (a): publish with confirms, quorum queue, consume, ack. As fast as it can be made.
//!
//! Two connections, bodies of 300 bytes, confirms awaited a long way behind, acknowledgements a hundred at a time:
//! what any job path over this broker could reach at most if it rang once a job.

use crate::Failure;
use futures_util::StreamExt as _;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use std::collections::VecDeque;
use std::time::Instant;

const QUEUE: &str = "bench.bare";
const BODY_BYTES: usize = 300;
/// Messages that may wait for their confirms.
const WINDOW: usize = 4_096;
const PREFETCH: u16 = 500;
/// One acknowledgement for so many.
const ACK_EVERY: u32 = 100;
const PERSISTENT: u8 = 2;

/// Messages a second, from the first publish to the last acknowledgement.
pub(crate) async fn run(amqp: &str, messages: u32) -> Result<f64, Failure> {
    let publishing = Connection::connect(amqp, ConnectionProperties::default()).await?;
    let consuming = Connection::connect(amqp, ConnectionProperties::default()).await?;
    let (publisher, consumer) = (
        publishing.create_channel().await?,
        consuming.create_channel().await?,
    );
    declare(&publisher).await?;
    publisher
        .confirm_select(ConfirmSelectOptions::default())
        .await?;
    consumer
        .basic_qos(PREFETCH, BasicQosOptions::default())
        .await?;
    let began = Instant::now();
    let hearing = tokio::spawn(consume(consumer, messages));
    publish(&publisher, messages).await?;
    hearing.await??;
    let took = began.elapsed();
    publisher
        .queue_delete(QUEUE.into(), QueueDeleteOptions::default())
        .await?;
    // What was to be measured is over; lapin sometimes calls a broker that hangs up first an error.
    publishing.close(200, "OK".into()).await.ok();
    consuming.close(200, "OK".into()).await.ok();
    Ok(f64::from(messages) / took.as_secs_f64())
}

async fn declare(channel: &Channel) -> Result<(), Failure> {
    let mut arguments = FieldTable::default();
    arguments.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("quorum".into()),
    );
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(QUEUE.into(), options, arguments)
        .await?;
    Ok(())
}

async fn publish(channel: &Channel, messages: u32) -> Result<(), Failure> {
    let body = [b'x'; BODY_BYTES];
    let mut waiting = VecDeque::with_capacity(WINDOW);
    for _ in 0..messages {
        let properties = BasicProperties::default().with_delivery_mode(PERSISTENT);
        let sent = channel.basic_publish(
            "".into(),
            QUEUE.into(),
            BasicPublishOptions::default(),
            &body,
            properties,
        );
        waiting.push_back(sent.await?);
        if waiting.len() >= WINDOW
            && let Some(oldest) = waiting.pop_front()
        {
            confirmed(oldest.await?)?;
        }
    }
    for confirm in waiting {
        confirmed(confirm.await?)?;
    }
    Ok(())
}

fn confirmed(answer: Confirmation) -> Result<(), Failure> {
    match answer {
        Confirmation::Ack(None) => Ok(()),
        other => Err(format!("the broker did not take a message: {other:?}").into()),
    }
}

async fn consume(channel: Channel, messages: u32) -> Result<(), Failure> {
    let options = BasicConsumeOptions::default();
    let mut deliveries = channel
        .basic_consume(QUEUE.into(), "".into(), options, FieldTable::default())
        .await?;
    for number in 1..=messages {
        let delivery = deliveries
            .next()
            .await
            .ok_or("the consumer ended early")??;
        if number % ACK_EVERY == 0 || number == messages {
            delivery.ack(BasicAckOptions { multiple: true }).await?;
        }
    }
    Ok(())
}
