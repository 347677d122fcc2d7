//! Lists that change so much that a job of their comparison does not come to their end (R-WAT-1).

use crate::watch_sweep::{at, begin, close, ground, session, write};
use jiff::Timestamp;
use policy::ids::Identity;
use policy::session::{Health, Session};
use policy::watch::pairs;
use std::time::Duration;
use store::Store;
use store::watch::Carried;
use tests::cast::Cast;
use tests::database::{Database, SUPERUSER};

/// Lists these sessions.
async fn list(store: &Store, slot: Timestamp, sessions: &[Session]) {
    let writer = begin(store, slot).await.1;
    write(store, writer, 0, sessions).await;
    close(store, slot, writer, sessions.len() as u64).await;
}

/// Carries over for so long, as one job does.
async fn carry(store: &Store, slot: Timestamp, time_max: Duration) -> (u64, bool) {
    let tx = store.begin().await.expect("begin");
    let run = tx.watch_run(slot).await.expect("a run");
    tx.hash_in_memory().await.expect("hash");
    let carried = tx.carry_sessions(&run, time_max).await.expect("carry");
    tx.finish().await.expect("commit");
    let Carried { sessions, is_all } = carried;
    (sessions, is_all)
}

async fn count(database: &Database, of: &str) -> i64 {
    let sql = format!("select count(*) from relink.sessions_seen where {of}");
    let row = database.owner().await.query_one(&sql, &[]).await;
    row.expect("a count").get(0)
}

#[tokio::test]
async fn r_wat_1_a_job_carries_some_lots_over_and_the_next_the_rest() {
    let (database, store) = ground().await;
    let one = |number: u32, name: &str| session(&format!("s-{number}"), name);
    let all: Vec<_> = (0..9_000).map(|number| one(number, "first")).collect();
    list(&store, at(-300), &all).await;
    // A job without time carries one lot over; the next finds what is left, and only that.
    let (none, long) = (Duration::ZERO, Duration::MAX);
    assert_eq!(carry(&store, at(-300), none).await, (4_000, false));
    assert_eq!(count(&database, "gone_slot is null").await, 4_000);
    assert_eq!(carry(&store, at(-300), long).await, (5_000, true));
    assert_eq!(carry(&store, at(-300), none).await, (0, true));

    // 3,000 are renamed and 2,000 gone.
    let some = |number: u32| one(number, if number < 3_000 { "second" } else { "first" });
    let left: Vec<_> = (0..7_000).map(some).collect();
    list(&store, at(0), &left).await;
    assert_eq!(carry(&store, at(0), none).await, (4_000, false));
    assert_eq!(carry(&store, at(0), none).await, (1_000, false));
    assert_eq!(carry(&store, at(0), none).await, (0, true));
    assert_eq!(count(&database, "gone_slot is not null").await, 2_000);
    let renamed = "name = 'second' and gone_slot is null";
    assert_eq!(count(&database, renamed).await, 3_000);
    assert_eq!(count(&database, "true").await, 9_000);
}

#[tokio::test]
async fn r_wat_1_a_job_compares_the_accounts_after_those_before() {
    let (database, store) = ground().await;
    let mut cast = Cast::new(at(-3_600));
    let mut accounts: Vec<_> = ["ada", "ben", "cleo", "dan"]
        .map(|name| (cast.connected(name), format!("s-{name}")))
        .to_vec();
    accounts.sort_unstable();
    let planted = store::seed::plant(&database.config(SUPERUSER), &cast.fleet, at(-3_600)).await;
    planted.expect("plant");
    let lost = |session_id: &str| Session {
        health: Health::Credentials,
        identity: Some(Identity(session_id.replace("s-", "id-"))),
        ..session(session_id, "lost")
    };
    let listed: Vec<_> = accounts.iter().map(|(_, id)| lost(id)).collect();
    list(
        &store,
        at(0),
        &[listed, vec![session("s-free", "free")]].concat(),
    )
    .await;
    carry(&store, at(0), Duration::MAX).await;

    let tx = store.begin().await.expect("begin");
    let run = tx.watch_run(at(0)).await.expect("a run");
    let mut found = vec![];
    for after in [Some(accounts[1].0), None, Some(accounts[3].0)] {
        let suspects = store
            .suspects(&run, &pairs(), after)
            .await
            .expect("suspects");
        let compared = tx
            .compare_accounts(&run, &pairs(), suspects, Duration::ZERO)
            .await;
        let compared = compared.expect("compare");
        found.push((compared.proposed, compared.after, compared.is_last));
    }
    tx.finish().await.expect("commit");
    let dan = Some(accounts[3].0);
    assert_eq!(found, [(2, dan, false), (2, dan, false), (0, None, true)]);
    assert_eq!(count(&database, "is_free").await, 1);
    assert_eq!(
        count(&database, "is_free and session_id = 's-free'").await,
        1
    );
}
