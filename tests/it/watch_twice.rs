//! A session that stands in one list twice, as on pages that shift while they are read (R-WAT-1): what of it is compared.

use crate::watch_sweep::{at, begin, close, ground, session, write};
use jiff::Timestamp;
use policy::ids::{Identity, SessionId};
use policy::session::{Health, Session};
use policy::watch::pairs;
use std::time::Duration;
use store::Store;
use tests::cast::Cast;
use tests::database::{Database, SUPERUSER};

#[derive(Clone, Copy)]
enum Seen {
    Well,
    Lost,
    Unreadable,
}

/// Session's name, as it was read first and last, and whether it is lost.
const LISTED: [(&str, Seen, Seen, bool); 6] = [
    ("ada", Seen::Well, Seen::Lost, true),
    ("ben", Seen::Lost, Seen::Well, false),
    ("cleo", Seen::Lost, Seen::Unreadable, true),
    ("dan", Seen::Unreadable, Seen::Well, false),
    ("eve", Seen::Well, Seen::Unreadable, false),
    ("finn", Seen::Lost, Seen::Lost, true),
];

fn sighting(name: &str, seen: Seen) -> Session {
    let id = format!("s-{name}");
    let well = Session {
        identity: Some(Identity(format!("id-{name}"))),
        ..session(&id, name)
    };
    match seen {
        Seen::Well => well,
        Seen::Lost => Session {
            health: Health::Credentials,
            words: vec!["CREDENTIALS".to_owned()],
            ..well
        },
        Seen::Unreadable => Session::unreadable(SessionId(id), "no type".to_owned(), at(0)),
    }
}

/// Lists these pages, and holds the fleet against them; sessions of which something is said.
async fn run(
    database: &Database,
    store: &Store,
    slot: Timestamp,
    pages: &[Vec<Session>],
) -> Vec<String> {
    let writer = begin(store, slot).await.1;
    for (seconds, page) in (0..).zip(pages) {
        write(store, writer, seconds, page).await;
    }
    close(store, slot, writer, pages.iter().flatten().count() as u64).await;
    let tx = store.begin().await.expect("begin");
    let run = tx.watch_run(slot).await.expect("a run");
    tx.hash_in_memory().await.expect("hash");
    tx.carry_sessions(&run, Duration::MAX).await.expect("carry");
    let suspects = store
        .suspects(&run, &pairs(), None)
        .await
        .expect("suspects");
    tx.compare_accounts(&run, &pairs(), suspects, Duration::MAX)
        .await
        .expect("compare");
    tx.finish().await.expect("commit");
    let sql =
        "select session_id || ' ' || class from relink.watch_proposals where slot = $1 order by 1";
    let rows = database.owner().await.query(sql, &[&slot]).await;
    let rows = rows.expect("proposals");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn r_wat_1_a_session_listed_twice_is_compared_as_what_counts() {
    let (database, store) = ground().await;
    let mut cast = Cast::new(at(-3_600));
    for (name, ..) in LISTED {
        cast.connected(name);
    }
    store::seed::plant(&database.config(SUPERUSER), &cast.fleet, at(-3_600))
        .await
        .expect("plant");
    let all = |of: fn((&str, Seen, Seen, bool)) -> Session| LISTED.map(of).to_vec();
    let well = all(|(name, ..)| sighting(name, Seen::Well));
    let said = run(&database, &store, at(-300), &[well]).await;
    assert_eq!(said, [] as [String; 0]);

    let first = all(|(name, first, ..)| sighting(name, first));
    let last = all(|(name, _, last, _)| sighting(name, last));
    let said = run(&database, &store, at(0), &[first, last]).await;
    let expected = LISTED.iter().filter(|it| it.3);
    let expected: Vec<String> = expected.map(|it| format!("s-{} loss", it.0)).collect();
    assert_eq!(said, expected);
}
