//! R-JOB-1, R-JOB-2: what is committed runs, what is rolled back does not, and an effect is had once.

use crate::FIXTURE;
use broker::{Backoff, Doorbell, Publisher, PublisherOptions, PublisherState};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use std::time::Duration;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, DECIDE, SWEEP};
use uuid::Uuid;

#[tokio::test]
async fn r_job_1_what_is_rolled_back_never_runs_and_what_is_committed_does() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.scheduler();
    rig.worker(&["sweeps"]);
    let run_at = rig.now().await;
    let undone = [rig.job(SWEEP, Act::Effect, run_at)];
    for dropped in [true, false] {
        let tx = rig.store.begin().await.expect("begin");
        tx.enqueue(&undone, None, None).await.expect("enqueue");
        if dropped {
            drop(tx);
        } else {
            tx.abandon().await;
        }
    }
    // Asked for later and done: what came before would have been done by now.
    rig.ask(SWEEP, Act::Effect, 200).await;
    let tally = rig.done(200, PATIENCE).await;
    assert_eq!(rig.count("select count(*) from relink.jobs").await, 200);
    println!(
        "rolled back 1, committed 200: done {}, effects twice {}",
        tally.done, tally.twice
    );
}

#[tokio::test]
async fn r_job_1_the_same_cause_is_the_same_job_however_often_it_is_asked_for() {
    let mut rig = Rig::shared(FIXTURE).await;
    let run_at = rig.now().await;
    let job = [rig.job(SWEEP, Act::Effect, run_at)];
    let mut new = 0;
    for _ in 0..3 {
        let tx = rig.store.begin().await.expect("begin");
        new += tx.enqueue(&job, None, None).await.expect("enqueue");
        tx.finish().await.expect("commit");
    }
    assert_eq!(new, 1);
    rig.scheduler();
    rig.worker(&["sweeps"]);
    rig.done(1, PATIENCE).await;
}

#[tokio::test]
async fn r_job_2_doubled_and_shuffled_doorbells_have_each_effect_once() {
    const JOBS: usize = 600;
    const TIMES: usize = 5;
    let mut rig = Rig::shared(FIXTURE).await;
    rig.ask(SWEEP, Act::Effect, JOBS / 2).await;
    rig.ask(DECIDE, Act::Effect, JOBS / 2).await;
    let rows = rig
        .owner
        .query("select id, kind, queue from relink.jobs", &[])
        .await
        .expect("read the jobs");
    let mut bells: Vec<(String, Doorbell)> = rows
        .iter()
        .flat_map(|row| {
            let bell = Doorbell {
                kind: row.get("kind"),
                jobs: vec![row.get::<_, Uuid>("id")],
                traceparent: None,
            };
            let queue: String = row.get("queue");
            std::iter::repeat_n((queue, bell), TIMES)
        })
        .collect();
    bells.shuffle(&mut StdRng::seed_from_u64(7));
    // Pairs: a job is named by doorbells of different sizes too.
    let bells: Vec<(String, Doorbell)> = bells.chunks(2).flat_map(paired).collect();
    // Two workers and the relay, which rings once more for what it finds waiting.
    rig.worker(&["sweeps", "watches"]);
    rig.worker(&["sweeps", "watches"]);
    let rung = ring(&rig, bells).await;
    rig.scheduler();
    let tally = rig
        .done(i64::try_from(JOBS).expect("small"), PATIENCE)
        .await;
    let failures = rig.count("select count(*) from relink.job_failures").await;
    assert_eq!(
        (tally.waiting, tally.leased, tally.dead, failures),
        (0, 0, 0, 0)
    );
    println!(
        "doorbells doubled x {TIMES} and shuffled: {JOBS} jobs, {rung} doorbells, done {}, effects twice {}",
        tally.done, tally.twice
    );
}

/// Two doorbells of one kind become one.
fn paired(pair: &[(String, Doorbell)]) -> Vec<(String, Doorbell)> {
    match pair {
        [(queue, one), (_, other)] if one.kind == other.kind => {
            let jobs = [one.jobs.clone(), other.jobs.clone()].concat();
            vec![(
                queue.clone(),
                Doorbell {
                    jobs,
                    ..one.clone()
                },
            )]
        }
        other => other.to_vec(),
    }
}

async fn ring(rig: &Rig, bells: Vec<(String, Doorbell)>) -> usize {
    let config = broker::Config {
        url: rig.site.amqp_url().into(),
        ca_file: None,
        connect_timeout: Duration::from_secs(5),
        heartbeat: Duration::from_secs(10),
        prefix: String::new(),
    };
    let options = PublisherOptions {
        window: bells.len(),
        confirm_timeout: Duration::from_secs(20),
        backoff: Backoff::new(|_| Duration::from_millis(100)),
    };
    let mut publisher = Publisher::start(config, &["sweeps", "watches"], options);
    let mut state = publisher.state();
    state
        .wait_for(|it| *it == PublisherState::Up)
        .await
        .expect("reach the broker");
    let rung = bells.len();
    for (queue, bell) in &bells {
        publisher
            .publish(queue, Uuid::now_v7(), bell)
            .expect("ring");
    }
    for _ in 0..rung {
        publisher.outcome().await.expect("a verdict");
    }
    publisher.close().await;
    rung
}
