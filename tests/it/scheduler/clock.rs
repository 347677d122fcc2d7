//! R-WAT-2, R-JOB-4: the database's clock was three hours ahead for a moment. What it wrote then is not waited for.

use super::{TICKS, hastened};
use jiff::{SignedDuration, Timestamp};
use policy::decision::NewJob;
use std::time::Instant;
use store::clock::{TestClock, install};
use tests::database::SUPERUSER;
use tests::rig::{PATIENCE, Pid, Rig};
use tests::roster::{Act, SWEEP};
use uuid::Uuid;

/// A minute of the clock is a second of the machine.
const RATE: f64 = 60.0;
const JUMP: SignedDuration = SignedDuration::from_hours(3);
const FAILED: Uuid = Uuid::from_u128(0x1ba);

async fn set(rig: &Rig, from: Timestamp) {
    let clock = TestClock::Scaled { from, rate: RATE };
    let owner = rig.site.database(SUPERUSER);
    install(&owner, clock).await.expect("set the clock");
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).expect("an instant")
}

/// Three hours ahead for some seconds, and back; `meanwhile` happens before it goes back.
async fn jumps(rig: &mut Rig, meanwhile: impl AsyncFnOnce(&mut Rig)) {
    let before = rig.count(TICKS).await;
    let (jumped, right) = (Instant::now(), rig.now().await);
    set(rig, later(right, JUMP)).await;
    // Ticks of then, one for all that were missed.
    rig.until_count(TICKS, PATIENCE, |it| before + 2 <= it)
        .await;
    meanwhile(rig).await;
    let passed = SignedDuration::from_secs_f64(jumped.elapsed().as_secs_f64() * RATE);
    set(rig, later(right, passed)).await;
}

async fn plan(rig: &mut Rig, cause: &str, run_at: Timestamp) {
    let job = NewJob {
        cause: cause.to_owned(),
        ..rig.job(SWEEP, Act::Effect, run_at)
    };
    rig.enqueue(&[job]).await;
}

fn of(cause: &str) -> String {
    format!("from relink.jobs where cause = '{cause}'")
}

#[tokio::test]
async fn r_wat_2_a_clock_ahead_and_back_stops_no_tick_and_no_job() {
    let mut rig = hastened().await;
    rig.worker(&["confirmations", "sweeps"]);
    let mut leader: Pid = rig.scheduler();
    rig.until_count(TICKS, PATIENCE, |it| 2 <= it).await;
    let planned = later(rig.now().await, SignedDuration::from_hours(4));
    plan(&mut rig, "planned", planned).await;
    let planned_at = format!(
        "select extract(epoch from run_at)::bigint {}",
        of("planned")
    );
    let before = rig.count(&planned_at).await;
    for round in ["alive", "killed"] {
        let cause = format!("meanwhile-{round}");
        jumps(&mut rig, async |rig| {
            // To be done in four minutes by the clock of then.
            let at = later(rig.now().await, SignedDuration::from_mins(4));
            plan(rig, &cause, at).await;
            rig.sql(&retried(round)).await;
            if round == "killed" {
                rig.process(leader).kill9().await;
            }
        })
        .await;
        if round == "killed" {
            leader = rig.scheduler();
        }
        let ticked = rig.count(TICKS).await;
        let future = "select count(*) from relink.schedules where last_slot > relink.clock()";
        rig.until_count(future, PATIENCE, |it| it == 0).await;
        // Three minutes of the clock are three seconds; three hours would be three minutes.
        rig.until_count(TICKS, PATIENCE, |it| ticked + 3 <= it)
            .await;
        for cause in [cause, format!("retried-{round}")] {
            let done = format!("select count(*) {} and state = 'done'", of(&cause));
            rig.until_count(&done, PATIENCE, |it| it == 1).await;
        }
        let told = "select sum(times)::bigint from relink.admin_alerts where code = 'clock_ahead' and subject = 'database'";
        rig.until_count(told, PATIENCE, |it| 1 <= it).await;
        assert_eq!(rig.count(&planned_at).await, before, "a plan was changed");
        let lease = "select count(*) from relink.scheduler_lease where expires_at > relink.clock() + interval '10 minutes'
                        or latest_at > relink.clock() + interval '10 minutes'";
        assert_eq!(rig.count(lease).await, 0);
    }
    let twice = "select count(*) from (select run_at from relink.jobs where kind = 'test.tick' group by cause, run_at having count(*) > 1) d";
    assert_eq!(rig.count(twice).await, 0);
}

/// A job of long ago that failed at an instant of the clock that was ahead, and is to be tried again four minutes later.
fn retried(round: &str) -> String {
    let id = Uuid::from_u128(FAILED.as_u128() + u128::from(round == "killed"));
    format!(
        "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at, created_at, attempt, failures)
         values ('{id}', 'sweeps', 'test.sweep', 1, 'retried-{round}', '00000000-0000-0000-0000-000000000000',
                 '{{\"act\": \"effect\"}}', relink.clock() + interval '4 minutes', relink.clock() - interval '10 hours', 1, 1);
         insert into relink.job_failures (job_id, attempt, at, fault, error, retry_at, worker)
         values ('{id}', 1, relink.clock(), 'transient', 'a test', relink.clock() + interval '4 minutes', 'a test')"
    )
}
