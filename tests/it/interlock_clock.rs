//! A clock that leaps would open the cap early and make looks seem spaced (scenario 45): nothing is removed until a person
//! has looked.

use jiff::SignedDuration;
use std::time::Duration;
use tests::fleet_run::FleetRun;
use tests::interlock::Ground;

const HOUR: i64 = 3_600;

/// With three removals today and a fourth session eligible, the database's clock steps while no worker runs.
async fn fourth_after_a_step(seconds: i64) -> (Ground, policy::ids::RemovalId) {
    let mut ground = Ground::of(60).await;
    ground.flag(Duration::from_hours(2)).await.expect("a flag");
    for nth in 0..3 {
        let session = ground.gone(nth).await;
        ground.request(&session).await.expect("a request");
    }
    let worker = ground.worker(true);
    ground.looks(&worker).await;
    assert_eq!(ground.deletes().await, 3);
    let session = ground.gone(3).await;
    ground.step_database(seconds).await;
    ground.flag(Duration::from_hours(2)).await.expect("a flag");
    let fourth = ground.request(&session).await.expect("a request");
    let fresh = ground.worker(true);
    for look in 0..3 {
        if look > 0 {
            ground.step_database(91).await;
        }
        ground.run_due(&fresh).await;
    }
    (ground, fourth)
}

#[tokio::test]
async fn r_del_1_a_clock_that_leapt_while_nobody_looked_opens_no_cap() {
    let (ground, fourth) = fourth_after_a_step(25 * HOUR).await;
    assert_eq!(ground.deletes().await, 3, "the day is not over");
    assert_eq!(ground.state(fourth).await.0, "refused");
    let why = ground
        .number("select count(*) from relink.removal_latch where why like 'the clock leapt%'")
        .await;
    assert_eq!(why, 1);
    println!("clock +25 h between two workers: the latch tripped, 3 DELETEs and no fourth");
}

#[tokio::test]
async fn r_del_1_a_clock_that_went_back_removes_nothing() {
    let (ground, fourth) = fourth_after_a_step(-25 * HOUR).await;
    assert_eq!(ground.deletes().await, 3);
    assert_eq!(ground.state(fourth).await.0, "refused");
    let why = ground
        .number("select count(*) from relink.removal_latch where why like 'the clock went back%'")
        .await;
    assert_eq!(why, 1);
    println!("clock -25 h between two workers: the latch tripped, 3 DELETEs and no fourth");
}

/// A day of quiet is no leap: the fleet's regular look notes how the clock goes on.
#[tokio::test]
async fn r_del_5_the_fleets_look_at_the_clock_tells_a_day_from_a_leap() {
    let mut run = FleetRun::start(|cast| {
        cast.connected("ada");
    })
    .await;
    let tripped = "select count(*) from relink.removal_latch where tripped_at is not null";
    for _ in 0..9 {
        run.later(SignedDuration::from_mins(20)).await;
    }
    let why = run
        .words(
            "select why from relink.removal_latch where why is not null",
            &[],
        )
        .await;
    assert_eq!(
        why,
        [] as [String; 0],
        "three hours, twenty minutes at a time"
    );
    run.later(SignedDuration::from_hours(2)).await;
    assert_eq!(run.number(tripped, &[]).await, 1, "two hours at once");
    assert_eq!(run.alerts().await, ["removal_latch"]);
    println!(
        "the fleet's look at the clock: 3 h in steps of 20 min pass, a step of 2 h trips the latch"
    );
}

#[tokio::test]
async fn r_del_1_a_guard_that_is_switched_off_is_alerted_within_ten_minutes() {
    let mut run = FleetRun::start(|cast| {
        cast.connected("ada");
    })
    .await;
    let off = "alter table relink.removal_audit disable trigger no_change";
    run.owner
        .batch_execute(off)
        .await
        .expect("a database administrator");
    run.later(SignedDuration::from_mins(10)).await;
    assert_eq!(run.alerts().await, ["removal_guards"]);
    println!(
        "a trigger switched off by the owner: alerted by the next look, at most 10 minutes later"
    );
}
