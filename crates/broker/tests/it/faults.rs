use crate::proxy::{Mode, Proxy, blocked_frame, unblocked_frame};
use crate::world::{
    CONFIRM_TIMEOUT, PATIENCE, consumer, counted_backoff, doorbell, in_world, next, outcome,
    publisher, reach, ring, starting_publisher,
};
use broker::{ConsumerState, NotPublished, PublisherState, Settled, Settlement, Verdict};
use lapin::options::QueueDeleteOptions;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use uuid::Uuid;

/// docs/findings.md#ended-streams: the stream of a deleted queue ends quietly, on a connection that stays healthy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_deleted_under_the_consumer_is_declared_and_consumed_again() {
    in_world(async |world| {
        let mut publisher = publisher(world.config()).await;
        let mut consumer = consumer(world.config(), "watches", 10).await;
        let mut state = consumer.state();
        state.mark_unchanged();
        let (connection, channel) = world.raw().await;
        channel
            .queue_delete(world.full("watches"), QueueDeleteOptions::default())
            .await
            .expect("deleted");
        timeout(PATIENCE, state.changed())
            .await
            .expect("noticed")
            .expect("alive");
        reach(consumer.state(), ConsumerState::Consuming).await;
        assert_eq!(
            ring(&mut publisher, "watches", 1).await[0].verdict,
            Verdict::Confirmed
        );
        assert_eq!(
            next(&mut consumer).await.settle(Settlement::Done).await,
            Settled::Yes
        );
        connection.close(200, "OK".into()).await.expect("close");
    })
    .await;
}

/// docs/findings.md#acks, docs/findings.md#recovery
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_cut_connection_both_resume_with_the_same_prefetch_and_old_deliveries_are_lost() {
    in_world(async |world| {
        let proxy = Proxy::before(world.address(), Mode::Pass).await;
        let mut publisher = publisher(world.config_through(proxy.port)).await;
        let mut consumer = consumer(world.config_through(proxy.port), "watches", 5).await;
        ring(&mut publisher, "watches", 50).await;
        let old = next(&mut consumer).await;
        let (mut up, mut consuming) = (publisher.state(), consumer.state());
        up.mark_unchanged();
        consuming.mark_unchanged();
        proxy.cut();
        timeout(PATIENCE, up.changed())
            .await
            .expect("noticed")
            .expect("alive");
        timeout(PATIENCE, consuming.changed())
            .await
            .expect("noticed")
            .expect("alive");
        assert_eq!(old.settle(Settlement::Done).await, Settled::Lost);
        reach(publisher.state(), PublisherState::Up).await;
        reach(consumer.state(), ConsumerState::Consuming).await;
        let mut held = Vec::new();
        for _ in 0..5 {
            held.push(next(&mut consumer).await);
        }
        world.wait_ready("watches", 45).await;
        assert_eq!(
            ring(&mut publisher, "watches", 1).await[0].verdict,
            Verdict::Confirmed
        );
        world.wait_ready("watches", 46).await;
        for delivery in held {
            assert_eq!(delivery.settle(Settlement::Done).await, Settled::Yes);
        }
        for _ in 0..46 {
            assert_eq!(
                next(&mut consumer).await.settle(Settlement::Done).await,
                Settled::Yes
            );
        }
        world.wait_ready("watches", 0).await;
    })
    .await;
}

