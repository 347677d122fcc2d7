//! Gate 3: three looks, by the database's clock, each beside a control, and nothing that has changed since (R-DEL-2,
//! scenario 55). All other gates are open: what refuses here is confirmation alone.

use jiff::{SignedDuration, Timestamp};
use policy::account::Status;
use policy::decision::{Decision, NewJob};
use policy::ids::{RemovalId, SessionId};
use policy::interlock::{Gate, RemovalLook, RemovalStep, Seen};
use policy::jobs::{LookAtRemoval, REMOVALS_LOOK};
use serde_json::json;
use simulator::control::SessionFaultKind;
use simulator::control::SessionFaultKind::ServerError;
use simulator::control::{ActionFault, ActionFaultKind, Faults, Rate, SessionFault};
use std::time::Duration;
use tests::interlock::{BETWEEN_LOOKS, BY, Ground};
use uuid::Uuid;

const HOURS_4: Duration = Duration::from_hours(4);

/// Twenty accounts, the first few of which are gone, and every other gate open.
pub(crate) async fn opened(gone: usize) -> Ground {
    let ground = Ground::of(20).await;
    for nth in 0..gone {
        ground.gone(nth).await;
    }
    ground.flag(HOURS_4).await.expect("a flag");
    ground
}

/// The attempt is refused, by confirmation alone, for this reason; nothing was deleted.
pub(crate) async fn refused(ground: &Ground, removal: RemovalId, why: &str) {
    let (state, note) = ground.attempted(removal).await;
    assert_eq!(
        (state.as_str(), note.as_str()),
        ("refused", "refused by confirmation"),
        "{why}"
    );
    let told = ground.why(removal, Gate::Confirmation).await;
    assert!(told.contains(why), "{told:?} is not {why:?}");
    assert_eq!(ground.deletes().await, 0, "{why}");
}

async fn at(ground: &Ground) -> Timestamp {
    ground.store("relink_worker").now().await.expect("now").at
}

fn plus(at: Timestamp, micros: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_micros(micros))
        .expect("an instant")
}

/// Three looks with these waits between them, in microseconds, and an attempt after the last one, by a clock that
/// stands still but for them.
async fn spaced(ground: &Ground, nth: usize, waits: [i64; 3]) -> RemovalId {
    let looker = ground.worker(false);
    let mut instant = plus(at(ground).await, 300_000_000);
    ground.stand(instant).await;
    let removal = ground.asked(nth).await;
    for wait in waits {
        ground
            .sql("update relink.jobs set run_at = relink.clock() where kind = 'removals.look' and state = 'waiting'")
            .await;
        ground.due_looks(&looker).await;
        instant = plus(instant, wait);
        ground.stand(instant).await;
    }
    let worker = ground.worker(true);
    ground.attempt(&worker, removal).await;
    removal
}

#[tokio::test]
async fn r_del_2_looks_59_9_s_apart_refuse_and_60_s_pass() {
    const GOOD: i64 = 90_000_000;
    let ground = opened(3).await;
    let mut shown = vec![];
    for (first, second) in [
        (59_900_000, GOOD),
        (GOOD, 59_900_000),
        (59_999_999, 59_999_999),
        (0, GOOD),
    ] {
        let removal = spaced(&ground, 0, [first, second, 0]).await;
        assert_eq!(ground.state(removal).await.0, "refused");
        assert_eq!(ground.refused(removal).await, ["confirmation"]);
        let why = ground.why(removal, Gate::Confirmation).await;
        assert!(why.contains("the next began less than"), "{why}");
        shown.push(format!("{first}/{second} µs refused"));
    }
    assert_eq!(ground.deletes().await, 0);
    for (nth, (first, second)) in [(60_000_000, 60_000_000), (60_100_000, 60_100_000)]
        .into_iter()
        .enumerate()
    {
        let removal = spaced(&ground, nth, [first, second, 0]).await;
        assert_eq!(ground.state(removal).await.0, "deleted");
        shown.push(format!("{first}/{second} µs passes"));
    }
    assert_eq!(ground.deletes().await, 2);
    println!("looks apart: {}", shown.join(", "));
}

#[tokio::test]
async fn r_del_2_a_newest_look_of_an_hour_ago_counts_and_no_older_one() {
    const GOOD: i64 = 90_000_000;
    const HOUR: i64 = 3_600_000_000;
    let ground = opened(1).await;
    let removal = spaced(&ground, 0, [GOOD, GOOD, HOUR + 1]).await;
    assert_eq!(ground.refused(removal).await, ["confirmation"]);
    let why = ground.why(removal, Gate::Confirmation).await;
    assert!(why.contains("more than 1h ago"), "{why}");
    assert_eq!(ground.deletes().await, 0);
    let removal = spaced(&ground, 0, [GOOD, GOOD, HOUR]).await;
    assert_eq!(ground.state(removal).await.0, "deleted");
    println!("newest look: 1 h old passes, 1 h and 1 µs refused");
}

