//! R-DUP-1: several live sessions of one person are told of, with which is linked and which is inert; nothing ends them.

use jiff::{SignedDuration, Timestamp};
use policy::duplicates::{Duplicates, Standing, Unknown};
use policy::ids::AccountId;
use policy::schedule::Period;
use serde_json::Value;
use simulator::control::{Faults, Rate};
use std::process::{Output, Stdio};
use store::clock::{TestClock, install};
use tests::database::{Database, SUPERUSER};
use tests::fleet_run::FleetRun;
use tests::process::trust_setting;
use tokio::process::Command;
use tokio_postgres::Client;

/// The alert as it stands open.
const ALERT: &str = "select detail::text from relink.admin_alerts where code = 'duplicate_sessions' and acked_at is null";

/// Goes to a tick of the watch, with a listing that is five minutes old.
async fn next_watch(run: &mut FleetRun) {
    let now = run.store.now().await.expect("the clock").at;
    let slot = Period::hours(6).next(now);
    let before = SignedDuration::from_mins(4);
    let wait = slot.duration_since(now) - before;
    if wait.is_positive() {
        run.later(SignedDuration::from_secs(wait.as_secs())).await;
    }
    run.later(SignedDuration::from_mins(5)).await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests/run says where the program is"
)]
fn relink_bin() -> String {
    std::env::var("RELINK_BIN").expect("RELINK_BIN: the program, as tests/run builds it")
}

