//! A claim whose snapshot is older than a pause does not start anything after it: each way of claiming, held in the very
//! middle of its statement while the pause commits.

use super::Ground;
use serde_json::Value;
use std::time::Duration;
use tests::eventually::eventually;
use tests::rig::PATIENCE;
use tests::roster::{Act, DECIDE, SWEEP};
use tokio_postgres::Client;

/// Every claim waits at the gate with its first row, its snapshot taken; not for a lock, which no claim waits for long.
const GATE: &str = "
    create table public.gate as select true as is_shut;
    create function public.wait_at_gate() returns trigger language plpgsql security definer as
        $$ begin while (select g.is_shut from public.gate g) loop perform pg_sleep(0.01); end loop; return new; end $$;
    create trigger wait_at_gate before update on relink.jobs for each row
        when (old.state = 'waiting' and new.state in ('leased', 'done')) execute function public.wait_at_gate();";

async fn shut(ground: &Ground) -> Client {
    ground.rig.sql(GATE).await;
    ground.rig.site.owner().await
}

async fn open(gate: &Client) {
    gate.execute("update public.gate set is_shut = false", &[])
        .await
        .expect("open the gate");
}

async fn until_waits(ground: &Ground, role: &str, statement: &str) {
    let sql =
        "select count(*) from pg_stat_activity where datname = current_database() and usename = $1
                and wait_event_type in ('Lock', 'Timeout') and query like '%' || $2 || '%'";
    eventually(statement, PATIENCE, || async {
        let row = ground.rig.owner.query_one(sql, &[&role, &statement]).await;
        (0 < row.expect("who waits").get::<_, i64>(0)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn r_q_1_a_set_whose_claim_was_under_way_when_the_pause_committed_does_not_start() {
    let mut ground = Ground::shared().await;
    let gate = shut(&ground).await;
    ground.rig.ask(SWEEP, Act::Effect, 60).await;
    ground.rig.scheduler();
    ground.rig.worker(&["sweeps"]);
    until_waits(&ground, "relink_worker", "claimed by closing it").await;
    let began = std::time::Instant::now();
    ground.desk.does(&["pause", "queue", "sweeps"]).await;
    let took = began.elapsed();
    // Nobody waits for a set to pause; to drain, one does.
    let draining = ground.desk.runs(&[
        "pause",
        "queue",
        "sweeps",
        "--drain",
        "--timeout",
        "30s",
        "--json",
        "--reason",
        "drain",
    ]);
    let opening = async {
        eventually("the second pause", PATIENCE, || async {
            (ground.rig.count("select count(*) from relink.pauses").await == 2).then_some(())
        })
        .await;
        open(&gate).await;
    };
    let (drained, ()) = tokio::join!(draining, opening);
    assert_eq!(drained.code, Some(0), "{drained:?}");
    let said: Value = serde_json::from_str(&drained.out).expect("JSON");
    assert_eq!(said["drained"], true);
    let tally = ground.rig.tally().await;
    assert_eq!(
        (tally.done, tally.effects, tally.leased, tally.waiting),
        (0, 0, 0, 60),
        "{tally:?}"
    );
    println!(
        "a set's claim under way: the pause took {took:?}, started after it 0, waiting {}",
        tally.waiting
    );
    ground.desk.does(&["resume", "queue", "sweeps"]).await;
    ground.rig.done(60, PATIENCE).await;
}

#[tokio::test]
async fn r_q_1_a_pause_waits_for_the_lease_that_is_being_written_and_none_is_written_after_it() {
    let mut ground = Ground::shared().await;
    let gate = shut(&ground).await;
    ground.rig.ask(DECIDE, Act::Effect, 10).await;
    ground.rig.scheduler();
    ground.rig.worker(&["watches"]);
    until_waits(&ground, "relink_worker", "The attempt number is the fence").await;
    let pausing = ground.desk.does(&["pause", "queue", "watches"]);
    let opening = async {
        until_waits(&ground, "relink_operator", "relink.pause_work").await;
        assert_eq!(
            ground.rig.count("select count(*) from relink.pauses").await,
            0
        );
        open(&gate).await;
    };
    tokio::join!(pausing, opening);
    // Committed now; so were the leases before it.
    let begun = "select count(*) from relink.jobs where attempt = 1";
    let begun = ground.rig.count(begun).await;
    assert_eq!(begun, 10, "what was claimed before is leased");
    ground.rig.ask(DECIDE, Act::Effect, 10).await;
    ground
        .rig
        .until("what had started is done", PATIENCE, |it| {
            it.done == 10 && it.waiting == 10
        })
        .await;
    let limit = Duration::from_secs(5);
    println!(
        "a lease under way: the pause waited for it (at most {limit:?}), done {begun}, started after it 0"
    );
    ground.desk.does(&["resume", "queue", "watches"]).await;
    ground.rig.done(20, PATIENCE).await;
}
