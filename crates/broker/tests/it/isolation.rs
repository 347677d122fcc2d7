//! One queue costs one queue: broken, deleted, replaced or forgotten, it stops no other, and heals when it can.

use crate::proxy::{Mode, Proxy};
use crate::world::{
    PATIENCE, World, doorbell, in_world, line, looking_consumer, next, publisher, reach, ring,
};
use broker::{Consumer, ConsumerState, NotPublished, Publisher, PublisherState};
use broker::{Settled, Settlement, Verdict};
use lapin::Channel;
use lapin::options::{
    BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::FieldTable;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// `basic.reject` and `basic.nack`.
const REJECT: u8 = 90;
const NACK: u8 = 120;
const OFTEN: Duration = Duration::from_millis(300);
/// So that eight in a row are seconds.
const SOMETIMES: Duration = Duration::from_secs(1);
/// Rarer than any of these tests lasts.
const NEVER: Duration = Duration::from_mins(10);

async fn make(channel: &Channel, world: &World, is_exclusive: bool) {
    let options = QueueDeclareOptions {
        exclusive: is_exclusive,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(world.full("sweeps"), options, FieldTable::default())
        .await
        .expect("a queue of another kind");
}

async fn discard(channel: &Channel, world: &World) {
    channel
        .queue_delete(world.full("sweeps"), QueueDeleteOptions::default())
        .await
        .expect("deleted");
}

/// Rings for a queue and gets what it rang, nothing else.
async fn works(publisher: &mut Publisher, consumer: &mut Consumer, queue: &str) {
    for outcome in ring(publisher, queue, 10).await {
        assert_eq!(outcome.verdict, Verdict::Confirmed, "{queue}");
    }
    for _ in 0..10 {
        let delivery = next(consumer).await;
        assert_eq!(&*delivery.queue, queue);
        assert_eq!(delivery.settle(Settlement::Done).await, Settled::Yes);
    }
}

/// Rings for a queue until it is heard: whoever was rung for a queue that is gone rings again.
async fn works_again(publisher: &mut Publisher, consumer: &mut Consumer, queue: &str) {
    let start = Instant::now();
    loop {
        assert!(start.elapsed() < PATIENCE, "{queue} does not heal");
        if publisher
            .publish(queue, Uuid::now_v7(), &doorbell(1))
            .is_ok()
        {
            publisher.outcome().await.expect("a verdict");
        }
        if let Ok(delivery) = tokio::time::timeout(OFTEN, consumer.next()).await {
            let delivery = delivery.expect("a delivery");
            assert_eq!(&*delivery.queue, queue);
            assert_eq!(delivery.settle(Settlement::Done).await, Settled::Yes);
            break;
        }
    }
    // What was rung for meanwhile.
    while let Ok(Some(delivery)) = tokio::time::timeout(OFTEN, consumer.next()).await {
        assert_eq!(delivery.settle(Settlement::Done).await, Settled::Yes);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_q_5_an_undeclarable_queue_costs_itself_alone_and_heals() {
    in_world(async |world| {
        for (is_exclusive, why) in [(false, "other arguments"), (true, "RESOURCE-LOCKED")] {
            let (connection, channel) = world.raw().await;
            make(&channel, &world, is_exclusive).await;
            let mut publisher = publisher(world.config()).await;
            let mut consumer = looking_consumer(world.config(), NEVER);
            reach(consumer.state(), ConsumerState::Consuming).await;
            let heard = line(consumer.queues(), "sweeps", |it| it.why.is_some()).await;
            assert!(heard.is_reached && heard.why.expect("why").contains(why));
            let rung = line(publisher.queues(), "sweeps", |it| it.why.is_some()).await;
            assert!(rung.is_reached && rung.why.expect("why").contains(why));
            let refused = publisher.publish("sweeps", Uuid::now_v7(), &doorbell(1));
            assert_eq!(refused, Err(NotPublished::Down));
            assert_eq!(*publisher.state().borrow(), PublisherState::Up);
            works(&mut publisher, &mut consumer, "watches").await;
            discard(&channel, &world).await;
            line(consumer.queues(), "sweeps", |it| it.why.is_none()).await;
            line(publisher.queues(), "sweeps", |it| it.why.is_none()).await;
            works(&mut publisher, &mut consumer, "sweeps").await;
            let other = consumer.queues().borrow()[0].clone();
            assert!(other.since < heard.since + PATIENCE && other.why.is_none());
            connection.close(200, "OK".into()).await.expect("close");
            consumer.close(Duration::from_secs(5)).await;
            publisher.close().await;
            let (connection, channel) = world.raw().await;
            discard(&channel, &world).await;
            connection.close(200, "OK".into()).await.expect("close");
        }
    })
    .await;
}

/// docs/findings.md#half-deleted: in a cluster nobody may say that a queue was deleted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_q_5_a_queue_lost_without_a_word_is_found() {
    in_world(async |world| {
        let proxy = Proxy::before(world.address(), Mode::EatCancellations).await;
        let mut publisher = publisher(world.config()).await;
        let mut consumer = looking_consumer(world.config_through(proxy.port), OFTEN);
        reach(consumer.state(), ConsumerState::Consuming).await;
        let (connection, channel) = world.raw().await;
        let watches = line(consumer.queues(), "watches", |it| it.tick.is_some()).await;

        discard(&channel, &world).await;
        works_again(&mut publisher, &mut consumer, "sweeps").await;

        discard(&channel, &world).await;
        make(&channel, &world, false).await;
        let found = line(consumer.queues(), "sweeps", |it| {
            it.is_reached && it.why.is_some()
        });
        let why = found.await.why.expect("why");
        assert!(why.contains("other arguments"), "{why}");
        discard(&channel, &world).await;
        works_again(&mut publisher, &mut consumer, "sweeps").await;

        channel
            .queue_unbind(
                world.full("sweeps"),
                world.full(broker::topology::EXCHANGE),
                "sweeps".into(),
                FieldTable::default(),
            )
            .await
            .expect("unbound");
        works_again(&mut publisher, &mut consumer, "sweeps").await;

        // Another worker was told, declares it again and consumes: the queue counts a consumer, and not this one.
        discard(&channel, &world).await;
        broker::topology::declare(&world.config(), &["sweeps"])
            .await
            .expect("declared");
        channel
            .basic_qos(1, BasicQosOptions::default())
            .await
            .expect("a prefetch");
        let options = BasicConsumeOptions::default();
        let other = channel
            .basic_consume(
                world.full("sweeps"),
                "".into(),
                options,
                FieldTable::default(),
            )
            .await
            .expect("another consumer");
        works_again(&mut publisher, &mut consumer, "sweeps").await;
        drop(other);

        let still = consumer.queues().borrow()[0].clone();
        assert_eq!(still.since, watches.since, "watches was never away");
        connection.close(200, "OK".into()).await.expect("close");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_q_5_looks_keep_what_is_in_hand_and_the_prefetch() {
    in_world(async |world| {
        let mut publisher = publisher(world.config()).await;
        let mut consumer = looking_consumer(world.config(), SOMETIMES);
        reach(consumer.state(), ConsumerState::Consuming).await;
        let lines = consumer.queues();
        for _ in 0..2 {
            ring(&mut publisher, "watches", 7).await;
            let mut held = vec![];
            for _ in 0..5 {
                held.push(next(&mut consumer).await);
            }
            world.wait_ready("watches", 2).await;
            // Some looks pass: whatever they do, no sixth comes.
            sleep(SOMETIMES * 3 / 2).await;
            assert_eq!(world.ready("watches").await, 2);
            for delivery in held {
                assert_eq!(delivery.settle(Settlement::Done).await, Settled::Yes);
            }
            for _ in 0..2 {
                let delivery = next(&mut consumer).await;
                assert!(!delivery.redelivered);
                assert_eq!(delivery.settle(Settlement::Done).await, Settled::Yes);
            }
            sleep(SOMETIMES * 3 / 2).await;
        }
        assert!(lines.borrow().iter().all(|it| it.why.is_none()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_q_5_a_deleted_queue_is_declared_again_by_who_rings() {
    in_world(async |world| {
        let mut publisher = publisher(world.config()).await;
        let (connection, channel) = world.raw().await;
        discard(&channel, &world).await;
        let start = Instant::now();
        let mut returned = 0;
        while ring(&mut publisher, "sweeps", 1).await[0].verdict != Verdict::Confirmed {
            returned += 1;
            let other = ring(&mut publisher, "watches", 1).await[0].verdict;
            assert_eq!(other, Verdict::Confirmed);
            assert!(start.elapsed() < PATIENCE, "never declared again");
            sleep(Duration::from_millis(50)).await;
        }
        assert!(returned > 0, "the queue was gone");
        assert!(
            publisher
                .queues()
                .borrow()
                .iter()
                .all(|it| it.why.is_none())
        );
        connection.close(200, "OK".into()).await.expect("close");
    })
    .await;
}

/// docs/findings.md#requeues: newer brokers count a reject and not a nack.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_job_3_failures_are_rejected_back_and_a_stop_hands_back_uncounted() {
    in_world(async |world| {
        let proxy = Proxy::before(world.address(), Mode::Pass).await;
        let mut publisher = publisher(world.config()).await;
        let mut consumer = looking_consumer(world.config_through(proxy.port), NEVER);
        reach(consumer.state(), ConsumerState::Consuming).await;
        ring(&mut publisher, "watches", 1).await;
        let failed = next(&mut consumer).await;
        assert_eq!(failed.settle(Settlement::Requeue).await, Settled::Yes);
        let again = next(&mut consumer).await;
        assert_eq!((again.redelivered, again.deliveries), (true, 1));
        drop(again);
        let again = next(&mut consumer).await;
        assert_eq!((proxy.said(REJECT), proxy.said(NACK)), (2, 0));
        assert_eq!(again.settle(Settlement::Done).await, Settled::Yes);
        ring(&mut publisher, "watches", 3).await;
        world.wait_ready("watches", 0).await;
        consumer.stop().await;
        world.wait_ready("watches", 3).await;
        assert_eq!((proxy.said(REJECT), proxy.said(NACK)), (2, 3));
    })
    .await;
}