/// `relink duplicates list`, as the role that may only read.
async fn listed(url: &str, more: &[&str]) -> Output {
    let output = Command::new(relink_bin())
        .args(["duplicates", "list"])
        .args(more)
        .env_clear()
        .envs(trust_setting())
        .env("RELINK_DATABASE_URL", url)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("run it");
    println!(
        "$ relink duplicates list {}\n{}{}",
        more.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Two accounts of one person, in two workspaces, each with a session of its own; one account with an inert twin; two
/// sessions without an account; and somebody with one session.
async fn with_twins() -> (FleetRun, [AccountId; 3]) {
    let mut ids = None;
    let run = FleetRun::start(|cast| {
        let ada = cast.connected("ada");
        cast.session_of("ada-again", "ada", "ada");
        let left = cast.connected("left");
        let right = cast.connected("right");
        let second = cast.second_workspace();
        let account = cast.fleet.accounts.last_mut().expect("right");
        account.identity = Some("id-left".to_owned());
        account.workspace = second;
        let session = cast.sessions.last_mut().expect("right's");
        session.identity = Some("id-left".to_owned());
        cast.session_of("inert-1", "nobody", "nobody-1");
        cast.session_of("inert-2", "nobody", "nobody-2");
        cast.connected("solo");
        ids = Some([ada, left, right]);
    })
    .await;
    (run, ids.expect("planted"))
}

/// R-DUP-1, R-DEL-5: all told in one alert, nothing changed, nothing deleted.
#[tokio::test]
async fn r_dup_1_the_watch_tells_which_session_is_linked_and_which_is_inert_and_touches_none() {
    let (mut run, [ada, left, right]) = with_twins().await;
    let linked = "select coalesce(session_id, '') from relink.accounts order by id";
    let before = (run.words(linked, &[]).await, run.flips().await);
    next_watch(&mut run).await;
    let details = run.words(ALERT, &[]).await;
    assert_eq!(details.len(), 1, "one alert about all of them");
    println!("{}", details[0]);
    let detail: Value = serde_json::from_str(&details[0]).expect("JSON");
    for (key, count) in [
        ("identities", 3),
        ("sessions", 6),
        ("inert", 3),
        ("several_linked", 1),
        ("none_linked", 1),
    ] {
        assert_eq!(detail[key], count, "{key}");
    }
    let told = |nth: usize| {
        let one = &detail["sample"][nth];
        let twins = one["twins"].as_array().expect("twins").iter().map(|twin| {
            let to = twin["linked_to"]["account"].as_str().unwrap_or("inert");
            (
                twin["session"].as_str().expect("a session").to_owned(),
                to.to_owned(),
            )
        });
        let twins: Vec<(String, String)> = twins.collect();
        (one["standing"].as_str().expect("a word").to_owned(), twins)
    };
    let twin = |session: &str, to: &str| (session.to_owned(), to.to_owned());
    let (standing, mut twins) = told(0);
    twins.sort();
    assert_eq!(standing, "several_linked");
    assert_eq!(
        twins,
        [
            twin("s-left", &left.to_string()),
            twin("s-right", &right.to_string())
        ]
    );
    assert_eq!(
        told(1),
        (
            "one_linked".to_owned(),
            vec![
                twin("s-ada", &ada.to_string()),
                twin("s-ada-again", "inert")
            ]
        )
    );
    assert_eq!(told(2).0, "none_linked");
    // Six hours later it is the same alert, counted up.
    next_watch(&mut run).await;
    let times = "select times::text from relink.admin_alerts where code = 'duplicate_sessions'";
    assert_eq!(run.words(times, &[]).await, ["2"]);
    assert_eq!(
        (run.words(linked, &[]).await, run.flips().await),
        before,
        "the linked ones are as they were"
    );
    run.is_sound().await;
}

/// R-DUP-1: what was true before the provider went away is not told as if it were now.
#[tokio::test]
async fn r_dup_1_while_the_provider_cannot_be_listed_the_watch_says_nothing() {
    let (mut run, _) = with_twins().await;
    let broken = Faults {
        rate_5xx: Rate(1.0),
        ..Faults::default()
    };
    run.provider.faults(&broken).await;
    next_watch(&mut run).await;
    next_watch(&mut run).await;
    assert_eq!(run.words(ALERT, &[]).await, [] as [String; 0]);
    run.provider.faults(&Faults::default()).await;
    next_watch(&mut run).await;
    assert_eq!(run.words(ALERT, &[]).await.len(), 1);
}

/// R-DUP-1: the command shows rows while they are known, and says so when they are not.
#[tokio::test]
async fn r_dup_1_the_command_lists_them_or_says_that_nobody_knows_now() {
    let (mut run, [ada, ..]) = with_twins().await;
    run.beat().await;
    let reader = run.site().database_url("relink_reader");
    let shown = listed(&reader, &[]).await;
    assert!(shown.status.success());
    let text = String::from_utf8(shown.stdout).expect("text");
    for part in [
        "3 people with several live sessions: 6 sessions, 3 of them inert",
        "id-left (LINKEDIN), 2 sessions: several are linked: a person must say which one stays",
        "id-ada (LINKEDIN), 2 sessions: one is linked, the others are inert",
        "id-nobody (LINKEDIN), 2 sessions: none is linked, all are inert",
        &format!("s-ada  linked to ada (account {ada}, workspace "),
        "s-ada-again  inert, ok, last seen ",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert!(!text.contains("solo"));
    let json = listed(&reader, &["--json", "--limit", "1"]).await;
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(
        (&json["known"], &json["identities"]),
        (&true.into(), &3.into())
    );
    assert_eq!(json["people"].as_array().expect("people").len(), 1);
    assert_eq!(json["people"][0]["standing"], "several_linked");

    run.step_database(SignedDuration::from_mins(16)).await;
    let shown = listed(&reader, &[]).await;
    assert_eq!(shown.status.code(), Some(1));
    let text = String::from_utf8(shown.stdout).expect("text");
    assert!(
        text.starts_with("not known now: the newest complete listing is of ")
            && !text.contains("ada"),
        "{text}"
    );
    let json = listed(&reader, &["--json"]).await;
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(json["known"], false);
    assert!(json["people"].is_null());
}

const NOW: &str = "2026-11-23T12:00:00Z";

/// Rows as a watch leaves them, at a clock that stands still.
async fn rows(runs: &str, sessions: &str) -> (Database, Client) {
    let database = Database::fresh().await;
    let from: Timestamp = NOW.parse().expect("an instant");
    install(
        &database.config(SUPERUSER),
        TestClock::Scaled { from, rate: 0.0 },
    )
    .await
    .expect("stop the clock");
    let owner = database.owner().await;
    let sql = format!(
        "insert into relink.watch_runs (slot, started_at, listed_at, is_whole)
         select '{NOW}'::timestamptz - slot, '{NOW}'::timestamptz - slot, '{NOW}'::timestamptz - listed::interval, whole
           from (values {runs}) r(slot, listed, whole);
         insert into relink.sessions_seen (session_id, slot, seen_at, first_seen, kind, name, health, words, identity, created_at,
                                           gone_slot)
         select id, '{NOW}'::timestamptz - slot, '{NOW}'::timestamptz - slot, '{NOW}', kind, id, 'ok', '{{}}', person, '{NOW}',
                case when gone then '{NOW}'::timestamptz end
           from ({sessions}) s(id, slot, kind, person, gone)"
    );
    owner.batch_execute(&sql).await.expect("plant rows");
    (database, owner)
}

async fn found(database: &Database, people_max: i64) -> Result<Duplicates, Unknown> {
    let tx = database.store("relink_reader").begin().await;
    let tx = tx.expect("begin");
    let found = tx.duplicates(people_max).await.expect("look");
    tx.abandon().await;
    found
}

const MIN_5: &str = "(interval '5 min', interval '4 min', true)";

/// R-DUP-1: the same person means the same identity, known, and the same kind.
#[tokio::test]
async fn r_dup_1_only_the_same_known_identity_of_one_kind_is_one_person() {
    let (database, _) = rows(
        MIN_5,
        "values ('a', interval '5 min', 'LINKEDIN', 'ada', false), ('b', interval '5 min', 'MAIL', 'ada', false),
                ('c', interval '5 min', 'LINKEDIN', null, false), ('d', interval '5 min', 'LINKEDIN', null, false),
                ('e', interval '5 min', 'LINKEDIN', 'eve', false)",
    )
    .await;
    let none = found(&database, 20).await.expect("known");
    assert_eq!(
        (none.identities, none.sessions, none.sample),
        (0, 0, vec![])
    );
}

/// R-DUP-1: what is absent from the newest complete listing is gone; what the next one met already, is there.
#[tokio::test]
async fn r_dup_1_a_listing_under_way_hides_nobody_and_brings_no_one_back() {
    let (database, _) = rows(
        &format!("(interval '10 min', interval '9 min', true), {MIN_5}, (interval '0', null, true)"),
        // One did not change for ten minutes, and is in the newest list all the same.
        "values ('met', interval '0', 'LINKEDIN', 'ada', false), ('still', interval '10 min', 'LINKEDIN', 'ada', false),
                ('here', interval '5 min', 'LINKEDIN', 'eve', false), ('gone', interval '10 min', 'LINKEDIN', 'eve', true)",
    )
    .await;
    let found = found(&database, 20).await.expect("known");
    assert_eq!((found.identities, found.sessions, found.inert), (1, 2, 2));
    assert_eq!(found.none_linked, 1);
    assert_eq!(found.sample[0].identity.0, "ada");
    assert_eq!(found.sample[0].standing(), Standing::NoneLinked);
}

/// R-DUP-1: the newest complete listing must be whole and at most fifteen minutes old.
#[tokio::test]
async fn r_dup_1_a_listing_that_is_old_or_not_whole_says_nothing() {
    let at = |ago: i64| {
        let now: Timestamp = NOW.parse().expect("an instant");
        now.checked_sub(SignedDuration::from_mins(ago))
            .expect("an instant")
    };
    let twins = "values ('a', interval '0', 'LINKEDIN', 'ada', false), ('b', interval '0', 'LINKEDIN', 'ada', false)";
    for (runs, expected) in [
        ("(interval '0', null, true)", Err(Unknown::NeverListed)),
        ("(interval '15 min', interval '15 min', true)", Ok(1)),
        (
            "(interval '16 min', interval '16 min', true)",
            Err(Unknown::TooOld { listed_at: at(16) }),
        ),
        // One that was whole came before it: it is not asked instead.
        (
            "(interval '6 min', interval '6 min', true), (interval '1 min', interval '1 min', false)",
            Err(Unknown::NotWhole { listed_at: at(1) }),
        ),
    ] {
        let (database, _) = rows(runs, twins).await;
        let found = found(&database, 20).await.map(|found| found.identities);
        assert_eq!(found, expected, "{runs}");
    }
}

/// R-DUP-1, R-WAT-1: however many there are, so many are listed, and all are counted.
#[tokio::test]
async fn r_dup_1_all_are_counted_and_a_bounded_number_is_listed() {
    let (database, _) = rows(
        MIN_5,
        "select 'p' || p || '-' || n, interval '5 min', 'LINKEDIN', 'person-' || p, false
           from generate_series(1, 300) p, generate_series(1, 3 + 40 * (p = 1)::int) n",
    )
    .await;
    let found = found(&database, 250).await.expect("known");
    assert_eq!((found.identities, found.sessions), (300, 940));
    assert_eq!(found.sample.len(), 250);
    let crowd = found.sample.iter().find(|one| one.identity.0 == "person-1");
    let crowd = crowd.expect("among the first");
    assert_eq!((crowd.sessions, crowd.twins.len()), (43, 10));
}