#[tokio::test]
async fn r_del_2_an_early_look_waits_and_one_that_comes_twice_is_one_row() {
    let mut ground = opened(1).await;
    let removal = ground.asked(0).await;
    let worker = ground.worker(false);
    // Four deliveries of the first at once, and one after its end; the fifth run finds the job open again.
    let first = job(&ground, removal, 1).await;
    let ring = || worker.ring(REMOVALS_LOOK.name, std::slice::from_ref(&first));
    tokio::join!(ring(), ring(), ring(), ring());
    ring().await;
    let once = row(&ground, removal).await;
    let open = "update relink.jobs set state = 'waiting', finished_at = null where kind = 'removals.look' and state = 'done'";
    ground.sql(open).await;
    ring().await;
    // What a run that was fenced off would still write.
    end_again(&ground, removal).await;
    assert_eq!(row(&ground, removal).await, once, "the row stays as it was");
    let asked = ground.provider.counts().await.by_route;
    let gets: u64 = asked["GET /accounts/{id}"].values().sum();
    assert_eq!(gets, 2, "the session and its control, once");
    // The second is asked for, and rung before its time.
    let second = job(&ground, removal, 2).await;
    worker.ring(REMOVALS_LOOK.name, &[second]).await;
    ground.later(BETWEEN_LOOKS - 30).await;
    worker.ring(REMOVALS_LOOK.name, &[second]).await;
    assert_eq!(looks(&ground, removal).await, 1, "an early one waits");
    ground.later(30).await;
    worker.ring(REMOVALS_LOOK.name, &[second]).await;
    assert_eq!(looks(&ground, removal).await, 2);
    // A run that began the third and died leaves its start; the next run ends the same row.
    let third = job(&ground, removal, 3).await;
    ground.later(BETWEEN_LOOKS).await;
    let store = ground.store("relink_worker");
    let tx = store.begin().await.expect("begin");
    let control = SessionId(ground.accounts[7].1.clone());
    tx.begin_look(removal, 3, Some(&control))
        .await
        .expect("begun");
    tx.finish().await.expect("commit");
    worker.ring(REMOVALS_LOOK.name, &[third]).await;
    assert_eq!(looks(&ground, removal).await, 3);
    assert_eq!(ground.attempted(removal).await.0, "deleted");
    println!(
        "looks: 6 deliveries of one are 1 row and 2 questions; 2 early ones wait; one half made is ended"
    );
}

async fn job(ground: &Ground, removal: RemovalId, number: i32) -> Uuid {
    let cause = format!("{}@{removal}/{number}", REMOVALS_LOOK.name);
    let sql = "select id from relink.jobs where cause = $1";
    let found = ground.owner.query_one(sql, &[&cause]).await;
    found.expect("the look's job").get(0)
}

async fn looks(ground: &Ground, removal: RemovalId) -> i64 {
    let sql = format!("select count(*) from relink.removal_looks where removal_id = '{removal}'");
    ground.number(&sql).await
}

async fn row(ground: &Ground, removal: RemovalId) -> String {
    let sql = "select string_agg(l::text, '; ') from relink.removal_looks l where removal_id = $1";
    let found = ground.owner.query_one(sql, &[&removal.0]).await;
    found.expect("the look").get(0)
}

