//! R-CAP-5, scenario 26: PostgreSQL dies between the call and the settlement.

use policy::campaigns::OnSenderLoss;
use policy::jobs::Queue;
use simulator::control::Action;
use std::time::Duration;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::ledger::{audit, states};
use tests::process::Process;
use tests::site::Site;
use tests::tcp::{Flow, Gate};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_mins(3);

#[tokio::test]
async fn fault_r_cap_5_postgresql_killed_between_call_and_settle_the_outcome_is_written_and_the_send_happens_once()
 {
    let mut run = FleetRun::without_workers(Site::durable().await, |cast| {
        let ada = cast.connected("ada");
        cast.sends(ada);
        cast.campaign(OnSenderLoss::default(), &[ada]);
        cast.fleet.campaigns[0].enrollments = 3;
    })
    .await;
    let sql = "update relink.enrollments set step = 1";
    run.owner.batch_execute(sql).await.expect("all invited");
    // The provider does it; its answer is held back until the database is gone.
    let gate = Gate::before(run.provider.base()).await;
    gate.set(Flow::HoldAnswers);
    let watching = ["worker", "watches", "confirmations"];
    let _watcher = Process::relink("watcher", &watching, &run.settings());
    let _notices = run.work(&[Queue::Notices], run.provider.unipile());
    let mut settings = run.settings();
    settings.push(("RELINK_PROVIDER_URL".to_owned(), gate.base().to_owned()));
    let mut worker = Process::relink("worker", &["worker", "sends", "sweeps"], &settings);
    let stop = CancellationToken::new();
    let scheduling = run.schedule(&stop);
    eventually("the provider has done it", PATIENCE, || async {
        (run.provider.effects().await.len() == 1).then_some(())
    })
    .await;
    assert_eq!(states(&run).await, "sending 1");
    run.site().postgres().kill9().await;
    gate.set(Flow::Open);
    eventually("the outcome waits for the database", PATIENCE, || {
        let said = worker.log().contains("an outcome waits for the database");
        async move { said.then_some(()) }
    })
    .await;
    let restarted = run.site().postgres().restart().await;
    restarted.expect("start PostgreSQL");
    run.reconnect().await;
    eventually("the outcome is written", PATIENCE, || async {
        (states(&run).await == "sent 1").then_some(())
    })
    .await;
    let told = "select string_agg(event || ' ' || from_state || '>' || to_state, ', ' order by id) from relink.send_audit";
    let told = run.words(told, &[]).await.concat();
    assert_eq!(told, "intent planned>reserved, outcome sending>sent");
    assert_eq!(worker.exited(), None, "the same worker");
    stop.cancel();
    // It has seen the database go; how it ends is another test's.
    scheduling.await.map(drop).expect("the scheduler stops");
    for _ in 0..15 {
        run.later(jiff::SignedDuration::from_mins(1)).await;
    }
    let ledger = audit(&run).await;
    assert_eq!((ledger.states.as_str(), ledger.unknown), ("sent 3", 0));
    let invited = run.provider.verdict().await.actions[&Action::Invite].total;
    assert_eq!(invited, 3);
    println!("PostgreSQL kill -9 between call and settle: {told}; in the end: {ledger}");
}
