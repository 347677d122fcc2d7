use crate::world::{
    QUEUES, backoff, consumer, doorbell, in_world, next, outcome, publisher, reach, ring,
    starting_publisher,
};
use broker::topology::{self, DEAD_QUEUE};
use broker::{BrokerError, NotPublished, Settled, Settlement, Undecodable, Verdict};
use lapin::BasicProperties;
use lapin::options::{BasicPublishOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use std::collections::HashSet;
use std::time::Duration;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_is_delivered_once_and_gone_when_done() {
    in_world(async |world| {
        let mut publisher = publisher(world.config()).await;
        let mut consumer = consumer(world.config(), "watches", 10).await;
        let message_id = Uuid::now_v7();
        let mut sent = doorbell(7);
        sent.traceparent =
            Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned());
        publisher
            .publish("watches", message_id, &sent)
            .expect("accepted");
        let told = outcome(&mut publisher).await;
        assert_eq!(
            (told.message_id, told.verdict),
            (message_id, Verdict::Confirmed)
        );
        let delivery = next(&mut consumer).await;
        assert_eq!(delivery.message, Ok(sent));
        assert_eq!(
            (&*delivery.queue, delivery.message_id),
            ("watches", Some(message_id))
        );
        assert_eq!((delivery.redelivered, delivery.deliveries), (false, 0));
        assert_eq!(delivery.settle(Settlement::Done).await, Settled::Yes);
        assert!(consumer.last_tick().is_some());
        consumer.close(Duration::from_secs(5)).await;
        world.wait_ready("watches", 0).await;
        assert_eq!(publisher.close().await, []);
    })
    .await;
}

/// docs/findings.md#returns: lapin's own confirmations name the wrong messages in ten runs of eleven.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_unroutable_message_is_found_by_its_id_under_a_pipelined_load() {
    in_world(async |world| {
        let mut publisher = starting_publisher(world.config(), backoff(), 2000);
        reach(publisher.state(), broker::PublisherState::Up).await;
        for round in 0..5 {
            let mut unroutable = HashSet::new();
            for job in 0..2000_u128 {
                let message_id = Uuid::now_v7();
                let queue = if job % 10 == 0 { "missing" } else { "watches" };
                if job % 10 == 0 {
                    unroutable.insert(message_id);
                }
                publisher
                    .publish(queue, message_id, &doorbell(job))
                    .expect("accepted");
            }
            let mut returned = HashSet::new();
            for _ in 0..2000 {
                let told = outcome(&mut publisher).await;
                match told.verdict {
                    Verdict::Confirmed => {
                        assert!(!unroutable.contains(&told.message_id), "round {round}");
                    }

                    Verdict::Returned => assert!(returned.insert(told.message_id), "told twice"),
                    other => panic!("{other:?} in round {round}"),
                }
            }
            assert_eq!(returned, unroutable, "round {round}");
        }
        world.wait_ready("watches", 9000).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_window_refuses_until_a_verdict_is_taken() {
    in_world(async |world| {
        let mut publisher = starting_publisher(world.config(), backoff(), 2);
        reach(publisher.state(), broker::PublisherState::Up).await;
        publisher
            .publish("watches", Uuid::now_v7(), &doorbell(0))
            .expect("accepted");
        publisher
            .publish("watches", Uuid::now_v7(), &doorbell(1))
            .expect("accepted");
        assert_eq!(
            publisher.publish("watches", Uuid::now_v7(), &doorbell(2)),
            Err(NotPublished::Full)
        );
        outcome(&mut publisher).await;
        publisher
            .publish("watches", Uuid::now_v7(), &doorbell(2))
            .expect("accepted");
        let empty = broker::Doorbell {
            jobs: Vec::new(),
            ..doorbell(3)
        };
        let refused = publisher.publish("watches", Uuid::now_v7(), &empty);
        assert_eq!(refused, Err(NotPublished::Invalid(Undecodable::Empty)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undecodable_message_is_a_value_and_rejecting_it_moves_it_to_the_dead_queue() {
    in_world(async |world| {
        let mut consumer = consumer(world.config(), "watches", 10).await;
        let (connection, channel) = world.raw().await;
        let exchange = world.full(topology::EXCHANGE);
        channel
            .basic_publish(
                exchange,
                "watches".into(),
                BasicPublishOptions::default(),
                b"{\"v\":9}",
                BasicProperties::default(),
            )
            .await
            .expect("written");
        let delivery = next(&mut consumer).await;
        assert_eq!(delivery.message, Err(Undecodable::UnknownVersion(9)));
        assert_eq!(delivery.settle(Settlement::Reject).await, Settled::Yes);
        world.wait_ready(DEAD_QUEUE, 1).await;
        world.wait_ready("watches", 0).await;
        connection.close(200, "OK".into()).await.expect("close");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_hands_back_what_was_not_taken_and_what_is_in_hand_can_still_be_settled() {
    in_world(async |world| {
        let mut publisher = publisher(world.config()).await;
        ring(&mut publisher, "watches", 30).await;
        let mut consumer = consumer(world.config(), "watches", 10).await;
        let in_hand = next(&mut consumer).await;
        consumer.stop().await;
        world.wait_ready("watches", 29).await;
        assert!(
            consumer.next().await.is_none(),
            "R-Q-4: nothing is taken after the stop"
        );
        assert_eq!(in_hand.settle(Settlement::Done).await, Settled::Yes);
        consumer.close(Duration::from_secs(5)).await;
        world.wait_ready("watches", 29).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_requeued_or_dropped_delivery_comes_again_and_is_counted() {
    in_world(async |world| {
        let mut publisher = publisher(world.config()).await;
        ring(&mut publisher, "watches", 1).await;
        let mut consumer = consumer(world.config(), "watches", 1).await;
        assert_eq!(
            next(&mut consumer).await.settle(Settlement::Requeue).await,
            Settled::Yes
        );
        let again = next(&mut consumer).await;
        assert_eq!((again.redelivered, again.deliveries), (true, 1));
        drop(again);
        let again = next(&mut consumer).await;
        assert_eq!(again.deliveries, 2);
        assert_eq!(again.settle(Settlement::Done).await, Settled::Yes);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn declaring_twice_is_harmless_and_a_mismatch_names_the_queue_and_the_fix() {
    in_world(async |world| {
        topology::declare(&world.config(), &["sweeps"])
            .await
            .expect("once");
        topology::declare(&world.config(), &["sweeps"])
            .await
            .expect("twice");
        let (connection, channel) = world.raw().await;
        channel
            .queue_declare(
                world.full("watches"),
                QueueDeclareOptions::default(),
                FieldTable::default(),
            )
            .await
            .expect("a queue of another kind");
        let error = topology::declare(&world.config(), &QUEUES)
            .await
            .expect_err("406");
        assert!(matches!(error, BrokerError::Mismatch { .. }), "{error:?}");
        let name = world.full("watches");
        assert!(
            error
                .to_string()
                .contains(&format!("rabbitmqctl delete_queue {name}")),
            "{error}"
        );
        connection.close(200, "OK".into()).await.expect("close");
    })
    .await;
}
