//! R-WAT-2: a leader that is gone is replaced at once, one that stands still when its lease ends; never do two act.

use super::TICKS;
use crate::FIXTURE;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tests::rig::{PATIENCE, Pid, Rig};
use tests::roster::{Act, SWEEP};
use tests::size;

const EPOCH: &str = "select epoch from relink.scheduler_lease";

/// How long until another leads than in that epoch.
async fn until_another(rig: &Rig, epoch: i64, since: Instant) -> (i64, Duration) {
    let epoch = rig.until_count(EPOCH, PATIENCE, |it| epoch < it).await;
    (epoch, since.elapsed())
}

/// Which of them said that it leads in that epoch.
async fn leader(rig: &mut Rig, pair: &[Pid], epoch: i64) -> usize {
    let says = format!("epoch={epoch}");
    let begun = Instant::now();
    loop {
        let found = pair.iter().position(|pid| {
            let log = rig.process(*pid).log();
            log.lines()
                .any(|line| line.ends_with(&says) || line.contains(&format!("{says} ")))
        });
        if let Some(found) = found {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "nobody says {says}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn r_wat_2_a_killed_leader_is_replaced_within_three_seconds() {
    let kills = if size::is_full() { 50 } else { 3 };
    let mut rig = Rig::shared(FIXTURE).await;
    rig.worker(&["sweeps"]);
    let mut pair = vec![rig.scheduler(), rig.scheduler()];
    let mut epoch = rig.until_count(EPOCH, PATIENCE, |it| 1 <= it).await;
    let mut took = vec![];
    for kill in 1..=kills {
        let leads = leader(&mut rig, &pair, epoch).await;
        rig.process(pair[leads]).kill9().await;
        let (next, after) = until_another(&rig, epoch, Instant::now()).await;
        assert_eq!(next, epoch + 1, "one takeover");
        epoch = next;
        took.push(after);
        pair[leads] = rig.scheduler();
        rig.ask(SWEEP, Act::Effect, 1).await;
        rig.until("the next one rings", Duration::from_secs(10), |it| {
            it.done >= kill
        })
        .await;
    }
    // Alone, and back at once: it does not wait for its own lease.
    let leads = leader(&mut rig, &pair, epoch).await;
    rig.process(pair[1 - leads]).kill9().await;
    rig.process(pair[leads]).kill9().await;
    let back = rig.scheduler();
    let (next, after) = until_another(&rig, epoch, Instant::now()).await;
    leader(&mut rig, &[back], next).await;
    took.push(after);
    took.sort();
    println!(
        "kill -9 of the leader x {}: another leads after p50 {:?}, p99 {:?}",
        took.len(),
        took[took.len() / 2],
        took[took.len() * 99 / 100]
    );
    assert!(
        took.iter().all(|it| *it < Duration::from_secs(3)),
        "{took:?}"
    );
}

#[tokio::test]
async fn r_wat_2_a_frozen_leader_is_replaced_within_its_lease() {
    const LEASE: Duration = Duration::from_secs(3);
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("TEST_SCHEDULES", &true);
    rig.set("SCHEDULER_LEASE_SECONDS", &LEASE.as_secs());
    let mut pair = vec![rig.scheduler(), rig.scheduler()];
    let epoch = rig.until_count(EPOCH, PATIENCE, |it| 1 <= it).await;
    rig.until_count(TICKS, PATIENCE, |it| 1 <= it).await;
    let frozen = leader(&mut rig, &pair, epoch).await;
    rig.process(pair[frozen]).signal(Signal::STOP);
    let (epoch, after) = until_another(&rig, epoch, Instant::now()).await;
    assert!(after < LEASE + Duration::from_millis(500), "{after:?}");
    println!("a leader that stands still is replaced after {after:?} of a lease of {LEASE:?}");
    // Awake, it does not take back what it lost, and gets up from the chair.
    rig.process(pair[frozen]).signal(Signal::CONT);
    let seated = "select count(*) from pg_locks l join pg_stat_activity a using (pid)
                   where l.locktype = 'advisory' and l.classid = 7267 and l.granted and l.database =
                         (select oid from pg_database where datname = current_database())";
    tokio::time::sleep(LEASE).await;
    assert_eq!(rig.count(EPOCH).await, epoch, "it took the lease back");
    assert_eq!(rig.count(seated).await, 1);
    // So the next death is noticed at once.
    rig.process(pair[1 - frozen]).kill9().await;
    let (epoch, after) = until_another(&rig, epoch, Instant::now()).await;
    assert!(after < Duration::from_millis(2_500), "{after:?}");
    pair[1 - frozen] = rig.scheduler();
    // A leader that loses its chair alive hands over in a moment.
    let end = "select count(pg_terminate_backend(l.pid)) from pg_locks l
                where l.locktype = 'advisory' and l.classid = 7267 and l.granted and l.database =
                      (select oid from pg_database where datname = current_database())";
    let waits = seated.replace("l.granted", "not l.granted");
    rig.until_count(&waits, PATIENCE, |it| it == 1).await;
    assert_eq!(rig.count(end).await, 1);
    let (epoch, after) = until_another(&rig, epoch, Instant::now()).await;
    assert!(after < Duration::from_secs(2), "{after:?}");
    tokio::time::sleep(LEASE).await;
    assert_eq!(rig.count(EPOCH).await, epoch, "the lease goes to and fro");
}