async fn end_again(ground: &Ground, removal: RemovalId) {
    let store = ground.store("relink_worker");
    let tx = store.begin().await.expect("begin");
    let begun = tx.begin_look(removal, 1, None).await.expect("asked");
    assert_eq!(begun, None, "it has ended");
    let mut decision = Decision::nothing(tx.now().at);
    decision
        .removals
        .steps
        .push(RemovalStep::Looked(RemovalLook {
            removal,
            number: 1,
            seen: Seen::Present,
            why: "told twice".to_owned(),
            control_good: false,
            control_why: String::new(),
        }));
    tx.apply(&decision, &BY).await.expect("applied");
    tx.finish().await.expect("commit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_del_2_three_looks_by_three_workers_at_once_refuse() {
    let ground = opened(1).await;
    let removal = ground.asked(0).await;
    let store = ground.store("relink_worker");
    let tx = store.begin().await.expect("begin");
    let now = tx.now().at;
    let more = [2, 3].map(|number| NewJob {
        kind: REMOVALS_LOOK,
        cause: format!("{}@{removal}/{number}", REMOVALS_LOOK.name),
        workspace: None,
        account: None,
        run_at: now,
        payload: json!(LookAtRemoval { removal, number }),
    });
    tx.enqueue(&more, None, None).await.expect("enqueue");
    tx.finish().await.expect("commit");
    let mut jobs = vec![];
    for number in 1..=3 {
        jobs.push((ground.worker(true), job(&ground, removal, number).await));
    }
    let at_once = jobs
        .iter()
        .map(|(worker, job)| worker.ring(REMOVALS_LOOK.name, std::slice::from_ref(job)));
    futures_util::future::join_all(at_once).await;
    let good = "select count(*) from relink.removal_looks where seen = 'gone' and control_good";
    assert_eq!(ground.number(good).await, 3, "each found it gone");
    assert_eq!(ground.attempts_asked().await, 0, "and none asked for more");
    refused(&ground, removal, "the next began less than").await;
    println!("three looks by three workers at once: refused, 0 deletes");
}

#[tokio::test]
async fn r_del_2_a_session_that_answers_in_between_withdraws_the_removal() {
    let mut ground = opened(0).await;
    for answers_at in 1..=3 {
        ground.gone(0).await;
        let removal = ground.asked(0).await;
        let worker = ground.worker(true);
        for number in 1..=3 {
            if number == answers_at {
                ground.back(0).await;
            }
            ground.run_due(&worker).await;
            ground.later(BETWEEN_LOOKS).await;
        }
        assert_eq!(ground.trail(removal).await, "requested withdrawn");
        assert_eq!(looks(&ground, removal).await, i64::from(answers_at));
        ground.attempt(&worker, removal).await;
        assert_eq!(ground.state(removal).await.0, "withdrawn", "for good");
        ground.flip(0, Status::Connected, None).await;
    }
    assert_eq!(ground.deletes().await, 0);
    println!("a 200 at look 1, 2 or 3: withdrawn each time, 0 deletes");
}

#[tokio::test]
async fn r_del_2_an_answer_that_says_nothing_breaks_the_run_of_three() {
    let mut ground = opened(1).await;
    let session = ground.accounts[0].1.clone();
    let told = |kind| Faults {
        sessions: vec![SessionFault {
            session: session.clone(),
            kind,
            route: "GET /accounts/{id}".to_owned(),
            times: None,
        }],
        ..Faults::default()
    };
    let late = Faults {
        actions: vec![ActionFault {
            kind: ActionFaultKind::Latency,
            route: Some("GET /accounts/{id}".to_owned()),
            action: None,
            rate: Rate(1.0),
            times: None,
            ms: Some(5_000),
        }],
        ..Faults::default()
    };
    let kinds = [
        ("500", told(ServerError)),
        ("401", told(SessionFaultKind::Unauthorized)),
        ("a time-out", late),
    ];
    let mut shown = vec![];
    for (what, faults) in &kinds {
        for place in [2, 3] {
            let removal = ground.asked(0).await;
            let before = ground.attempts_asked().await;
            run_with(&mut ground, faults, place, place + 2).await;
            assert_eq!(ground.attempts_asked().await, before, "{what}");
            refused(&ground, removal, "it saw inconclusive").await;
            shown.push(format!("{what} at look {place}"));
        }
    }
    let removal = ground.asked(0).await;
    let before = ground.attempts_asked().await;
    run_with(&mut ground, &kinds[0].1, 2, 5).await;
    assert_eq!(ground.attempts_asked().await, before + 1, "three in a row");
    assert_eq!(ground.attempted(removal).await.0, "deleted");
    println!("{}: the looks begin anew", shown.join(", "));
}

/// So many looks, one of them under these faults.
async fn run_with(ground: &mut Ground, faults: &Faults, place: i32, count: i32) {
    let looker = ground.worker(false);
    for number in 1..=count {
        let faults = if number == place {
            faults.clone()
        } else {
            Faults::default()
        };
        ground.provider.faults(&faults).await;
        ground.due_looks(&looker).await;
        ground.later(BETWEEN_LOOKS).await;
    }
    ground.provider.faults(&Faults::default()).await;
}

#[tokio::test]
async fn r_del_2_a_control_that_does_not_answer_makes_the_looks_worthless() {
    let mut ground = opened(1).await;
    let session = ground.accounts[0].1.clone();
    let mut shown = vec![];
    for kind in [
        ServerError,
        SessionFaultKind::Gone,
        SessionFaultKind::Html404,
    ] {
        let removal = ground.asked(0).await;
        let others = ground.accounts.iter().filter(|it| it.1 != session);
        let sessions = others.map(|(_, other)| SessionFault {
            session: other.clone(),
            kind,
            route: "GET /accounts/{id}".to_owned(),
            times: None,
        });
        let faults = Faults {
            sessions: sessions.collect(),
            ..Faults::default()
        };
        ground.provider.faults(&faults).await;
        ground.confirm().await;
        refused(&ground, removal, "the control did not answer as it must").await;
        shown.push(format!("{kind:?}"));
    }
    println!("controls that answer {}: refused", shown.join(", "));
}
