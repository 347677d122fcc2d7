//! A run of the status watch over a whole fleet: what it writes, and what of it counts (R-WAT-1, R-WAT-5).

use crate::duties::into;
use jiff::{SignedDuration, Timestamp};
use policy::decision::{Decision, NewJob};
use policy::ids::{Identity, SessionId};
use policy::jobs::{CompareRun, Kind, ListedSoFar, STATUS_COMPARE, STATUS_WATCH, WatchPages};
use policy::listing::{Comparability, CursorMark, RunState};
use policy::session;
use policy::watch::RunStep;
use serde_json::{Value, json};
use simulator::control::{Change, Health};
use std::time::Duration;
use store::clock::{TestClock, install};
use store::{Author, Store};
use tests::database::{Database, SUPERUSER};
use tests::fleet_run::FleetRun;

/// Notes where rows stand: one that is written stands elsewhere.
async fn note_places(run: &FleetRun) {
    let keep =
        "create table public.stood as select session_id, ctid as place from relink.sessions_seen";
    run.owner.batch_execute(keep).await.expect("note the rows");
}

/// Sessions whose rows were written since.
async fn moved(run: &FleetRun) -> Vec<String> {
    let sql = "select s.session_id from relink.sessions_seen s left join public.stood p using (session_id)
                where s.ctid is distinct from p.place order by 1";
    let found = run.words(sql, &[]).await;
    let gone = run.owner.batch_execute("drop table public.stood").await;
    gone.expect("forget the rows");
    found
}

/// Watch F, K6: what did not change is not written, is not lost sight of, and was looked at all the same.
#[tokio::test]
async fn r_wat_1_a_run_writes_only_sessions_that_changed() {
    let mut crowd = vec![];
    let mut run = FleetRun::start(|cast| {
        crowd = cast.crowd(30);
        cast.session("free");
    })
    .await;
    let (first, other) = (crowd[0].1.clone(), crowd[1].1.clone());
    let gone = Change {
        gone: true,
        quiet: true,
        ..Change::default()
    };
    let back = Change {
        back: true,
        quiet: true,
        ..Change::default()
    };
    let renamed = Change {
        name: Some("Eve".to_owned()),
        quiet: true,
        ..Change::default()
    };
    let steps: [(&[Change], &[&str]); 5] = [
        (&[], &[]),
        (&[renamed], &[&first]),
        (&[into(Health::Credentials)], &[&first]),
        (&[gone], &[&first]),
        (&[back], &[&first]),
    ];
    for (changes, expected) in steps {
        note_places(&run).await;
        for change in changes {
            run.provider.change(&first, change.clone()).await;
        }
        run.beat().await;
        assert_eq!(moved(&run).await, *expected);
        let absent = "select session_id from relink.sessions_seen where gone_slot is not null";
        let is_gone = changes.iter().any(|it| it.gone);
        let expected: &[String] = if is_gone {
            std::slice::from_ref(&first)
        } else {
            &[]
        };
        assert_eq!(run.words(absent, &[]).await, expected);
    }
    let free = "select session_id from relink.sessions_seen where is_free";
    assert_eq!(run.words(free, &[]).await, ["s-free"]);
    let checked = format!(
        "select (checked_at = (select max(listed_at) from relink.watch_runs))::text
           from ({}) v",
        include_str!("../../crates/store/sql/accounts/appearance.sql")
    );
    let account: Vec<uuid::Uuid> = vec![crowd[1].0.0];
    let now = run.store.now().await.expect("the clock").at;
    assert_eq!(
        run.words(&checked, &[&account, &now]).await,
        ["true"],
        "{other}"
    );
    run.is_sound().await;
}

/// A job of the watch for that run.
async fn ask(run: &FleetRun, kind: Kind, payload: &Value) {
    let tx = run.store.begin().await.expect("begin");
    let job = NewJob {
        kind,
        cause: format!("redriven {} {payload}", kind.name),
        workspace: None,
        account: None,
        run_at: tx.now().at,
        payload: payload.clone(),
    };
    tx.enqueue(&[job], None, None).await.expect("enqueue");
    tx.finish().await.expect("commit");
    run.settle().await;
}

async fn notes(run: &FleetRun, slot: Timestamp) -> Vec<String> {
    let sql = "select coalesce(outcome, 'open') || ': ' || coalesce(note, '') from relink.watch_runs where slot = $1";
    run.words(sql, &[&slot]).await
}

