//! R-Q-4, R-CAP-5: a rolling restart of every worker, again and again, while accounts send. Each worker is replaced in
//! turn, as a deployment does it: its heir starts, then it is asked to stop.

use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss;
use simulator::control::{Action, Cap, Faults, Span};
use std::time::{Duration, Instant};
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::ledger::audit;
use tests::process::Process;
use tests::site::Site;
use tests::size::is_full;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_mins(2);
/// Restarts of every worker: in full, and in a run of the whole suite.
const ROUNDS: usize = 20;
const ROUNDS_OF_THE_SUITE: usize = 5;
/// A pod is killed after it (R-Q-4: the deadline of 25 s, and a margin).
const EXIT_MAX: Duration = Duration::from_secs(30);
const SENDERS: usize = 60;
/// Longer than the spacing of 20 invitations a day, so that each round has one for nearly every sender.
const ROUND: SignedDuration = SignedDuration::from_mins(100);
const QUEUES: [&[&str]; 3] = [
    &["worker", "sends", "sweeps"],
    &["worker", "sends", "sweeps"],
    &["worker", "--all"],
];

const SENDING: &str = "select count(*) from relink.sends where state in ('reserved', 'sending')";
const OPEN: &str = "select (select count(*) from relink.jobs where state = 'leased')
                         + (select count(*) from relink.jobs where state = 'waiting' and run_at <= relink.clock())
                         + (select count(*) from relink.sends where state in ('reserved', 'sending'))";

#[tokio::test]
async fn fault_r_q_4_r_cap_5_rolling_restarts_under_load_lose_nothing_and_send_nothing_twice() {
    let rounds = if is_full() {
        ROUNDS
    } else {
        ROUNDS_OF_THE_SUITE
    };
    let mut run = senders().await;
    let stop = CancellationToken::new();
    let scheduling = run.schedule(&stop);
    let (mut exits, in_hand) = replaced(&mut run, rounds).await;
    stop.cancel();
    scheduling
        .await
        .expect("the scheduler stops")
        .expect("it ran");
    let ledger = audit(&run).await;
    let failures = "select count(*) from relink.job_failures";
    let dead = "select count(*) from relink.jobs where state = 'dead'";
    exits.sort();
    println!(
        "rolling restarts: {rounds} of {} workers, {in_hand} sends in hand at the signals; {ledger}; jobs failed {}, dead {}, lost {}; exit 0 within {:?} at most, {:?} in the middle",
        QUEUES.len(),
        run.number(failures, &[]).await,
        run.number(dead, &[]).await,
        run.number(OPEN, &[]).await,
        exits[exits.len() - 1],
        exits[exits.len() / 2],
    );
    assert_eq!(ledger.unknown, 0, "no outcome was lost");
    assert!(
        in_hand > 0,
        "no worker had anything in hand: the test shows nothing"
    );
    assert!(
        ledger.effects >= rounds * SENDERS / 2,
        "too little load: {ledger}"
    );
    for none in [failures, dead, OPEN] {
        assert_eq!(run.number(none, &[]).await, 0, "{none}");
    }
}

/// Replaces every worker so many times, with sends in hand: how long each took to end, and how many sends were in hand.
async fn replaced(run: &mut FleetRun, rounds: usize) -> (Vec<Duration>, i64) {
    let settings = run.settings();
    let mut workers = QUEUES.map(|queues| Process::relink("worker", queues, &settings));
    let (mut exits, mut in_hand) = (Vec::new(), 0);
    for _ in 0..rounds {
        until_all_is_done(run).await;
        let now = run.step_database(ROUND).await;
        run.provider.clock(now).await;
        eventually("sends are in hand", PATIENCE, || async {
            (run.number(SENDING, &[]).await > 0).then_some(())
        })
        .await;
        for (worker, queues) in workers.iter_mut().zip(QUEUES) {
            let heir = Process::relink("heir", queues, &settings);
            in_hand += run.number(SENDING, &[]).await;
            let began = Instant::now();
            worker.terminate();
            let status = worker.ended(EXIT_MAX).await;
            assert_eq!(status.code(), Some(0), "{}", worker.log());
            exits.push(began.elapsed());
            *worker = heir;
        }
    }
    until_all_is_done(run).await;
    (exits, in_hand)
}

/// A fleet whose accounts invite twenty people a day; each call takes a while, so that a worker that is asked to stop has
/// some in hand.
async fn senders() -> FleetRun {
    let run = FleetRun::without_workers(Site::shared().await, |cast| {
        let crowd = cast.crowd(SENDERS);
        let senders: Vec<_> = crowd.into_iter().map(|(account, _)| account).collect();
        for sender in &senders {
            cast.sends(*sender);
        }
        cast.campaign(OnSenderLoss::default(), &senders);
        cast.fleet.campaigns[0].enrollments = SENDERS * (ROUNDS + 4);
    })
    .await;
    let prepare = "update relink.enrollments set step = 1;
        insert into relink.send_limits (account_id, action, day, week, lifted_by, note)
        select id, 'invite', 20, 100, 'test', 'a test' from relink.accounts;";
    run.owner.batch_execute(prepare).await.expect("prepare");
    let cap = Cap {
        session: None,
        action: Action::Invite,
        day: Some(20),
        week: Some(100),
    };
    run.provider.caps(&[cap]).await;
    let slow = Faults {
        latency_ms: Some(Span { min: 100, max: 600 }),
        ..Faults::default()
    };
    run.provider.faults(&slow).await;
    run
}

async fn until_all_is_done(run: &FleetRun) {
    eventually("all that is due is done", PATIENCE, || async {
        (run.number(OPEN, &[]).await == 0).then_some(())
    })
    .await;
}
