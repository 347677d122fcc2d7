//! Resuming with a ramp: the part that may start is the square of the part of the ramp that is over.

use super::Ground;
use tests::rig::PATIENCE;
use tests::roster::{Act, DECIDE, SWEEP};

const PARTS: [(f64, f64); 5] = [
    (0.0, 0.0),
    (0.25, 0.0625),
    (0.5, 0.25),
    (0.75, 0.5625),
    (1.0, 1.0),
];

#[tokio::test]
async fn r_q_1_a_ramp_lets_the_square_of_its_part_start_the_same_on_every_pod() {
    let mut ground = Ground::shared().await;
    ground.rig.ask(SWEEP, Act::Effect, 20_000).await;
    ground.desk.does(&["pause", "queue", "sweeps"]).await;
    ground
        .desk
        .does(&["resume", "queue", "sweeps", "--ramp", "100s"])
        .await;
    let sql = "select count(*)::float8 / 20000 from relink.jobs j
                where not exists (select from relink.pauses p cross join lateral
                        relink.pauses_over(j.queue, j.kind, j.workspace_id, j.account_id, false, j.id,
                                           p.lifted_at + $1::float8 * (p.ramp_until - p.lifted_at)))";
    let mut shares = vec![];
    for (part, law) in PARTS {
        let row = ground.rig.owner.query_one(sql, &[&part]).await;
        let share: f64 = row.expect("the share").get(0);
        assert!(
            (share - law).abs() < 0.012,
            "at {part} of the ramp {share}, and not {law}"
        );
        shares.push(format!("{:.0} %: {share:.3} ({law})", part * 100.0));
    }
    println!(
        "share of 20000 jobs that may start, at a part of the ramp: {}",
        shares.join(", ")
    );
}

#[tokio::test]
async fn r_q_1_workers_start_nothing_before_its_part_of_the_ramp_and_all_of_it_by_the_end() {
    let mut ground = Ground::shared().await;
    ground.rig.ask(SWEEP, Act::Effect, 900).await;
    ground.rig.ask(DECIDE, Act::Effect, 100).await;
    ground.desk.does(&["pause", "everything"]).await;
    ground.rig.set("WORKER_PREFETCH", &2);
    ground.rig.scheduler();
    ground.rig.worker(&["sweeps", "watches"]);
    ground.rig.worker(&["sweeps", "watches"]);
    ground
        .desk
        .does(&["resume", "everything", "--ramp", "8s"])
        .await;
    ground.rig.done(1_000, PATIENCE).await;
    let early = "select count(*) from relink.jobs j cross join relink.pauses p
                  where j.claimed_at < p.lifted_at + (p.ramp_until - p.lifted_at)
                        * sqrt((uuid_hash_extended(j.id, 0) & 1048575)::float8 / 1048576)";
    assert_eq!(
        ground.rig.count(early).await,
        0,
        "started before its part of the ramp"
    );
    let mut shares = vec![];
    for (part, law) in PARTS {
        let sql = "select count(*)::float8 / 1000 from relink.jobs j cross join relink.pauses p
                    where j.claimed_at < p.lifted_at + $1::float8 * (p.ramp_until - p.lifted_at)";
        let row = ground.rig.owner.query_one(sql, &[&part]).await;
        let share: f64 = row.expect("the share").get(0);
        // A start lags behind by a look of the relay and a doorbell.
        assert!(
            law - 0.3 < share && share < law + 0.03,
            "at {part} {share}, law {law}"
        );
        shares.push(format!("{:.0} %: {share:.3} ({law})", part * 100.0));
    }
    println!(
        "share of 1000 jobs started, at a part of a ramp of 8 s: {}; early 0",
        shares.join(", ")
    );
}
