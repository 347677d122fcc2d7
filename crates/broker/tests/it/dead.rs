//! The queue of rejected messages is kept to a bound, each fleet's its own.

use crate::world::{World, consumer, in_world, publisher, ring};
use broker::topology::DEAD_QUEUE;
use broker::{DeadMessages, DeadQueue};
use lapin::BasicProperties;
use lapin::options::{BasicPublishOptions, QueueDeleteOptions};
use std::time::Duration;

/// Makes the queues, with so many messages where rejected ones go.
async fn reject(world: &World, count: u32) {
    let consumer = consumer(world.config(), "watches", 1).await;
    consumer.close(Duration::ZERO).await;
    let (connection, channel) = world.raw().await;
    for _ in 0..count {
        let options = BasicPublishOptions::default();
        let (to, what) = (world.full(DEAD_QUEUE), BasicProperties::default());
        let written = channel.basic_publish("".into(), to, options, b"{}", what);
        written.await.expect("written");
    }
    world.wait_ready(DEAD_QUEUE, count).await;
    connection.close(200, "OK".into()).await.expect("close");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_job_7_rejected_messages_are_kept_to_a_bound_in_one_fleet() {
    in_world(async |ours: World| {
        in_world(async move |theirs: World| {
            reject(&ours, 5).await;
            reject(&theirs, 5).await;
            let mut publisher = publisher(ours.config()).await;
            ring(&mut publisher, "sweeps", 3).await;
            let mut watch = DeadQueue::new(ours.config());
            let found = watch.look(5).await.expect("at its bound");
            assert_eq!((found.ready, found.purged), (5, 0));
            let found = watch.look(4).await.expect("beyond it");
            assert_eq!((found.ready, found.purged), (0, 5));
            ours.wait_ready(DEAD_QUEUE, 0).await;
            ours.wait_ready("sweeps", 3).await;
            theirs.wait_ready(DEAD_QUEUE, 5).await;
            // A queue that is missing costs one look.
            let (connection, channel) = ours.raw().await;
            let deleted =
                channel.queue_delete(ours.full(DEAD_QUEUE), QueueDeleteOptions::default());
            deleted.await.expect("deleted");
            connection.close(200, "OK".into()).await.expect("close");
            watch.look(4).await.expect_err("it is missing");
            reject(&ours, 1).await;
            let found = watch.look(4).await.expect("it is back");
            let one = DeadMessages {
                ready: 1,
                purged: 0,
            };
            assert_eq!(found, one);
            watch.close().await;
            assert_eq!(publisher.close().await, []);
        })
        .await;
    })
    .await;
}
