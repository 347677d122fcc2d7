//! A broker seen through a prefix of its own, cleaned away afterwards.

use broker::{
    Backoff, Config, Consumer, ConsumerOptions, ConsumerState, Doorbell, Outcome, Publisher,
    PublisherOptions, PublisherState, QueueHealth, Subscription, queue_depths, topology,
};
use futures_util::FutureExt;
use lapin::options::{ExchangeDeleteOptions, QueueDeleteOptions};
use lapin::{Channel, Connection, ConnectionProperties};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

/// Every wait in these tests ends here.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const CONFIRM_TIMEOUT: Duration = Duration::from_secs(3);
pub(crate) const QUEUES: [&str; 2] = ["watches", "sweeps"];

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) prefix: String,
}

#[expect(clippy::disallowed_methods, reason = "the one setting of these tests")]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Runs the test on a prefix of its own and deletes what it made, also when it fails.
pub(crate) async fn in_world<F: Future<Output = ()>>(test: impl FnOnce(World) -> F) {
    let url = setting("RELINK_TEST_AMQP_URL").unwrap_or_else(|| {
        panic!("RELINK_TEST_AMQP_URL is not set: these tests need a RabbitMQ; `tests/run broker` starts one and sets it")
    });
    let world = World {
        url,
        prefix: format!("t{}.", Uuid::now_v7().simple()),
    };
    let result = AssertUnwindSafe(test(world.clone())).catch_unwind().await;
    world.clean().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

impl World {
    pub(crate) fn config(&self) -> Config {
        Config {
            url: self.url.clone().into(),
            ca_file: None,
            connect_timeout: Duration::from_secs(10),
            heartbeat: Duration::from_secs(10),
            prefix: self.prefix.clone(),
        }
    }

    /// The same broker, reached through another port.
    pub(crate) fn config_through(&self, port: u16) -> Config {
        let (before, after) = self
            .url
            .split_once('@')
            .expect("user and password in the url");
        let (_, vhost) = after.split_once('/').expect("a vhost in the url");
        Config {
            url: format!("{before}@127.0.0.1:{port}/{vhost}").into(),
            ..self.config()
        }
    }

    /// Where the broker listens.
    pub(crate) fn address(&self) -> String {
        let (_, after) = self
            .url
            .split_once('@')
            .expect("user and password in the url");
        after
            .split_once('/')
            .expect("a vhost in the url")
            .0
            .to_owned()
    }

    pub(crate) async fn raw(&self) -> (Connection, Channel) {
        let connection = Connection::connect(&self.url, ConnectionProperties::default())
            .await
            .expect("connect");
        let channel = connection.create_channel().await.expect("a channel");
        (connection, channel)
    }

    pub(crate) fn full(&self, name: &str) -> lapin::types::ShortString {
        format!("{}{name}", self.prefix).into()
    }

    pub(crate) async fn ready(&self, queue: &str) -> u32 {
        queue_depths(&self.config(), &[queue])
            .await
            .expect("the queue's depth")[0]
            .ready
    }

    /// The broker counts asynchronously; asks until it says so.
    pub(crate) async fn wait_ready(&self, queue: &str, expected: u32) {
        let start = Instant::now();
        loop {
            let found = self.ready(queue).await;
            if found == expected {
                return;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "`{queue}` holds {found}, expected {expected}"
            );
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn clean(&self) {
        let (connection, channel) = self.raw().await;
        for name in QUEUES.into_iter().chain([topology::DEAD_QUEUE]) {
            channel
                .queue_delete(self.full(name), QueueDeleteOptions::default())
                .await
                .expect("delete a queue");
        }
        for name in [topology::EXCHANGE, topology::DEAD_EXCHANGE] {
            channel
                .exchange_delete(self.full(name), ExchangeDeleteOptions::default())
                .await
                .expect("delete an exchange");
        }
        connection.close(200, "OK".into()).await.expect("close");
    }
}

pub(crate) fn backoff() -> Backoff {
    Backoff::new(|attempt| Duration::from_millis(u64::from(attempt.min(10)) * 50))
}

pub(crate) async fn publisher(config: Config) -> Publisher {
    let publisher = starting_publisher(config, backoff(), 1024);
    reach(publisher.state(), PublisherState::Up).await;
    publisher
}

pub(crate) fn starting_publisher(config: Config, backoff: Backoff, window: usize) -> Publisher {
    let options = PublisherOptions {
        window,
        confirm_timeout: CONFIRM_TIMEOUT,
        backoff,
    };
    Publisher::start(config, &QUEUES, options)
}

pub(crate) async fn consumer(config: Config, queue: &str, prefetch: u16) -> Consumer {
    let subscription = Subscription {
        queue: queue.to_owned(),
        prefetch,
    };
    let consumer = Consumer::start(
        config,
        vec![subscription],
        ConsumerOptions { backoff: backoff() },
    );
    reach(consumer.state(), ConsumerState::Consuming).await;
    consumer
}

/// A consumer of all queues, which looks often at those that are quiet.
pub(crate) fn looking_consumer(config: Config, look_every: Duration) -> Consumer {
    let subscriptions = QUEUES.map(|queue| Subscription {
        queue: queue.to_owned(),
        prefetch: 5,
    });
    let options = ConsumerOptions { backoff: backoff() };
    Consumer::start_looking(config, subscriptions.to_vec(), options, look_every)
}

/// Waits until the line of a queue is as wanted, and returns how it is.
pub(crate) async fn line<S: Clone + std::fmt::Debug>(
    mut lines: watch::Receiver<Vec<QueueHealth<S>>>,
    queue: &str,
    wanted: impl Fn(&QueueHealth<S>) -> bool,
) -> QueueHealth<S> {
    let is_wanted = |it: &QueueHealth<S>| &*it.queue == queue && wanted(it);
    let seen = timeout(PATIENCE, lines.wait_for(|all| all.iter().any(is_wanted)));
    let found = seen.await.map(|found| {
        let found = found.expect("alive");
        found.iter().find(|it| is_wanted(it)).cloned()
    });
    match found {
        Ok(Some(found)) => found,
        other => panic!("{queue}: {other:?}; {:?}", lines.borrow()),
    }
}

pub(crate) async fn reach<T: PartialEq + std::fmt::Debug + Copy>(
    mut state: watch::Receiver<T>,
    wanted: T,
) {
    let reached = timeout(PATIENCE, state.wait_for(|it| *it == wanted))
        .await
        .map(|it| it.is_ok());
    assert_eq!(
        reached,
        Ok(true),
        "never {wanted:?}; it is {:?}",
        *state.borrow()
    );
}

pub(crate) fn doorbell(job: u128) -> Doorbell {
    Doorbell {
        kind: "test.ring".to_owned(),
        jobs: vec![Uuid::from_u128(job)],
        traceparent: None,
    }
}

pub(crate) async fn outcome(publisher: &mut Publisher) -> Outcome {
    timeout(PATIENCE, publisher.outcome())
        .await
        .expect("a verdict in time")
        .expect("a verdict")
}

pub(crate) async fn next(consumer: &mut Consumer) -> broker::Delivery {
    timeout(PATIENCE, consumer.next())
        .await
        .expect("a delivery in time")
        .expect("a delivery")
}

/// Publishes as many as asked and waits for every verdict.
pub(crate) async fn ring(publisher: &mut Publisher, queue: &str, count: u128) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for job in 0..count {
        publisher
            .publish(queue, Uuid::now_v7(), &doorbell(job))
            .expect("accepted");
    }
    for _ in 0..count {
        outcomes.push(outcome(publisher).await);
    }
    outcomes
}

/// A backoff that tells which attempt it was asked about.
pub(crate) fn counted_backoff() -> (Backoff, watch::Receiver<u32>) {
    let (sender, receiver) = watch::channel(0);
    let sender = Arc::new(sender);
    let backoff = Backoff::new(move |attempt| {
        sender.send_replace(attempt);
        Duration::from_millis(50)
    });
    (backoff, receiver)
}
