//! Doorbells a second, published, consumed and acknowledged on one quorum queue: this crate beside bare lapin,
//! alternating in one run. `rate [messages] [prefetch]`, `RELINK_TEST_AMQP_URL` set, in a release build.

use broker::{
    Backoff, Config, Consumer, ConsumerOptions, ConsumerState, Doorbell, NotPublished, Publisher,
    PublisherOptions, PublisherState, Settled, Settlement, Subscription, Verdict, topology,
};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions, ExchangeDeleteOptions, QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Confirmation, Connection, ConnectionProperties};
use std::time::{Duration, Instant};
use uuid::Uuid;

const WINDOW: usize = 1024;
const PREFIX: &str = "rate.";
const RUNS: usize = 5;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|it| it.parse().ok());
    let count: u32 = arguments.next().unwrap_or(50_000);
    let prefetch = u16::try_from(arguments.next().unwrap_or(500)).expect("a prefetch");
    #[expect(clippy::disallowed_methods, reason = "the one setting of this program")]
    let url = std::env::var("RELINK_TEST_AMQP_URL").expect("RELINK_TEST_AMQP_URL");
    let config = Config {
        url: url.clone().into(),
        ca_file: None,
        connect_timeout: Duration::from_secs(5),
        heartbeat: Duration::from_secs(10),
        prefix: PREFIX.to_owned(),
    };
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        ours.push(through_this_crate(&config, count, prefetch).await);
        bare.push(through_lapin(&url, count, prefetch).await);
    }
    clean(&url).await;
    println!(
        "{count} messages of 300 bytes, window {WINDOW}, prefetch {prefetch}, medians of {RUNS}"
    );
    println!(
        "broker: {:.0}/s   lapin: {:.0}/s",
        median(&mut ours),
        median(&mut bare)
    );
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Six jobs make a body of 300 bytes, give or take a few.
fn doorbell() -> Doorbell {
    Doorbell {
        kind: "status.watch.some.shard.of.it.all".to_owned(),
        jobs: vec![Uuid::nil(); 6],
        traceparent: None,
    }
}

async fn through_this_crate(config: &Config, count: u32, prefetch: u16) -> f64 {
    let backoff = Backoff::new(|_| Duration::from_millis(100));
    let options = PublisherOptions {
        window: WINDOW,
        confirm_timeout: Duration::from_secs(10),
        backoff: backoff.clone(),
    };
    let mut publisher = Publisher::start(config.clone(), &["rate"], options);
    let subscriptions = vec![Subscription {
        queue: "rate".to_owned(),
        prefetch,
    }];
    let mut consumer = Consumer::start(config.clone(), subscriptions, ConsumerOptions { backoff });
    publisher
        .state()
        .wait_for(|it| *it == PublisherState::Up)
        .await
        .expect("up");
    consumer
        .state()
        .wait_for(|it| *it == ConsumerState::Consuming)
        .await
        .expect("up");
    let start = Instant::now();
    let publishing = tokio::spawn(async move {
        let (doorbell, mut told, mut outcomes) = (doorbell(), 0, Vec::new());
        let mut sent = 0;
        while told < count {
            while sent < count {
                match publisher.publish("rate", Uuid::now_v7(), &doorbell) {
                    Ok(()) => sent += 1,
                    Err(NotPublished::Full) => break,
                    Err(error) => panic!("{error}"),
                }
            }
            publisher.outcomes(&mut outcomes, 256).await;
            told += u32::try_from(outcomes.len()).expect("small");
            assert!(
                outcomes
                    .drain(..)
                    .all(|it| it.verdict == Verdict::Confirmed)
            );
        }
        publisher.close().await;
    });
    for _ in 0..count {
        let delivery = consumer.next().await.expect("a delivery");
        assert_eq!(delivery.settle(Settlement::Done).await, Settled::Yes);
    }
    let elapsed = start.elapsed();
    publishing.await.expect("published");
    consumer.close(Duration::from_secs(5)).await;
    f64::from(count) / elapsed.as_secs_f64()
}

async fn through_lapin(url: &str, count: u32, prefetch: u16) -> f64 {
    let publishing = Connection::connect(url, ConnectionProperties::default())
        .await
        .expect("connect");
    let consuming = Connection::connect(url, ConnectionProperties::default())
        .await
        .expect("connect");
    let channel = consuming.create_channel().await.expect("a channel");
    channel
        .basic_qos(prefetch, BasicQosOptions::default())
        .await
        .expect("qos");
    let mut consumer = channel
        .basic_consume(
            "rate.rate".into(),
            "".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        )
        .await
        .expect("consume");
    let out = publishing.create_channel().await.expect("a channel");
    out.confirm_select(ConfirmSelectOptions::default())
        .await
        .expect("confirms");
    let start = Instant::now();
    let publisher = tokio::spawn(async move {
        let body = vec![b'x'; 300];
        let mut flight = FuturesUnordered::new();
        for _ in 0..count {
            if flight.len() == WINDOW {
                assert_eq!(flight.next().await, Some(Ok(Confirmation::Ack(None))));
            }
            let options = BasicPublishOptions {
                mandatory: true,
                ..BasicPublishOptions::default()
            };
            let properties = BasicProperties::default().with_delivery_mode(2);
            let written = out.basic_publish(
                "rate.relink".into(),
                "rate".into(),
                options,
                &body,
                properties,
            );
            flight.push(written.await.expect("written"));
        }
        while let Some(confirmation) = flight.next().await {
            assert_eq!(confirmation, Ok(Confirmation::Ack(None)));
        }
    });
    for _ in 0..count {
        let delivery = consumer
            .next()
            .await
            .expect("a delivery")
            .expect("a delivery");
        assert_eq!(delivery.ack(BasicAckOptions::default()).await, Ok(true));
    }
    let elapsed = start.elapsed();
    publisher.await.expect("published");
    publishing.close(200, "OK".into()).await.expect("close");
    consuming.close(200, "OK".into()).await.expect("close");
    f64::from(count) / elapsed.as_secs_f64()
}

async fn clean(url: &str) {
    let connection = Connection::connect(url, ConnectionProperties::default())
        .await
        .expect("connect");
    let channel = connection.create_channel().await.expect("a channel");
    for queue in ["rate", topology::DEAD_QUEUE] {
        let name = format!("{PREFIX}{queue}");
        channel
            .queue_delete(name.into(), QueueDeleteOptions::default())
            .await
            .expect("delete");
    }
    for exchange in [topology::EXCHANGE, topology::DEAD_EXCHANGE] {
        let name = format!("{PREFIX}{exchange}");
        channel
            .exchange_delete(name.into(), ExchangeDeleteOptions::default())
            .await
            .expect("delete");
    }
    connection.close(200, "OK".into()).await.expect("close");
}