/// R-Q-2, docs/findings.md#blocked; the broker's own alarm is in `real_faults`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocked_publisher_refuses_at_once_and_acknowledgements_still_flow() {
    in_world(async |world| {
        let proxy = Proxy::before(world.address(), Mode::Pass).await;
        let mut publisher = publisher(world.config_through(proxy.port)).await;
        ring(&mut publisher, "watches", 20).await;
        let mut consumer = consumer(world.config(), "watches", 5).await;
        proxy.inject(blocked_frame());
        reach(publisher.state(), PublisherState::Blocked).await;
        let start = Instant::now();
        assert_eq!(
            publisher.publish("watches", Uuid::now_v7(), &doorbell(1)),
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
        proxy.inject(unblocked_frame());
        reach(publisher.state(), PublisherState::Up).await;
        assert_eq!(
            ring(&mut publisher, "watches", 1).await[0].verdict,
            Verdict::Confirmed
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_confirmation_never_comes_is_lost_in_time_and_can_be_sent_again() {
    in_world(async |world| {
        let proxy = Proxy::before(world.address(), Mode::EatConfirmations).await;
        let mut publisher = publisher(world.config_through(proxy.port)).await;
        let message_id = Uuid::now_v7();
        let start = Instant::now();
        publisher
            .publish("watches", message_id, &doorbell(1))
            .expect("accepted");
        let told = outcome(&mut publisher).await;
        assert_eq!((told.message_id, told.verdict), (message_id, Verdict::Lost));
        assert!(start.elapsed() >= CONFIRM_TIMEOUT);
        // It did arrive; a doorbell may ring twice.
        world.wait_ready("watches", 1).await;
        proxy.set(Mode::Pass);
        let mut up = publisher.state();
        up.mark_unchanged();
        proxy.cut();
        timeout(PATIENCE, up.changed())
            .await
            .expect("noticed")
            .expect("alive");
        reach(publisher.state(), PublisherState::Up).await;
        // A broker that needs longer than the limit of this test has lost it once more, and may be asked again.
        let mut verdict = Verdict::Lost;
        while verdict == Verdict::Lost && start.elapsed() < PATIENCE {
            publisher
                .publish("watches", message_id, &doorbell(1))
                .expect("accepted");
            let told = outcome(&mut publisher).await;
            assert_eq!(told.message_id, message_id);
            verdict = told.verdict;
        }
        assert_eq!(verdict, Verdict::Confirmed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_goes_away_and_comes_back_finds_both_there_again() {
    in_world(async |world| {
        let proxy = Proxy::before(world.address(), Mode::Pass).await;
        let mut publisher = publisher(world.config_through(proxy.port)).await;
        let mut consumer = consumer(world.config_through(proxy.port), "watches", 5).await;
        proxy.set(Mode::Refuse);
        proxy.cut();
        reach(publisher.state(), PublisherState::Connecting).await;
        reach(consumer.state(), ConsumerState::Connecting).await;
        assert_eq!(
            publisher.publish("watches", Uuid::now_v7(), &doorbell(1)),
            Err(NotPublished::Down)
        );
        proxy.set(Mode::Pass);
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
async fn a_broker_that_accepts_and_says_nothing_is_given_up_each_time_and_its_socket_closed() {
    in_world(async |world| {
        let mut proxy = Proxy::before(world.address(), Mode::Hang).await;
        let (backoff, mut attempts) = counted_backoff();
        let mut config = world.config_through(proxy.port);
        config.connect_timeout = Duration::from_millis(200);
        let publisher = starting_publisher(config, backoff, 8);
        timeout(PATIENCE, attempts.wait_for(|&attempt| attempt >= 3))
            .await
            .expect("in time")
            .expect("alive");
        timeout(PATIENCE, proxy.hung_up.wait_for(|&count| count >= 3))
            .await
            .expect("in time")
            .expect("alive");
        assert_eq!(
            publisher.publish("watches", Uuid::now_v7(), &doorbell(1)),
            Err(NotPublished::Down)
        );
        let start = Instant::now();
        assert_eq!(publisher.close().await, []);
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "closing does not wait for the broker"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_broker_at_the_start_is_waited_for() {
    in_world(async |world| {
        let proxy = Proxy::before(world.address(), Mode::Refuse).await;
        let (backoff, mut attempts) = counted_backoff();
        let mut publisher = starting_publisher(world.config_through(proxy.port), backoff, 8);
        timeout(PATIENCE, attempts.wait_for(|&attempt| attempt >= 3))
            .await
            .expect("in time")
            .expect("alive");
        proxy.set(Mode::Pass);
        reach(publisher.state(), PublisherState::Up).await;
        assert_eq!(
            ring(&mut publisher, "watches", 1).await[0].verdict,
            Verdict::Confirmed
        );
    })
    .await;
}
