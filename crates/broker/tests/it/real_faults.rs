//! What only the broker itself can do, to a whole node: run alone, with `RELINK_TEST_RABBITMQCTL` naming a
//! command that reaches the node, as `cargo test -p broker --test it -- --ignored --test-threads 1`.

use crate::world::{consumer, doorbell, in_world, next, publisher, reach, ring, setting};
use broker::{ConsumerState, NotPublished, PublisherState, Settled, Settlement, Verdict};
use std::time::{Duration, Instant};
use tokio::process::Command;
use uuid::Uuid;

async fn ctl(arguments: &[&str]) {
    let program =
        setting("RELINK_TEST_RABBITMQCTL").expect("RELINK_TEST_RABBITMQCTL names a rabbitmqctl");
    let output = Command::new(program)
        .args(arguments)
        .output()
        .await
        .expect("rabbitmqctl starts");
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "raises an alarm on the whole node"]
async fn under_a_memory_alarm_publishing_is_refused_and_acknowledgements_flow() {
    in_world(async |world| {
        let mut publisher = publisher(world.config()).await;
        ring(&mut publisher, "watches", 20).await;
        let mut consumer = consumer(world.config(), "watches", 5).await;
        ctl(&["set_vm_memory_high_watermark", "0"]).await;
        // The broker says "blocked" only to who sends into its alarm.
        let sent = Uuid::now_v7();
        publisher
            .publish("watches", sent, &doorbell(1))
            .expect("accepted");
        reach(publisher.state(), PublisherState::Blocked).await;
        let start = Instant::now();
        assert_eq!(
            publisher.publish("watches", Uuid::now_v7(), &doorbell(2)),
            Err(NotPublished::Blocked)
        );
        assert!(
            start.elapsed() < Duration::from_millis(100),
            "R-Q-2: no waiting"
        );
        for _ in 0..20 {
            assert_eq!(
                next(&mut consumer).await.settle(Settlement::Done).await,
                Settled::Yes
            );
        }
        ctl(&["set_vm_memory_high_watermark", "0.4"]).await;
        reach(publisher.state(), PublisherState::Up).await;
        let told = crate::world::outcome(&mut publisher).await;
        assert_eq!(told.message_id, sent);
        assert!(
            matches!(told.verdict, Verdict::Confirmed | Verdict::Lost),
            "{told:?}"
        );
        assert_eq!(
            ring(&mut publisher, "watches", 1).await[0].verdict,
            Verdict::Confirmed
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "closes every connection of the node"]
async fn connections_closed_by_the_broker_are_built_again() {
    in_world(async |world| {
        let mut publisher = publisher(world.config()).await;
        let mut consumer = consumer(world.config(), "watches", 5).await;
        let (mut up, mut consuming) = (publisher.state(), consumer.state());
        up.mark_unchanged();
        consuming.mark_unchanged();
        ctl(&["close_all_connections", "test"]).await;
        up.changed().await.expect("alive");
        consuming.changed().await.expect("alive");
        reach(publisher.state(), PublisherState::Up).await;
        reach(consumer.state(), ConsumerState::Consuming).await;
        assert_eq!(
            ring(&mut publisher, "watches", 1).await[0].verdict,
            Verdict::Confirmed
        );
        assert_eq!(
            next(&mut consumer).await.settle(Settlement::Done).await,
            Settled::Yes
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "stops the node's broker"]
async fn a_broker_that_is_stopped_and_started_loses_neither_side() {
    in_world(async |world| {
        let mut publisher = publisher(world.config()).await;
        ring(&mut publisher, "watches", 10).await;
        let mut consumer = consumer(world.config(), "watches", 5).await;
        ctl(&["stop_app"]).await;
        reach(publisher.state(), PublisherState::Connecting).await;
        reach(consumer.state(), ConsumerState::Connecting).await;
        ctl(&["start_app"]).await;
        reach(publisher.state(), PublisherState::Up).await;
        reach(consumer.state(), ConsumerState::Consuming).await;
        for _ in 0..10 {
            assert_eq!(
                next(&mut consumer).await.settle(Settlement::Done).await,
                Settled::Yes
            );
        }
        assert_eq!(
            ring(&mut publisher, "watches", 1).await[0].verdict,
            Verdict::Confirmed
        );
    })
    .await;
}