/// Watch B11: a job of an old run that is driven again finds a newer one, or an old list, and changes nothing.
#[tokio::test]
async fn r_wat_5_jobs_of_an_old_run_change_nothing() {
    let mut crowd = vec![];
    let mut run = FleetRun::start(|cast| crowd = cast.crowd(30)).await;
    let newest = "select max(slot)::text from relink.watch_runs";
    let newest = run.words(newest, &[]).await.concat();
    let slot = |ago: i64| {
        let now = newest
            .replacen(' ', "T", 1)
            .parse::<Timestamp>()
            .expect("an instant");
        now.checked_sub(SignedDuration::from_secs(ago))
            .expect("an instant")
    };
    run.provider
        .change(&crowd[0].1, into(Health::Credentials))
        .await;
    let before = run.flips().await;
    let first = |slot| json!({ "slot": slot, "cursor": null, "pages": 0 });
    // Of a run that has its outcome.
    let over = slot(0);
    ask(&run, STATUS_WATCH, &first(over)).await;
    ask(&run, STATUS_COMPARE, &compare(over)).await;
    assert_eq!(notes(&run, over).await, ["applied: "]);
    // Of runs that a newer one passed, before they were listed and after.
    let (unlisted, listed) = (slot(900), slot(600));
    ask(&run, STATUS_WATCH, &first(unlisted)).await;
    let plant = "insert into relink.watch_runs (slot, started_at, listed_at) values ($1, $1, $1)";
    run.owner.execute(plant, &[&listed]).await.expect("a run");
    ask(&run, STATUS_COMPARE, &compare(listed)).await;
    for passed in [unlisted, listed] {
        assert_eq!(
            notes(&run, passed).await,
            ["inconclusive: a newer run has begun"]
        );
    }
    rested_runs_end(&run, slot(-1), slot(-2)).await;
    assert_eq!(run.flips().await, before);
    assert_eq!(run.status(crowd[0].0).await, "connected");
    // The next run is a run like any other.
    run.beat().await;
    assert_eq!(run.status(crowd[0].0).await, "reconnect_needed");
    run.is_sound().await;
}

/// Newer runs whose work rested: their news is as old.
async fn rested_runs_end(run: &FleetRun, rested: Timestamp, old: Timestamp) {
    let now = run.store.now().await.expect("the clock").at;
    let long_ago = now
        .checked_sub(SignedDuration::from_mins(10))
        .expect("an instant");
    let pages = WatchPages {
        slot: rested,
        cursor: Some("a".to_owned()),
        pages: 40,
        so_far: Some(ListedSoFar {
            at: long_ago,
            sessions: 10_000,
            mark: CursorMark::new("a"),
        }),
    };
    ask(run, STATUS_WATCH, &json!(pages)).await;
    assert_eq!(
        notes(run, rested).await,
        ["inconclusive: the listing rested for 10 min"]
    );
    let plant = "insert into relink.watch_runs (slot, started_at, listed_at) values ($1, $2, $2)";
    run.owner
        .execute(plant, &[&old, &long_ago])
        .await
        .expect("a run");
    ask(run, STATUS_COMPARE, &compare(old)).await;
    assert_eq!(
        notes(run, old).await,
        ["inconclusive: its list is 10 min old"]
    );
}

fn compare(slot: Timestamp) -> Value {
    json!(CompareRun {
        slot,
        part: 0,
        is_carried: false,
        after: None
    })
}

/// A worker's store, and a clock that stands still at `at(0)`.
pub(crate) async fn ground() -> (Database, Store) {
    let database = Database::fresh().await;
    let from = at(0);
    let clock = TestClock::Scaled { from, rate: 0.0 };
    let stopped = install(&database.config(SUPERUSER), clock).await;
    stopped.expect("stop the clock");
    let store = database.store("relink_worker");
    (database, store)
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    let from: Timestamp = "2026-11-23T12:00:00Z".parse().expect("an instant");
    let at = from.checked_add(SignedDuration::from_secs(seconds));
    at.expect("an instant")
}

pub(crate) fn session(id: &str, name: &str) -> session::Session {
    session::Session {
        id: SessionId(id.to_owned()),
        kind: "LINKEDIN".to_owned(),
        name: name.to_owned(),
        health: session::Health::Ok,
        words: vec!["OK".to_owned()],
        odd: vec![],
        side: None,
        identity: Some(Identity(format!("id-{id}"))),
        handle: None,
        created_at: at(0),
    }
}

