//! The fleet's bound, and what lost its job.

use super::{RESTART, minutes};
use crate::duties::into;
use policy::restarts::first_jobs;
use simulator::control::{Faults, Health, RestartMode};
use tests::fleet_run::FleetRun;

const STOPPED: usize = 500;
/// Of a fleet of 500 sessions.
const PER_MINUTE: u64 = 10;
const WAITING: &str =
    "select count(*) from relink.jobs where kind = 'sessions.recover' and state = 'waiting'";

/// Requests for a restart that the simulator saw.
async fn seen(run: &FleetRun) -> u64 {
    let counts = run.provider.counts().await;
    let answers = counts.by_route.get(RESTART);
    answers.map_or(0, |of| of.values().sum())
}

/// Accounts become `recovering` by hand, as a provider's outage leaves them that the breaker did not stop.
async fn stop_all(run: &FleetRun) {
    let sql = "with put as (
            update relink.accounts a set status = 'recovering', status_since = relink.clock() where a.status = 'connected'
            returning a.id, a.status_version)
        insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor, evidence)
        select id, status_version, relink.clock(), 'connected', 'recovering', 'put', 'test', '{}' from put";
    run.owner.execute(sql, &[]).await.expect("flip by hand");
}

#[tokio::test]
async fn r_lnk_8_500_stopped_at_once_never_exceed_the_bound() {
    let mut sessions = vec![];
    let mut run = FleetRun::start(|cast| {
        let other = cast.second_workspace();
        sessions = cast.crowd(STOPPED).into_iter().map(|it| it.1).collect();
        for account in cast.fleet.accounts.iter_mut().rev().take(20) {
            account.workspace = other;
        }
    })
    .await;
    let fails = Faults {
        restart: RestartMode::Fails,
        ..Faults::default()
    };
    run.provider.faults(&fails).await;
    run.provider
        .change_all(&sessions, &into(Health::Error))
        .await;
    // The breaker stops the losses; the listing knows the sessions.
    run.beat().await;
    stop_all(&run).await;
    let shards: Vec<i16> = (0..256).collect();
    run.step_database(minutes(2)).await;
    let rows = run
        .store
        .reading(async |tx| tx.missed_restarts(&shards, 1_000).await);
    let rows = rows.await.expect("the recovering");
    assert_eq!(rows.len(), STOPPED);
    let tx = run.store.begin().await.expect("begin");
    tx.enqueue(&first_jobs(&rows), None, None)
        .await
        .expect("enqueue");
    tx.finish().await.expect("commit");
    let mut before = 0;
    for minute in 0..10 {
        run.later(minutes(1)).await;
        let now = seen(&run).await;
        assert!(
            now - before <= PER_MINUTE,
            "minute {minute}: {before} to {now}"
        );
        before = now;
    }
    assert!(
        before >= 10 * PER_MINUTE / 2,
        "{before} restarts in ten minutes"
    );
    let others = "select count(*) from relink.restarts r join relink.accounts a on a.id = r.account_id
        where a.workspace_id = (select workspace_id from relink.accounts group by 1 order by count(*) limit 1) and r.rung = 1";
    assert!(
        run.number(others, &[]).await >= 15,
        "another's half is free"
    );
    // The rows say the same as the simulator.
    let called = "select count(*) from relink.restarts where called_at is not null";
    assert_eq!(run.number(called, &[]).await.unsigned_abs(), before);
    let waiting =
        "select count(*) from relink.jobs where kind = 'sessions.recover' and state = 'waiting'";
    assert_eq!(
        run.number(waiting, &[]).await,
        500,
        "each account has one job"
    );
    taken_up_again(&mut run).await;
    run.acknowledge_alerts().await;
}

/// A job that dies or is discarded is asked for again within ten minutes, each once.
async fn taken_up_again(run: &mut FleetRun) {
    let waiting = WAITING;
    let discard = "update relink.jobs set state = 'discarded', finished_at = relink.clock()
        where kind = 'sessions.recover' and state = 'waiting'";
    run.owner.execute(discard, &[]).await.expect("discard");
    let gone = seen(run).await;
    for _ in 0..11 {
        run.later(minutes(1)).await;
    }
    assert_eq!(
        run.number(waiting, &[]).await,
        500,
        "each account has one job again"
    );
    assert!(seen(run).await - gone <= 11 * PER_MINUTE);
}
