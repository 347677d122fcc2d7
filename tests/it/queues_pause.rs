//! R-Q-1: a pause is a row, in force the moment it commits.

use crate::FIXTURE;
use jiff::Timestamp;
use policy::decision::NewJob;
use policy::ids::{AccountId, WorkspaceId};
use std::time::Duration;
use tests::eventually::eventually;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, SWEEP};
use uuid::Uuid;

const PACE: Act = Act::Slow { for_ms: 1 };

/// Pauses and returns the instant after its commit, by the server's own clock.
async fn pause(rig: &Rig, scope: &str, target: &str, ends_at: Option<Timestamp>) -> Timestamp {
    rig.owner
        .execute(
            "insert into relink.pauses (id, scope, target, mode, paused_by, why, ends_at) values ($1, $2, $3, 'hold', 'a test', 'to see', $4)",
            &[&Uuid::now_v7(), &scope, &target, &ends_at],
        )
        .await
        .expect("pause");
    let row = rig
        .owner
        .query_one("select clock_timestamp() as at", &[])
        .await;
    row.expect("the instant").get("at")
}

async fn claimed_since(rig: &Rig, since: Timestamp, covered: &str) -> i64 {
    let sql = format!("select count(*) from relink.jobs where claimed_at > $1 and {covered}");
    let row = rig.owner.query_one(&sql, &[&since]).await;
    row.expect("count the claims").get(0)
}

#[tokio::test]
async fn r_q_1_after_a_pause_commits_nothing_it_covers_starts_and_lifting_it_runs_all_once() {
    let (workspace, account) = (Uuid::from_u128(0xa), Uuid::from_u128(0xb));
    let covered = format!("workspace_id = '{workspace}'");
    for (scope, target) in [
        ("everything", String::new()),
        ("queue", "sweeps".to_owned()),
        ("kind", SWEEP.name.to_owned()),
        ("workspace", workspace.to_string()),
        ("account", account.to_string()),
    ] {
        let mut rig = Rig::shared(FIXTURE).await;
        rig.set("WORKER_PREFETCH", &4);
        let run_at = rig.now().await;
        let jobs: Vec<NewJob> = (0..3_000)
            .map(|_| NewJob {
                workspace: Some(WorkspaceId(workspace)),
                account: Some(AccountId(account)),
                ..rig.job(SWEEP, PACE, run_at)
            })
            .collect();
        rig.enqueue(&jobs).await;
        rig.scheduler();
        rig.worker(&["sweeps"]);
        rig.worker(&["sweeps"]);
        rig.until("work flows", PATIENCE, |it| 100 < it.done).await;
        let since = pause(&rig, scope, &target, None).await;
        // What the pause does not cover goes on; once it is done, the covered work had its chance to start too.
        let narrow = matches!(scope, "workspace" | "account");
        if narrow {
            rig.ask(SWEEP, PACE, 200).await;
            let others = "select count(*) from relink.jobs where workspace_id = '00000000-0000-0000-0000-000000000000' and state = 'done'";
            rig.until_count(others, PATIENCE, |it| it == 200).await;
        } else {
            still(&rig).await;
        }
        let started = claimed_since(&rig, since, &covered).await;
        let held = rig.tally().await;
        assert_eq!(started, 0, "{scope}: {held:?}");
        assert!(0 < held.waiting, "{scope}: all was done before the pause");
        rig.sql("update relink.pauses set lifted_at = relink.clock(), lifted_by = 'a test'; notify relink_jobs").await;
        let all = if narrow { 3_200 } else { 3_000 };
        let tally = rig.done(all, PATIENCE).await;
        println!(
            "pause of {scope}: started after it {started}, held {}, after lifting done {}, effects twice {}",
            held.waiting, tally.done, tally.twice
        );
    }
}

/// Waits until nothing is in anybody's hands and two heartbeats of the relay have passed over it.
async fn still(rig: &Rig) {
    let last = std::cell::Cell::new((-1, std::time::Instant::now()));
    eventually("the fleet stands still", PATIENCE, || async {
        let done = rig.tally().await.done;
        if done != last.get().0 {
            last.set((done, std::time::Instant::now()));
        }
        (Duration::from_millis(2_500) < last.get().1.elapsed()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn r_q_1_a_pause_with_an_end_resumes_by_itself() {
    let mut rig = Rig::shared(FIXTURE).await;
    let ends_at = rig.now().await + Duration::from_secs(4);
    let since = pause(&rig, "queue", "sweeps", Some(ends_at)).await;
    rig.scheduler();
    rig.worker(&["sweeps"]);
    rig.ask(SWEEP, Act::Effect, 300).await;
    let tally = rig.done(300, PATIENCE).await;
    let early = format!("claimed_at < '{ends_at}'");
    assert_eq!(claimed_since(&rig, since, &early).await, 0);
    println!(
        "a pause of 4 s: started before its end 0, done after it {}",
        tally.done
    );
}

#[tokio::test]
async fn r_q_1_pauses_that_overlap_are_each_lifted_on_their_own() {
    let mut rig = Rig::shared(FIXTURE).await;
    pause(&rig, "queue", "sweeps", None).await;
    let since = pause(&rig, "kind", SWEEP.name, None).await;
    rig.ask(SWEEP, Act::Effect, 100).await;
    rig.scheduler();
    rig.worker(&["sweeps"]);
    rig.sql("update relink.pauses set lifted_at = relink.clock(), lifted_by = 'a test' where scope = 'queue'; notify relink_jobs").await;
    still(&rig).await;
    assert_eq!(claimed_since(&rig, since, "true").await, 0);
    rig.sql("update relink.pauses set lifted_at = relink.clock(), lifted_by = 'a test' where scope = 'kind'; notify relink_jobs").await;
    rig.done(100, PATIENCE).await;
}
