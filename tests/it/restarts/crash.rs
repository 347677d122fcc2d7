//! A worker that dies between the call and its end, and one that is only late.

use super::{asked, minutes, states, told};
use crate::duties::into;
use policy::jobs::Queue;
use simulator::control::{Health, SessionFaultKind};
use std::time::Duration;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::process::Process;
use tests::provider::client_of;
use tests::site::Site;
use tests::tcp::{Flow, Gate};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_mins(3);
/// Where a trigger makes the end of a call wait.
const GATE: i64 = 815;

#[tokio::test]
async fn r_cap_5_a_restart_whose_worker_died_is_unknown_and_not_called_again() {
    let mut ada = None;
    let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
        ada = Some(cast.connected("ada"));
        cast.crowd(9);
    })
    .await;
    let ada = ada.expect("ada");
    let rest = run.work(&Queue::ALL, run.provider.unipile());
    run.settle().await;
    run.provider
        .faults(&told(&[("ada", SessionFaultKind::ServerError)]))
        .await;
    run.provider.change("s-ada", into(Health::Error)).await;
    run.beat().await;
    assert_eq!(run.status(ada).await, "recovering");
    drop(rest);
    let gate = "create function public.wait_at_gate() returns trigger language plpgsql as
            $$ begin perform pg_advisory_xact_lock_shared(815); return new; end $$;
        create trigger wait_at_gate before update on relink.restarts for each row when (old.state = 'calling')
            execute function public.wait_at_gate()";
    run.owner.batch_execute(gate).await.expect("a trigger");
    let holder = run.site().owner().await;
    let lock = "select pg_advisory_lock($1)";
    holder.execute(lock, &[&GATE]).await.expect("the lock");
    let mut doomed = Process::relink("doomed", &["worker", "watches"], &run.settings());
    let now = run.step_database(minutes(1)).await;
    run.provider.clock(now).await;
    let stop = CancellationToken::new();
    let scheduling = run.schedule(&stop);
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
        and query like '%relink.restarts%'";
    eventually("the end of the call waits", PATIENCE, || async {
        (run.number(waits, &[]).await > 0).then_some(())
    })
    .await;
    doomed.kill9().await;
    stop.cancel();
    scheduling.await.map(drop).expect("the scheduler stops");
    drop(holder);
    let drop_gate = "drop trigger wait_at_gate on relink.restarts";
    run.owner.batch_execute(drop_gate).await.expect("no gate");
    assert_eq!(asked(&run, "ada").await, 1);
    assert_eq!(states(&run, ada).await, "1 calling");
    let _heir = run.work(&Queue::ALL, run.provider.unipile());
    // Longer than the dead worker's lease; the next rung is not due yet.
    run.later(minutes(2)).await;
    assert_eq!(states(&run, ada).await, "1 unknown");
    assert_eq!(asked(&run, "ada").await, 1, "no second call of that rung");
    run.later(minutes(2)).await;
    assert_eq!(states(&run, ada).await, "1 unknown, 2 unknown");
    assert_eq!(asked(&run, "ada").await, 2);
}

#[tokio::test]
async fn r_cap_5_what_a_restart_answered_outlives_its_lease() {
    let mut ada = None;
    let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
        ada = Some(cast.connected("ada"));
        cast.crowd(9);
    })
    .await;
    let ada = ada.expect("ada");
    let rest = run.work(&Queue::ALL, run.provider.unipile());
    run.settle().await;
    let refused = told(&[("ada", SessionFaultKind::Disconnected)]);
    run.provider.faults(&refused).await;
    run.provider.change("s-ada", into(Health::Error)).await;
    run.beat().await;
    drop(rest);
    let gate = Gate::before(run.provider.base()).await;
    gate.set(Flow::HoldAnswers);
    let _late = run.work(&[Queue::Watches], client_of(gate.base(), PATIENCE));
    let now = run.step_database(minutes(1)).await;
    run.provider.clock(now).await;
    let stop = CancellationToken::new();
    let scheduling = run.schedule(&stop);
    let until = async |wanted: &'static str| {
        eventually(wanted, PATIENCE, || async {
            (states(&run, ada).await == wanted).then_some(())
        })
        .await;
    };
    until("1 calling").await;
    let over = "update relink.jobs set leased_until = relink.clock() where state = 'leased' and kind = 'sessions.recover'";
    run.owner.execute(over, &[]).await.expect("end the lease");
    until("1 unknown").await;
    gate.set(Flow::Open);
    until("1 refused").await;
    assert_eq!(run.status(ada).await, "reconnect_needed");
    stop.cancel();
    scheduling.await.map(drop).expect("the scheduler stops");
}
