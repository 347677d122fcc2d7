//! R-Q-2: a database that changes its server, its plans or its mind; nothing needs a restart.

use crate::FIXTURE;
use std::time::{Duration, Instant};
use store::{ErrorClass, Fault, Store, StoreError};
use tests::database::{Database, SUPERUSER, connect};
use tests::eventually::eventually;
use tests::process::Process;
use tests::rig::{PATIENCE, Pid, Rig};
use tests::roster::{Act, SWEEP};
use tests::site::Site;
use tests::size::is_full;

/// Time in which all processes work again, once the address leads to the new primary.
const BACK_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test]
async fn fault_r_q_2_processes_follow_a_failover_without_a_restart() {
    let rounds = if is_full() { 3 } else { 1 };
    let mut rig = Rig::paired(FIXTURE).await;
    rig.set("RESCUE_SECONDS", &1);
    rig.set("RELAY_PATIENCE_SECONDS", &10);
    let fleet = [rig.scheduler(), rig.worker(&["sweeps", "watches"])];
    let (mut api, readiness) = api(&rig.site);
    rig.ask(SWEEP, Act::Effect, 200).await;
    let mut asked = 200;
    rig.done(asked, PATIENCE).await;
    ready(&readiness, PATIENCE, |status, _| status == 200).await;
    for round in 1..=rounds {
        rig.ask(SWEEP, Act::Slow { for_ms: 2 }, 2_000).await;
        rig.until("some are under way", PATIENCE, |it| asked < it.done)
            .await;
        demote(&mut rig, &readiness).await;
        rig.site.pair().follow();
        let since = Instant::now();
        rig.reconnect().await;
        rig.ask(SWEEP, Act::Effect, 200).await;
        asked += 2_200;
        rig.done(asked, BACK_WITHIN).await;
        ready(&readiness, BACK_WITHIN, |status, _| status == 200).await;
        let took = since.elapsed();
        assert!(took < BACK_WITHIN, "back after {took:?}");
        alive(&mut rig, &fleet);
        // R-RES-1: a standby that took over is no copy.
        let original = "select relink.is_original()::int::bigint";
        rig.until_count(original, BACK_WITHIN, |it| it == 1).await;
        assert_eq!(api.exited(), None, "the API ended");
        println!("failover {round}: all jobs done and the API ready after {took:?}");
    }
    refuses_to_write(&rig, &readiness).await;
}

/// Primary and standby change parts, and the address still leads to the demoted one while processes try to connect.
async fn demote(rig: &mut Rig, readiness: &str) {
    rig.site.pair().change_parts().await;
    let pair = rig.site.pair();
    let seen = pair.address().connections();
    pair.address().connected(seen + 8, PATIENCE).await;
    ready(readiness, PATIENCE, |status, body| {
        status == 503 && body.contains("does not allow writes")
    })
    .await;
    // Who looks only, and is told so, may look at a standby.
    let standby = pair.standby_url("relink_reader", "relink");
    let config = store::Config::new(standby.into(), "relink-test");
    let looking = store::doctor::Looking::start(&config).await;
    let server = looking.expect("look at the standby").server().await;
    assert!(server.expect("it answers").is_standby);
}

/// A server that is told to take no writes keeps its connections: readiness asks for writing on those.
async fn refuses_to_write(rig: &Rig, readiness: &str) {
    for (set, expected) in [("on", 503), ("off", 200)] {
        let owner = rig.site.owner().await;
        let setting = format!("alter system set default_transaction_read_only = {set}");
        owner.batch_execute(&setting).await.expect(&setting);
        let reload = "select pg_reload_conf()";
        owner.query_one(reload, &[]).await.expect(reload);
        ready(readiness, BACK_WITHIN, |status, _| status == expected).await;
    }
}

fn api(site: &Site) -> (Process, String) {
    let [port] = servers::free_ports().expect("a port");
    let settings = [
        ("DATABASE_URL", site.database_url("relink_operator")),
        ("API_PRODUCT_ADDRESS", "127.0.0.1:0".to_owned()),
        ("API_OPS_ADDRESS", "127.0.0.1:0".to_owned()),
        ("API_WEBHOOKS_ADDRESS", "127.0.0.1:0".to_owned()),
        ("HTTP_ADDRESS", format!("127.0.0.1:{port}")),
        ("LOG_FORMAT", "text".to_owned()),
    ];
    let settings = settings.map(|(name, value)| (format!("RELINK_{name}"), value));
    let api = Process::relink("api", &["api"], &settings);
    (api, format!("http://127.0.0.1:{port}/readyz"))
}

async fn ready(address: &str, within: Duration, is_wanted: impl Fn(u16, &str) -> bool) {
    eventually("a readiness", within, || async {
        let answer = reqwest::get(address).await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.text().await.ok()?;
        is_wanted(status, &body).then_some(())
    })
    .await;
}

fn alive(rig: &mut Rig, pids: &[Pid]) {
    for pid in pids {
        assert_eq!(rig.process(*pid).exited(), None, "a process ended");
    }
}

#[tokio::test]
async fn r_q_2_stale_plans_and_ended_sessions_cost_one_query_each() {
    let database = Database::fresh().await;
    let mut config = database.config(SUPERUSER);
    config.connections_max = 1;
    let store = Store::new(config).expect("a store");
    let ask = async || store.reading(async |tx| tx.token("nobody").await).await;
    assert!(ask().await.expect("it is asked").is_none());
    // A migration that no rule allows, or an operator: what was prepared would answer with another type.
    let owner = database.owner().await;
    let change = "alter table relink.operator_tokens alter column operator type varchar(200)";
    owner.batch_execute(change).await.expect(change);
    is_of_the_session(
        &ask().await.map(drop).expect_err("the plan is stale"),
        "0A000",
    );
    assert!(ask().await.expect("another session plans anew").is_none());
    // Ended in the midst of a transaction.
    let tx = store.begin().await.expect("begin");
    let end = "select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()";
    connect(&database.url(SUPERUSER))
        .await
        .batch_execute(end)
        .await
        .expect(end);
    let error = tx.token("nobody").await.map(drop).expect_err("it is ended");
    is_of_the_session(&error, "57P01");
    drop(tx);
    assert!(ask().await.expect("another session").is_none());
}

fn is_of_the_session(error: &StoreError, code: &str) {
    let judged = (error.class(), error.fault(), error.is_of_the_session());
    assert_eq!(
        judged,
        (ErrorClass::Session, Fault::Transient, true),
        "{error:?}"
    );
    assert!(error.sqlstate().is_none_or(|it| it == code), "{error:?}");
}
