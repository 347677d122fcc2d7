//! R-JOB-4: workers that are killed, freeze, or live while the clock jumps, and how soon others have what they had in hand.

use crate::FIXTURE;
use policy::campaigns::OnSenderLoss;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tests::clock;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::process::Process;
use tests::rig::{PATIENCE, Pid, Rig};
use tests::roster::{Act, LONG};
use tests::site::Site;
use tests::size;
use tests::tcp::{Flow, Gate};
use tokio_util::sync::CancellationToken;

/// A dead worker's jobs run again within this.
const SOON: Duration = Duration::from_secs(20);
/// Jobs that a worker has in hand.
const HELD: i64 = 4;
/// A job lasts until an heir stands ready.
const SLOW: Act = Act::Slow { for_ms: 6_000 };
const WORKERS: &str = "select count(*) from relink.workers where lost_at is null";
const LEASED: &str = "select count(*) from relink.jobs where state = 'leased' and attempt = 1";
const AGAIN: &str = "select count(*) from relink.jobs where state = 'leased' and attempt = 2";
const VANISHED: &str = "select count(*) from relink.job_failures where fault = 'vanished'";

fn rig_of_deaths(rig: &mut Rig) -> Pid {
    // Doorbells in the hands of one that is frozen are not what is looked at here.
    rig.set("RELAY_PATIENCE_SECONDS", &2);
    rig.scheduler();
    rig.worker(&["watches"])
}

/// The worker has so much in hand, and another one waits.
async fn burdened(rig: &mut Rig) -> Pid {
    rig.ask(LONG, SLOW, usize::try_from(HELD).expect("small"))
        .await;
    rig.until_count(LEASED, PATIENCE, |it| it == HELD).await;
    let living = rig.count(WORKERS).await;
    let heir = rig.worker(&["watches"]);
    rig.until_count(WORKERS, PATIENCE, |it| it == living + 1)
        .await;
    heir
}

#[tokio::test]
async fn fault_r_job_4_jobs_of_a_killed_worker_run_again_within_twenty_seconds() {
    let kills = if size::is_full() { 8 } else { 1 };
    let mut rig = Rig::shared(FIXTURE).await;
    let mut victim = rig_of_deaths(&mut rig);
    let mut took = vec![];
    for round in 1..=kills {
        let heir = burdened(&mut rig).await;
        rig.process(victim).kill9().await;
        let killed = Instant::now();
        rig.until_count(AGAIN, PATIENCE, |it| it == HELD).await;
        took.push(killed.elapsed());
        rig.done(HELD * round, PATIENCE).await;
        victim = heir;
    }
    took.sort_unstable();
    println!("killed workers: their jobs ran again after {took:?}");
    assert!(took.iter().all(|it| *it <= SOON), "{took:?}");
    assert_eq!(rig.count(VANISHED).await, HELD * kills);
    let lost = "select count(*) from relink.workers where lost_at is not null";
    assert_eq!(rig.count(lost).await, kills);
    // Whoever ends well leaves no row.
    rig.process(victim).terminate();
    rig.process(victim).ended(PATIENCE).await;
    assert_eq!(rig.count(WORKERS).await, 0);
}

#[tokio::test]
async fn fault_r_job_4_a_leader_that_dies_after_a_worker_costs_its_jobs_no_time() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("RELAY_PATIENCE_SECONDS", &2);
    let leader = rig.scheduler();
    eventually("it leads", PATIENCE, || {
        let leads = rig.process(leader).log().contains("this scheduler leads");
        async move { leads.then_some(()) }
    })
    .await;
    let victim = rig.worker(&["watches"]);
    rig.scheduler();
    burdened(&mut rig).await;
    rig.process(victim).kill9().await;
    let killed = Instant::now();
    // Silence is no event: half of what makes a worker dead.
    tokio::time::sleep(Duration::from_secs(8)).await;
    rig.process(leader).kill9().await;
    rig.until_count(AGAIN, PATIENCE, |it| it == HELD).await;
    let took = killed.elapsed();
    assert!(took <= SOON, "{took:?}");
    rig.done(HELD, PATIENCE).await;
}

