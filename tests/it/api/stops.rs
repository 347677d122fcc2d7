//! The process is asked to stop, or whoever asks hangs up: what has begun is finished.

use super::{Desk, SOON};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::json;
use std::time::Duration;
use tests::eventually::eventually;
use tests::interlock::Ground;
use tokio::net::TcpStream;

/// Some act waits for a lock that a test holds.
async fn waits(ground: &Ground) {
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    eventually("the act waits for the lock", SOON, async || {
        (ground.number(sql).await > 0).then_some(())
    })
    .await;
}

const LOCK: &str = "begin; select * from relink.removal_latch for update";
const TRIPPED: &str =
    "select count(*) from relink.operator_audit where action = 'latch.trip' and actor = 'ada'";

#[tokio::test]
async fn r_q_4_sigterm_while_an_act_runs_finishes_it_and_takes_no_other() {
    let ground = Ground::of(1).await;
    let mut desk = Desk::over(&ground.database, &[]).await;
    let holder = ground.database.owner().await;
    holder.batch_execute(LOCK).await.expect("hold the latch");
    let token = ground.tokens[0].expose_secret();
    let trip = json!({ "reason": "stop" });
    let url = desk.ops("/v1/latch");
    let request = desk
        .client
        .request(Method::POST, &url)
        .bearer_auth(token)
        .json(&trip);
    let acting = tokio::spawn(request.send());
    waits(&ground).await;
    desk.process.terminate();
    let address = desk.ops.strip_prefix("http://").expect("http").to_owned();
    eventually("no other connection is taken", SOON, async || {
        TcpStream::connect(&address).await.is_err().then_some(())
    })
    .await;
    let ready = reqwest::get(format!("{}/readyz", desk.health)).await;
    assert_eq!(ready.expect("health is served until the end").status(), 503);
    assert!(desk.process.exited().is_none(), "it waits for what runs");
    holder.batch_execute("rollback").await.expect("let go");
    let answer = acting.await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 200);
    let ended = desk.process.ended(Duration::from_secs(10)).await;
    assert!(ended.success(), "{ended}");
    assert_eq!(ground.number(TRIPPED).await, 1);
}

#[tokio::test]
async fn r_q_4_what_does_not_end_within_the_deadline_is_left_and_rolled_back() {
    let ground = Ground::of(1).await;
    let mut desk = Desk::over(&ground.database, &[("RELINK_DRAIN_SECONDS", "1")]).await;
    let holder = ground.database.owner().await;
    holder.batch_execute(LOCK).await.expect("hold the latch");
    let token = ground.tokens[0].expose_secret();
    let request = desk.client.request(Method::POST, desk.ops("/v1/latch"));
    let request = request
        .bearer_auth(token)
        .json(&json!({ "reason": "stop" }));
    let acting = tokio::spawn(request.send());
    waits(&ground).await;
    desk.process.terminate();
    let ended = desk.process.ended(Duration::from_secs(20)).await;
    assert!(ended.success(), "{ended}");
    assert!(acting.await.expect("no panic").is_err(), "nobody answered");
    holder.batch_execute("rollback").await.expect("let go");
    assert_eq!(ground.number(TRIPPED).await, 0);
    assert!(
        desk.process
            .log()
            .contains("did not end within the deadline")
    );
}

#[tokio::test]
async fn r_del_5_an_act_goes_on_to_its_line_in_the_log_when_whoever_asked_hangs_up() {
    let ground = Ground::of(1).await;
    let desk = Desk::over(&ground.database, &[]).await;
    let holder = ground.database.owner().await;
    holder.batch_execute(LOCK).await.expect("hold the latch");
    let token = ground.tokens[0].expose_secret();
    let request = desk.client.request(Method::POST, desk.ops("/v1/latch"));
    let request = request
        .bearer_auth(token)
        .json(&json!({ "reason": "stop" }));
    let acting = tokio::spawn(request.send());
    waits(&ground).await;
    acting.abort();
    acting.await.expect_err("hung up");
    holder.batch_execute("rollback").await.expect("let go");
    eventually("the act's line", SOON, async || {
        let log = desk.process.log();
        log.contains("[SENSITIVE-OP] latch trip: done, audit ")
            .then_some(())
    })
    .await;
    assert_eq!(ground.number(TRIPPED).await, 1);
}
