//! R-JOB-6: one workspace's flood does not keep another waiting.

use crate::FIXTURE;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, SWEEP};
use uuid::Uuid;

#[tokio::test]
async fn r_job_6_a_flood_of_one_workspace_does_not_keep_anothers_jobs_waiting() {
    let (flooding, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let mut rig = Rig::shared(FIXTURE).await;
    rig.ask_for(flooding, SWEEP, Act::Slow { for_ms: 1 }, 20_000)
        .await;
    rig.scheduler();
    rig.worker(&["sweeps"]);
    rig.until("the flood flows", PATIENCE, |it| 500 < it.done)
        .await;
    rig.ask_for(other, SWEEP, Act::Effect, 20).await;
    let done = format!(
        "select count(*) from relink.jobs where workspace_id = '{other}' and state = 'done'"
    );
    rig.until_count(&done, PATIENCE, |it| it == 20).await;
    let tally = rig.tally().await;
    let wait = "select (1000 * extract(epoch from max(finished_at - created_at)))::bigint from relink.jobs where workspace_id = ";
    let wait_ms = rig.count(&format!("{wait}'{other}'")).await;
    println!(
        "a flood of 20000: the other workspace's 20 done within {wait_ms} ms while {} of the flood wait",
        tally.waiting
    );
    assert!(10_000 < tally.waiting, "{tally:?}");
}
