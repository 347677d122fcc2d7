//! R-JOB-4, R-Q-2: servers that are away, killed, emptied or short of memory. What a test breaks is its own.

use crate::FIXTURE;
use std::time::Duration;
use tests::eventually::eventually;
use tests::rig::{PATIENCE, Pid, Rig};
use tests::roster::{Act, DECIDE, SWEEP};
use tests::size::is_full;

const LONG: Duration = Duration::from_mins(5);

fn fleet(rig: &mut Rig) -> Vec<Pid> {
    rig.set("RESCUE_SECONDS", &1);
    rig.set("RELAY_PATIENCE_SECONDS", &10);
    vec![
        rig.scheduler(),
        rig.worker(&["sweeps", "watches"]),
        rig.worker(&["sweeps", "watches"]),
    ]
}

/// Each process has said in its log that it waits.
async fn each_says(rig: &mut Rig, pids: &[Pid], words: &str) {
    for pid in pids {
        eventually(words, PATIENCE, || {
            let process = rig.process(*pid);
            assert!(process.exited().is_none(), "it gave up");
            let said = process.log().contains(words);
            async move { said.then_some(()) }
        })
        .await;
    }
}

fn alive(rig: &mut Rig, pids: &[Pid]) {
    for pid in pids {
        assert_eq!(rig.process(*pid).exited(), None, "a process ended");
    }
}

#[tokio::test]
async fn fault_r_job_4_postgresql_away_at_start_and_killed_in_mid_run_loses_nothing() {
    let mut rig = Rig::durable(FIXTURE).await;
    let (sets, decisions) = if is_full() {
        (4_000, 300)
    } else {
        (2_000, 150)
    };
    let all = i64::try_from(sets + decisions).expect("small");
    rig.ask(SWEEP, Act::Slow { for_ms: 2 }, sets).await;
    rig.ask(DECIDE, Act::Slow { for_ms: 50 }, decisions).await;
    rig.site.postgres().kill9().await;
    let fleet = fleet(&mut rig);
    each_says(&mut rig, &fleet[..1], "the database did not answer").await;
    rig.site
        .postgres()
        .restart()
        .await
        .expect("start PostgreSQL");
    rig.reconnect().await;
    for done in [1, 3, 5].map(|eighth| eighth * all / 8) {
        rig.until("work goes on", LONG, |it| done <= it.done).await;
        rig.site.postgres().kill9().await;
        rig.site
            .postgres()
            .restart()
            .await
            .expect("start PostgreSQL");
        rig.reconnect().await;
    }
    let tally = rig.done(all, LONG).await;
    alive(&mut rig, &fleet);
    println!(
        "PostgreSQL away at start and kill -9 x 3: {all} jobs, done {}, lost {}, effects twice {}",
        tally.done,
        tally.waiting + tally.leased + tally.dead,
        tally.twice
    );
}

#[tokio::test]
async fn fault_r_job_4_rabbitmq_away_at_start_killed_and_wiped_in_mid_run_loses_nothing() {
    let mut rig = Rig::private(FIXTURE).await;
    // Enough that some are left when the broker is wiped: workers finish what they have in hand.
    rig.ask(SWEEP, Act::Slow { for_ms: 2 }, 4_000).await;
    rig.ask(DECIDE, Act::Slow { for_ms: 50 }, 300).await;
    rig.site.servers().rabbitmq.kill9().await;
    let fleet = fleet(&mut rig);
    each_says(&mut rig, &fleet, "broker").await;
    rig.site
        .servers()
        .rabbitmq
        .restart()
        .await
        .expect("start RabbitMQ");
    rig.until("work goes on", LONG, |it| 500 <= it.done).await;
    rig.site.servers().rabbitmq.kill9().await;
    rig.site
        .servers()
        .rabbitmq
        .restart()
        .await
        .expect("start RabbitMQ");
    let before = rig.tally().await.done;
    rig.until("work goes on", LONG, |it| before + 500 <= it.done)
        .await;
    rig.site
        .servers()
        .rabbitmq
        .wipe_and_restart()
        .await
        .expect("a new RabbitMQ");
    let wiped_at = rig.tally().await.done;
    assert!(wiped_at < 4_300, "all was done before the broker was wiped");
    let tally = rig.done(4_300, LONG).await;
    alive(&mut rig, &fleet);
    for pid in &fleet {
        let log = rig.process(*pid).log();
        assert!(
            !log.contains(" ERROR "),
            "a broker that restarts is no error: {log}"
        );
    }
    println!(
        "RabbitMQ away at start, kill -9, wiped at {wiped_at} done: 4300 jobs, done {}, lost {}, effects twice {}",
        tally.done,
        tally.waiting + tally.leased + tally.dead,
        tally.twice
    );
}