#[tokio::test]
async fn fault_r_job_4_a_frozen_worker_finds_its_jobs_given_away_and_goes_on() {
    let mut rig = Rig::shared(FIXTURE).await;
    let victim = rig_of_deaths(&mut rig);
    let heir = burdened(&mut rig).await;
    rig.process(victim).signal(Signal::STOP);
    rig.until_count(VANISHED, SOON, |it| it == HELD).await;
    rig.done(HELD, PATIENCE).await;
    assert_eq!(rig.count(WORKERS).await, 1, "the heir");
    rig.process(victim).signal(Signal::CONT);
    eventually("it hears of it", PATIENCE, || {
        let heard = rig.process(victim).log().contains("taken for dead");
        async move { heard.then_some(()) }
    })
    .await;
    rig.until_count(WORKERS, PATIENCE, |it| it == 2).await;
    // It works as before; what it had in hand, its fence has kept from being done twice.
    rig.ask(LONG, Act::Effect, 20).await;
    rig.done(HELD + 20, PATIENCE).await;
    assert_eq!(rig.count(VANISHED).await, HELD);
    for pid in [victim, heir] {
        rig.process(pid).terminate();
        let ended = rig.process(pid).ended(PATIENCE).await;
        assert!(ended.success(), "{ended:?}");
    }
    assert_eq!(rig.count("select count(*) from relink.workers").await, 0);
}

#[tokio::test]
async fn fault_r_job_4_a_clock_that_jumps_ends_nobodys_run() {
    let hours = "select count(*) from relink.jobs where state = 'leased' and leased_until > relink.clock() + interval '2 hours'";
    let mut rig = Rig::shared(FIXTURE).await;
    clock::lay(&rig.owner).await;
    rig_of_deaths(&mut rig);
    burdened(&mut rig).await;
    clock::step(&rig.owner, 3 * 3_600).await;
    rig.done(HELD, PATIENCE).await;
    assert_eq!(rig.count(VANISHED).await, 0, "ahead");
    // Leased by the clock that is ahead, and back.
    rig.ask(LONG, SLOW, usize::try_from(HELD).expect("small"))
        .await;
    rig.until_count(LEASED, PATIENCE, |it| it == HELD).await;
    clock::step(&rig.owner, 0).await;
    assert_eq!(rig.count(hours).await, HELD);
    rig.until_count(hours, Duration::from_secs(5), |it| it == 0)
        .await;
    let told = "select count(*) from relink.admin_alerts where code = 'clock_ahead' and subject = 'leases'";
    rig.until_count(told, PATIENCE, |it| it == 1).await;
    rig.done(2 * HELD, PATIENCE).await;
    assert_eq!(rig.count(VANISHED).await, 0, "back");
}

#[tokio::test]
async fn fault_r_job_4_a_status_watch_in_a_dead_workers_hand_runs_again_soon() {
    let running =
        "select count(*) from relink.jobs where kind = 'status.watch' and state = 'leased'";
    let again = "select count(*) from relink.jobs where kind = 'status.watch' and attempt > 1 and state in ('leased', 'done')";
    let run = FleetRun::without_workers(Site::shared().await, |cast| {
        let ada = cast.connected("ada");
        cast.campaign(OnSenderLoss::default(), &[ada]);
    })
    .await;
    let gate = Gate::before(run.provider.base()).await;
    gate.set(Flow::HoldAnswers);
    let start = |name: &str, provider: &str| {
        let mut settings = run.settings();
        settings.push(("RELINK_PROVIDER_URL".to_owned(), provider.to_owned()));
        Process::relink(name, &["worker", "watches"], &settings)
    };
    let mut victim = start("victim", gate.base());
    let stop = CancellationToken::new();
    let scheduling = run.schedule(&stop);
    eventually("a listing hangs", PATIENCE, || async {
        (run.number(running, &[]).await == 1).then_some(())
    })
    .await;
    let _heir = start("heir", run.provider.base());
    let living = "select count(*) from relink.workers";
    eventually("an heir", PATIENCE, || async {
        (run.number(living, &[]).await == 2).then_some(())
    })
    .await;
    victim.kill9().await;
    eventually("it runs again", SOON, || async {
        (run.number(again, &[]).await == 1).then_some(())
    })
    .await;
    stop.cancel();
    scheduling.await.expect("ends").expect("well");
}