/// Begins a step, as one that is repeated does; returns its number as a writer.
pub(crate) async fn begin(store: &Store, slot: Timestamp) -> (RunState, Option<i32>) {
    let tx = store.begin().await.expect("begin");
    let start = tx.start_listing(slot).await.expect("start");
    tx.finish().await.expect("commit");
    (start.state, start.writer)
}

pub(crate) async fn write(
    store: &Store,
    writer: Option<i32>,
    seconds: i64,
    sessions: &[session::Session],
) {
    let tx = store.begin().await.expect("begin");
    let writer = writer.expect("a writer");
    let written = tx
        .write_sightings(writer, at(seconds), sessions)
        .await
        .expect("write");
    assert_eq!(written.sessions, sessions.len() as u64);
    tx.finish().await.expect("commit");
}

pub(crate) async fn close(store: &Store, slot: Timestamp, writer: Option<i32>, sessions: u64) {
    let step = RunStep::Listed {
        slot,
        writer: writer.expect("a writer"),
        sessions,
        unnamed: 0,
        is_complete: true,
    };
    let decision = Decision {
        run: Some(step),
        ..Decision::nothing(at(0))
    };
    let by = Author {
        actor: "worker:test",
        job: None,
        schedule: None,
        traceparent: None,
    };
    let tx = store.begin().await.expect("begin");
    tx.apply(&decision, &by).await.expect("apply");
    tx.finish().await.expect("commit");
}

async fn comparable(store: &Store, slot: Timestamp) -> Comparability {
    let tx = store.begin().await.expect("begin");
    let run = tx.watch_run(slot).await.expect("a run");
    let found = tx
        .comparability(&run, policy::listing::NEWS_LIFE)
        .await
        .expect("count");
    tx.abandon().await;
    found
}

/// A step that died half way, and one that still writes when another has its place, leave rows that count for nothing.
#[tokio::test]
async fn r_wat_1_only_steps_that_are_closed_count() {
    let (database, store) = ground().await;
    let (older, newer) = (at(-300), at(0));
    let dead = begin(&store, older).await.1;
    write(
        &store,
        dead,
        0,
        &[session("a", "dead"), session("dead", "dead")],
    )
    .await;
    let again = begin(&store, older).await.1;
    assert_ne!(dead, again);
    let both = [session("a", "A"), session("b", "B"), session("gone", "G")];
    write(&store, again, 0, &both).await;
    // On a later page, a session of an earlier one: what was read last counts.
    write(&store, again, 1, &[session("a", "Anew")]).await;
    write(&store, dead, 2, &[session("c", "dead")]).await;
    close(&store, older, again, 4).await;
    assert_eq!(comparable(&store, older).await, Comparability::Compare);
    let carried = async |slot| {
        let tx = store.begin().await.expect("begin");
        let run = tx.watch_run(slot).await.expect("a run");
        let carried = tx.carry_sessions(&run, Duration::MAX).await;
        tx.finish().await.expect("commit");
        carried.expect("carry").sessions
    };
    assert_eq!(carried(older).await, 3, "one stands in the list twice");
    let names = async || {
        let sql = "select name || case when gone_slot is null then '' else ' gone' end
                     from relink.sessions_seen order by session_id";
        let rows = database.owner().await.query(sql, &[]).await.expect("rows");
        rows.iter().map(|row| row.get(0)).collect::<Vec<String>>()
    };
    assert_eq!(names().await, ["Anew", "B", "G"]);
    assert_eq!(carried(older).await, 0, "nothing is news twice");

    // The next run clears the table once, whoever repeats its first step; the older one may not come back.
    let step = begin(&store, newer).await;
    write(
        &store,
        step.1,
        0,
        &[session("a", "Anew"), session("b", "B")],
    )
    .await;
    assert_eq!(begin(&store, newer).await.0, RunState::Listing);
    assert_eq!(begin(&store, older).await, (RunState::Passed, None));
    close(&store, newer, step.1, 2).await;
    assert_eq!(comparable(&store, newer).await, Comparability::Compare);
    assert_eq!(carried(newer).await, 1);
    assert_eq!(names().await, ["Anew", "B", "G gone"]);

    // The server crashed: an unlogged table is empty.
    let owner = database.owner().await;
    let crash = "truncate relink.sightings";
    owner
        .batch_execute(crash)
        .await
        .expect("lose the sightings");
    let lost = Comparability::Inconclusive("0 of its 2 sightings are there".to_owned());
    assert_eq!(comparable(&store, newer).await, lost);
}