#[tokio::test]
async fn fault_r_q_2_a_brokers_memory_alarm_stops_the_relay_and_not_the_scheduler() {
    let mut rig = Rig::private(FIXTURE).await;
    rig.set("TEST_SCHEDULES", &true);
    let fleet = fleet(&mut rig);
    rig.ask(SWEEP, Act::Effect, 200).await;
    rig.until("the first are done", LONG, |it| 200 <= it.effects)
        .await;
    rig.site
        .servers()
        .rabbitmq
        .set_memory_alarm(true)
        .await
        .expect("raise the alarm");
    // The broker says that it is blocked only after a first message; these ring until then.
    rig.ask(SWEEP, Act::Effect, 3_000).await;
    let ticks = "select count(*) from relink.jobs where kind = 'test.tick'";
    let before = rig.count(ticks).await;
    rig.sql(
        "update relink.jobs set state = 'done' where kind like 'test.%' and schedule is not null",
    )
    .await;
    // Two minutes later by the clock: a tick is due, and is enqueued under the alarm.
    store::clock::install(
        &rig.site.database(tests::database::SUPERUSER),
        store::clock::TestClock::Stepped { ahead_s: 120 },
    )
    .await
    .expect("step the clock");
    let sweeps_done =
        "select count(*) from relink.jobs where kind = 'test.sweep' and state = 'done'";
    rig.until_count(ticks, Duration::from_secs(90), |it| before < it)
        .await;
    let during = rig.count(sweeps_done).await;
    assert!(during < 3_200, "the relay rang through the alarm");
    rig.site
        .servers()
        .rabbitmq
        .set_memory_alarm(false)
        .await
        .expect("clear the alarm");
    rig.until_count(sweeps_done, LONG, |it| it == 3_200).await;
    let took = half_deleted(&mut rig).await;
    let tally = rig.tally().await;
    assert_eq!((tally.twice, tally.dead), (0, 0));
    alive(&mut rig, &fleet);
    println!("a queue deleted by half is whole again after {took:.0?}; the other never stopped");
    println!(
        "memory alarm: done under it {} of 3000, ticks enqueued under it 1, after it all done, effects twice {}",
        during - 200,
        tally.twice
    );
}

/// R-Q-5, docs/findings.md#half-deleted: the broker keeps a queue's name and loses what is behind it. Returns how long that
/// queue's jobs waited.
async fn half_deleted(rig: &mut Rig) -> Duration {
    let lost = "{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"watches\">>)), \
                {Name, _} = amqqueue:get_pid(Q), ra:force_delete_server(quorum_queues, {Name, node()}).";
    let rabbitmq = &rig.site.servers().rabbitmq;
    rabbitmq.ctl(&["eval", lost]).await.expect("lose a queue");
    let start = std::time::Instant::now();
    rig.ask(DECIDE, Act::Slow { for_ms: 5 }, 20).await;
    let done = |kind: &str| {
        format!("select count(*) from relink.jobs where kind = '{kind}' and state = 'done'")
    };
    let (sweeps, decided) = (done("test.sweep"), done("test.decide"));
    let mut expected = rig.count(&sweeps).await;
    while rig.count(&decided).await < 20 {
        assert!(start.elapsed() < LONG, "the queue does not heal");
        // One after another, each within seconds: the other queue never stops.
        rig.ask(SWEEP, Act::Effect, 5).await;
        expected += 5;
        rig.until_count(&sweeps, Duration::from_secs(8), |it| it == expected)
            .await;
    }
    start.elapsed()
}
