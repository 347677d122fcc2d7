//! R-JOB-2, R-JOB-3: workers that are killed or abort over their jobs.

use crate::FIXTURE;
use policy::jobs::Kind;
use std::time::Duration;
use tests::eventually::eventually;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, DECIDE, SWEEP};
use tests::size::is_full;

const LONG: Duration = Duration::from_mins(5);

#[tokio::test]
async fn fault_r_job_2_workers_killed_in_mid_batch_lose_nothing_and_do_nothing_twice() {
    let (jobs, kills): (usize, i64) = if is_full() { (4_000, 8) } else { (2_000, 4) };
    let count = i64::try_from(jobs).expect("small");
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("RESCUE_SECONDS", &1);
    rig.set("RELAY_PATIENCE_SECONDS", &5);
    rig.ask(SWEEP, Act::Slow { for_ms: 2 }, jobs - jobs / 10)
        .await;
    rig.ask(DECIDE, Act::Slow { for_ms: 50 }, jobs / 10).await;
    rig.scheduler();
    let mut workers = [
        rig.worker(&["sweeps", "watches"]),
        rig.worker(&["sweeps", "watches"]),
    ];
    let step = count / (kills + 2);
    for round in 1..=kills {
        rig.until("work goes on", PATIENCE, |it| {
            step * round <= it.done && 0 < it.waiting + it.leased
        })
        .await;
        let victim = &mut workers[usize::try_from(round % 2).expect("0 or 1")];
        rig.process(*victim).kill9().await;
        *victim = rig.worker(&["sweeps", "watches"]);
    }
    let tally = rig.done(count, LONG).await;
    let vanished = rig
        .count("select count(*) from relink.job_failures where fault = 'vanished'")
        .await;
    println!(
        "kill -9 x {kills}: {jobs} jobs, done {}, lost {}, effects twice {}, rescued runs {vanished}",
        tally.done,
        tally.waiting + tally.leased + tally.dead,
        tally.twice
    );
}

#[tokio::test]
async fn fault_r_job_3_a_set_based_job_that_aborts_its_process_ends_dead_and_hurts_no_neighbour() {
    abort(SWEEP).await;
}

#[tokio::test]
async fn fault_r_job_3_a_deciding_job_that_aborts_its_process_ends_dead_and_hurts_no_neighbour() {
    abort(DECIDE).await;
}

async fn abort(kind: Kind) {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("RESCUE_SECONDS", &1);
    rig.set("RELAY_PATIENCE_SECONDS", &5);
    let run_at = rig.now().await;
    let mut jobs: Vec<_> = (0..120)
        .map(|_| rig.job(kind, Act::Slow { for_ms: 20 }, run_at))
        .collect();
    jobs.insert(30, rig.job(kind, Act::Abort, run_at));
    rig.enqueue(&jobs).await;
    rig.scheduler();
    let queue = [kind.queue.as_str()];
    let mut workers = [rig.worker(&queue), rig.worker(&queue)];
    let mut crashes = 0;
    let start = std::time::Instant::now();
    loop {
        crashes += rig.supervise(&mut workers, &queue);
        let tally = rig.tally().await;
        if tally.waiting + tally.leased == 0 {
            break;
        }
        assert!(start.elapsed() < LONG, "{tally:?}");
        let looked = tokio::time::Instant::now() + Duration::from_millis(50);
        tokio::time::sleep_until(looked).await;
    }
    let tally = rig.tally().await;
    let blamed = rig
            .count("select count(*) from relink.job_failures f join relink.jobs j on j.id = f.job_id where j.payload->>'act' <> 'abort'")
            .await;
    println!(
        "abort ({}): crashes {crashes}, dead {}, neighbours done {}, effects twice {}, neighbours' runs rescued {blamed}, {:?}",
        kind.name,
        tally.dead,
        tally.done,
        tally.twice,
        start.elapsed()
    );
    assert_eq!(
        (tally.done, tally.dead, tally.effects, tally.twice),
        (120, 1, 120, 0)
    );
    let dead = "select count(*) from relink.jobs where state = 'dead' and payload->>'act' = 'abort' and failures = 3";
    assert_eq!(rig.count(dead).await, 1);
    eventually("an alert", PATIENCE, || async {
        let found = rig
            .count("select count(*) from relink.admin_alerts where code = 'dead_letter'")
            .await;
        (found == 1).then_some(())
    })
    .await;
}
