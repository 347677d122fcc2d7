//! Gates 2 and 4 under a crowd of workers: at most three removals in any 24 hours, and none at all where too many are
//! proposed (R-DEL-1, scenarios 56 and 57).

use fleet::Pipeline;
use policy::ids::RemovalId;
use policy::jobs::REMOVALS_EXECUTE;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::removals::{Judged, Process, Step};
use tests::interlock::{BETWEEN_LOOKS, BY, Ground};
use tests::size::is_full;
use tokio::task::JoinSet;
use uuid::Uuid;

const WORKERS: usize = 32;
const HOUR: i64 = 3_600;
const HOURS_4: Duration = Duration::from_hours(4);

/// Runs the attempts of all these removals at once, each rung by every worker.
async fn storm(ground: &Ground, workers: &[Arc<Pipeline>], removals: &[RemovalId]) {
    let sql =
        "select id from relink.jobs where kind = $1 and (payload ->> 'removal')::uuid = any ($2)";
    let ids: Vec<Uuid> = removals.iter().map(|removal| removal.0).collect();
    let rows = ground
        .owner
        .query(sql, &[&REMOVALS_EXECUTE.name, &ids])
        .await
        .expect("jobs");
    let jobs: Vec<Uuid> = rows.iter().map(|row| row.get(0)).collect();
    let mut running = JoinSet::new();
    for (nth, worker) in workers.iter().enumerate() {
        let (worker, mut jobs) = (Arc::clone(worker), jobs.clone());
        let len = jobs.len().max(1);
        jobs.rotate_left(nth % len);
        running.spawn(async move {
            for job in jobs {
                worker.ring(REMOVALS_EXECUTE.name, &[job]).await;
            }
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("a worker");
    }
}

/// Requests of these accounts' sessions, each with two looks; the third is what makes them eligible.
async fn eligible(ground: &mut Ground, nth: &[usize]) -> Vec<RemovalId> {
    let mut removals = vec![];
    for nth in nth {
        let session = ground.accounts[*nth].1.clone();
        let session = policy::ids::SessionId(session);
        removals.push(ground.request(&session).await.expect("a request"));
    }
    let looker = ground.worker(false);
    for look in 0..3 {
        if look > 0 {
            ground.later(BETWEEN_LOOKS).await;
        }
        only_looks(ground, &looker).await;
    }
    removals
}

async fn only_looks(ground: &Ground, looker: &Arc<Pipeline>) {
    let sql = "select id from relink.jobs where state = 'waiting' and kind = 'removals.look' and run_at <= relink.clock()";
    let due = ground.owner.query(sql, &[]).await.expect("jobs");
    let due: Vec<Uuid> = due.iter().map(|row| row.get(0)).collect();
    looker.ring("removals.look", &due).await;
}

fn workers(ground: &Ground) -> Vec<Arc<Pipeline>> {
    (0..WORKERS).map(|_| ground.rival()).collect()
}

async fn tally(ground: &Ground, removals: &[RemovalId]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for removal in removals {
        *counts.entry(ground.state(*removal).await.0).or_default() += 1;
    }
    counts
}

fn of(pairs: &[(&str, usize)]) -> BTreeMap<String, usize> {
    pairs
        .iter()
        .map(|(word, count)| ((*word).to_owned(), *count))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_del_1_gate_4_32_workers_and_25_hours_remove_three_in_any_24() {
    let mut ground = Ground::of(60).await;
    let nths = [0, 1, 2, 3, 4];
    for nth in nths {
        ground.gone(nth).await;
    }
    ground.flag(HOURS_4).await.expect("a flag");
    let first = eligible(&mut ground, &nths).await;
    storm(&ground, &workers(&ground), &first).await;
    assert_eq!(
        tally(&ground, &first).await,
        of(&[("deleted", 3), ("refused", 2)])
    );
    let mut left = vec![];
    for (nth, removal) in nths.iter().zip(&first) {
        if ground.state(*removal).await.0 == "refused" {
            assert_eq!(ground.refused(*removal).await, ["cap"]);
            left.push(*nth);
        }
    }
    // Each hour they are asked for again, and tried by all. The looks take some minutes of each.
    let mut opened_at = None;
    for hour in 1..=25 {
        ground.later(HOUR - 2 * BETWEEN_LOOKS).await;
        ground.flag(HOURS_4).await.expect("a flag");
        if left.is_empty() {
            continue;
        }
        let again = eligible(&mut ground, &left).await;
        storm(&ground, &workers(&ground), &again).await;
        if tally(&ground, &again).await.contains_key("deleted") {
            assert_eq!(tally(&ground, &again).await, of(&[("deleted", 2)]));
            opened_at = Some(hour);
            left.clear();
        }
    }
    let deletes = ground.provider.deletes().await;
    assert_eq!(deletes.requests.len(), 5);
    assert_eq!(deletes.most_in_24_h, 3, "by the provider's own log");
    assert_eq!(
        opened_at,
        Some(25),
        "24 hours and five minutes after the first three"
    );
    ground.is_recorded().await;
    println!(
        "{WORKERS} workers, 5 eligible sessions, 25 hours: {} removed, at most {} in any 24 hours of the provider's log",
        deletes.requests.len(),
        deletes.most_in_24_h
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_del_1_gate_2_32_workers_and_50_eligible_sessions_remove_none_in_25_hours() {
    let mut ground = Ground::of(220).await;
    let nths: Vec<usize> = (0..50).collect();
    for nth in &nths {
        ground.gone(*nth).await;
    }
    ground.flag(HOURS_4).await.expect("a flag");
    let removals = eligible(&mut ground, &nths).await;
    storm(&ground, &workers(&ground), &removals).await;
    let mut attempts = removals.len();
    assert_eq!(tally(&ground, &removals).await, of(&[("refused", 50)]));
    // Somebody who clears the latch each time gets no further.
    for _ in 0..4 {
        assert!(ground.clear().await, "it tripped again");
        ground.later(6 * HOUR).await;
        ground.flag(HOURS_4).await.expect("a flag");
        let again = eligible(&mut ground, &nths[..10]).await;
        storm(&ground, &workers(&ground), &again).await;
        attempts += again.len();
        assert_eq!(tally(&ground, &again).await, of(&[("refused", 10)]));
    }
    assert_eq!(ground.deletes().await, 0);
    println!(
        "{WORKERS} workers, 50 eligible sessions, 25 hours: {attempts} attempts, 0 removed, the latch tripped each time"
    );
}

/// The database's part alone, without gate 2: 50 eligible sessions, and only the cap between them and the call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_del_1_gate_4_alone_holds_50_eligible_sessions_to_three_a_day() {
    let mut ground = Ground::of(220).await;
    let nths: Vec<usize> = (0..50).collect();
    for nth in &nths {
        ground.gone(*nth).await;
    }
    without_gate_2(&ground).await;
    ground.flag(HOURS_4).await.expect("a flag");
    let removals = eligible(&mut ground, &nths).await;
    assert_eq!(permits(&ground, &removals).await, 3);
    let mut rest = vec![];
    for (nth, removal) in nths.iter().zip(&removals) {
        if ground.state(*removal).await.0 == "refused" {
            rest.push(*nth);
        }
    }
    // The whole day is over but for a minute of the slack, then all of it.
    ground.later(24 * HOUR - 2 * BETWEEN_LOOKS).await;
    ground.flag(HOURS_4).await.expect("a flag");
    let early = eligible(&mut ground, &rest).await;
    assert_eq!(permits(&ground, &early).await, 0);
    ground.later(300).await;
    let again = eligible(&mut ground, &rest).await;
    assert_eq!(permits(&ground, &again).await, 3);
    let sql = "select max(n) from (select count(*) over (order by at range between interval '24 hours' preceding and current row) as n
                 from relink.removal_audit where event = 'intent') w";
    assert_eq!(ground.number(sql).await, 3);
    println!(
        "{} clients, 50 eligible sessions, gate 2 taken out: 3 intents, then 3 more a day later; at most 3 in any 24 hours",
        clients()
    );
}

/// Each judgement looks at every guard: eight clients race for a permit as well as thirty-two.
fn clients() -> usize {
    if is_full() { WORKERS } else { 8 }
}

/// Every client asks for every permit; how many the database gave.
async fn permits(ground: &Ground, removals: &[RemovalId]) -> usize {
    let mut asking = JoinSet::new();
    for nth in 0..clients() {
        let (store, mut removals) = (ground.store("relink_worker"), removals.to_vec());
        let len = removals.len();
        removals.rotate_left(nth * 7 % len);
        asking.spawn(async move {
            let process = Process {
                switch: true,
                self_test: vec![],
            };
            let mut given = 0;
            for removal in removals {
                let tx = store.begin().await.expect("begin");
                let judged = tx.judge_removal(removal, Step::Permit, &process, &BY).await;
                given += usize::from(matches!(judged.expect("judged"), Judged::Go(_)));
                tx.finish().await.expect("commit");
            }
            given
        });
    }
    let mut given = 0;
    while let Some(ended) = asking.join_next().await {
        given += ended.expect("a client");
    }
    given
}

/// Takes gate 2 out of the database's judgement.
async fn without_gate_2(ground: &Ground) {
    let sql = "select pg_get_functiondef('relink.removal_gates'::regproc)";
    let text: String = ground
        .owner
        .query_one(sql, &[])
        .await
        .expect("its text")
        .get(0);
    let gate = "if tripped is not null or fleet <= 0 or suspects > 5 or suspects * 4 > fleet then";
    assert!(text.contains(gate), "the gate's text");
    ground.sql(&text.replace(gate, "if false then")).await;
}

#[tokio::test]
async fn r_del_1_gate_2_the_boundaries_of_the_sanity_threshold() {
    let mut shown = vec![];
    for (suspects, fleet, passes) in [
        (5, 20, true),
        (5, 19, false),
        (5, 21, true),
        (6, 24, false),
        (6, 100, false),
        (1, 3, false),
        (1, 4, true),
    ] {
        let ground = Ground::of(fleet).await;
        for nth in 0..suspects {
            let session = ground.gone(nth).await;
            ground.request(&session).await.expect("a request");
        }
        let facts = gates(&ground, "id").await;
        assert_eq!(
            (&facts["suspects"], &facts["fleet"]),
            (&suspects.into(), &fleet.into())
        );
        assert_eq!(!refuses_sanity(&facts), passes, "{suspects}/{fleet}");
        shown.push(format!(
            "{suspects}/{fleet} {}",
            if passes { "passes" } else { "trips" }
        ));
    }
    let nobody = Ground::of(0).await;
    let none = nobody
        .number(
            "select (relink.removal_gates(null, true, '{}') -> 'refused' ? 'sanity')::int::bigint",
        )
        .await;
    assert_eq!(none, 1);
    println!("sanity: {}, 0/0 refuses", shown.join(", "));
}

#[tokio::test]
async fn r_del_1_gate_2_slices_over_a_day_add_up() {
    let mut ground = Ground::of(100).await;
    ground.flag(HOURS_4).await.expect("a flag");
    for nth in 0..5 {
        let session = ground.gone(nth).await;
        ground.request(&session).await.expect("a request");
        ground.later(HOUR).await;
    }
    assert!(!refuses_sanity(&gates(&ground, "id").await), "5 in 5 hours");
    ground.later(18 * HOUR + 1_800).await;
    let session = ground.gone(5).await;
    let sixth = ground.request(&session).await.expect("a request");
    assert!(
        refuses_sanity(&gates(&ground, "id").await),
        "the sixth within 24 hours of the first"
    );
    ground.later(HOUR).await;
    let facts = gates(&ground, "id").await;
    assert!(
        !refuses_sanity(&facts),
        "the first is over a day ago: {facts}"
    );
    assert_eq!(ground.state(sixth).await.0, "requested");
    println!(
        "sanity: one an hour adds up: the 6th within 24 hours trips, 25 hours after the first it does not"
    );
}

async fn gates(ground: &Ground, which: &str) -> Value {
    let sql = format!(
        "select relink.removal_gates({which}, true, '{{}}') from relink.removals order by requested_at desc limit 1"
    );
    ground
        .owner
        .query_one(&sql, &[])
        .await
        .expect("the gates")
        .get(0)
}

fn refuses_sanity(facts: &Value) -> bool {
    let refused = facts["refused"].as_array().expect("a list");
    refused.contains(&"sanity".into())
}
