//! R-Q-4: SIGTERM finishes what has started and hands back the rest; a second one is as safe as `kill -9`.

use crate::FIXTURE;
use std::time::{Duration, Instant};
use tests::rig::{PATIENCE, Pid, Rig};
use tests::roster::{Act, DECIDE, SWEEP};
use tests::tcp::{Flow, Gate};

#[tokio::test]
async fn fault_r_q_4_sigterm_finishes_what_has_started_and_exits_0() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.scheduler();
    let worker = rig.worker(&["watches", "sweeps"]);
    rig.ask(DECIDE, Act::Slow { for_ms: 300 }, 400).await;
    rig.until("runs in hand", PATIENCE, |it| 20 <= it.leased)
        .await;
    rig.process(worker).terminate();
    let status = rig.process(worker).ended(Duration::from_secs(25)).await;
    let left = rig.tally().await;
    assert_eq!(status.code(), Some(0));
    assert_eq!(left.leased, 0, "a lease was kept: {left:?}");
    assert_eq!(
        rig.count("select count(*) from relink.job_failures").await,
        0
    );
    rig.worker(&["watches"]);
    let tally = rig.done(400, PATIENCE).await;
    println!(
        "SIGTERM: exit 0, finished {}, handed on {}, then done {}, effects twice {}",
        left.done, left.waiting, tally.done, tally.twice
    );
}

/// A worker that has one job in hand, for longer than any drain of these tests.
async fn hold_one(rig: &mut Rig) -> Pid {
    rig.scheduler();
    let worker = rig.worker(&["sweeps"]);
    // Attempted before, so it is leased instead of closed.
    let run_at = rig.now().await + Duration::from_secs(2);
    let jobs = [rig.job(SWEEP, Act::Slow { for_ms: 15_000 }, run_at)];
    rig.enqueue(&jobs).await;
    rig.sql("update relink.jobs set attempt = 1").await;
    rig.until("the slow one is leased", PATIENCE, |it| it.leased == 1)
        .await;
    worker
}

#[tokio::test]
async fn fault_r_q_4_what_outlives_the_deadline_is_handed_back_by_name_without_a_failure() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("DRAIN_SECONDS", &1);
    let worker = hold_one(&mut rig).await;
    let began = Instant::now();
    rig.process(worker).terminate();
    let status = rig.process(worker).ended(Duration::from_secs(10)).await;
    let tally = rig.tally().await;
    assert_eq!(
        (status.code(), tally.leased, tally.waiting),
        (Some(0), 0, 1)
    );
    assert_eq!(
        rig.count("select failures::bigint from relink.jobs where state = 'waiting'")
            .await,
        0
    );
    println!(
        "SIGTERM with a run of 15 s and a deadline of 1 s: exit 0 after {:?}, handed back 1",
        began.elapsed()
    );
}

#[tokio::test]
async fn fault_r_q_4_a_second_sigterm_exits_at_once_and_loses_nothing() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("RESCUE_SECONDS", &1);
    rig.scheduler();
    let worker = rig.worker(&["watches"]);
    // Far below the run's limit of three seconds, which a busy machine stretches.
    rig.ask(DECIDE, Act::Slow { for_ms: 400 }, 60).await;
    rig.until("runs in hand", PATIENCE, |it| 20 <= it.leased)
        .await;
    let began = Instant::now();
    rig.process(worker).terminate();
    tests::eventually::eventually("it heard the first", PATIENCE, || {
        let heard = rig.process(worker).log().contains("asked to stop");
        async move { heard.then_some(()) }
    })
    .await;
    rig.process(worker).terminate();
    let status = rig.process(worker).ended(Duration::from_secs(5)).await;
    let took = began.elapsed();
    assert_eq!(status.code(), Some(130));
    rig.worker(&["watches"]);
    let tally = rig.done(60, PATIENCE).await;
    println!(
        "second SIGTERM: exit 130 after {took:?}, then done {}, lost 0, effects twice {}",
        tally.done, tally.twice
    );
}

/// The broker's answers are waited for within the drain, not before it.
#[tokio::test]
async fn fault_r_q_4_a_hung_broker_does_not_lengthen_the_drain() {
    let mut rig = Rig::shared(FIXTURE).await;
    let url = rig.site.amqp_url();
    let (before, after) = url.split_once('@').expect("user and password in the URL");
    let (address, vhost) = after.split_once('/').expect("a vhost in the URL");
    let gate = Gate::before(&format!("http://{address}")).await;
    let port = gate.base().rsplit_once(':').expect("its port").1;
    rig.set("AMQP_URL", &format!("{before}@127.0.0.1:{port}/{vhost}"));
    rig.set("DRAIN_SECONDS", &1);
    let worker = hold_one(&mut rig).await;
    gate.set(Flow::HoldAnswers);
    rig.process(worker).terminate();
    let status = rig.process(worker).ended(PATIENCE).await;
    let log = rig.process(worker).log();
    let said = |words: &str| log.find(words).unwrap_or_else(|| panic!("{words}: {log}"));
    // What it says last of a queue, once it has the broker's answer or has waited for it in vain.
    let handed_back = said("these jobs are handed back");
    assert!(handed_back < said("stopped taking messages"), "{log}");
    let tally = rig.tally().await;
    assert_eq!((status.code(), tally.waiting), (Some(0), 1), "{tally:?}");
    let failures = "select count(*) from relink.job_failures";
    assert_eq!(rig.count(failures).await, 0);
}
