//! Nothing odd in the provider's list stops the status watch (R-WAT-4), and each kind of account is known by its own words
//! (R-ST-3, R-LNK-6).

use crate::duties::into;
use policy::ids::AccountId;
use serde_json::{Value, json};
use simulator::control::{Change, Faults, Health, Kind, ListMode, NewSession, Odd};
use std::time::Duration;
use tests::cast::Cast;
use tests::fleet_run::FleetRun;
use tests::site::Site;

fn account(session: &str, account: &Value) -> Odd {
    Odd {
        session: session.to_owned(),
        account: account.as_object().cloned().unwrap_or_default(),
        ..Odd::default()
    }
}

fn raw(session: &str, key: &str, text: &str) -> Odd {
    Odd {
        session: session.to_owned(),
        raw: [(key.to_owned(), text.to_owned())].into(),
        ..Odd::default()
    }
}

fn words(words: &[&str]) -> Change {
    Change {
        words: Some(words.iter().map(|&it| it.to_owned()).collect()),
        quiet: true,
        ..Change::default()
    }
}

async fn outcome(run: &FleetRun) -> String {
    let sql = "select outcome || ': ' || coalesce(note, '') from relink.watch_runs order by slot desc limit 1";
    run.words(sql, &[]).await.concat()
}

/// Watch A2, A3, C11, queue 1 and 2: each of these used to end every run for everybody.
#[tokio::test]
async fn r_wat_4_odd_items_cost_nobody_else_the_watch() {
    let mut crowd = vec![];
    let mut run = FleetRun::start(|cast| crowd = cast.crowd(40)).await;
    let id = |number: usize| crowd[number].1.as_str();
    let odd = [
        raw(id(0), "name", r"Ann\u0000 \ud83d"),
        raw(id(1), "sources", r"\ude00"),
        raw(id(2), "type", r"LINK\u0000EDIN"),
        raw(id(3), "connection_params.im.id", r"a\u0000b"),
        raw(id(4), "connection_params.im.publicIdentifier", r"\ud83d"),
        account(id(5), &json!({"type": null})),
        account(id(6), &json!({"created_at": "soon", "name": {"first": []}})),
        account(id(7), &json!({"name": "x".repeat(500_000)})),
        account(
            id(8),
            &json!({"connection_params": "none", "sources": [{"id": 7, "status": "A,B"}]}),
        ),
        // Cannot be named: its account looks absent, and its own answer is for another session.
        raw(id(9), "id", r"s\u0000"),
        Odd {
            session: id(10).to_owned(),
            again: 2,
            ..Odd::default()
        },
    ];
    run.provider.odd(&odd).await;
    run.provider.change(id(20), into(Health::Credentials)).await;
    run.beat().await;
    assert_eq!(outcome(&run).await, "applied: ");
    assert_eq!(run.status(crowd[20].0).await, "reconnect_needed");
    for alert in ["unknown_status", "unreadable_list"] {
        assert!(run.alerts().await.contains(&alert.to_owned()), "{alert}");
    }
    let sample = "select jsonb_path_query(detail, '$.sessions[*].session') #>> '{}'
                    from relink.admin_alerts where code = 'unreadable_list'";
    assert_eq!(run.words(sample, &[]).await, [id(5), id(6)]);
    let whole = "select count(*) from relink.watch_runs where is_whole and unnamed = 1";
    assert_eq!(run.number(whole, &[]).await, 1);
    let shown = "select name from relink.sessions_seen where session_id = $1";
    assert_eq!(run.words(shown, &[&id(0)]).await, ["Ann\u{fffd} \u{fffd}"]);
    let words =
        "select array_to_string(odd_words, '|') from relink.sessions_seen where session_id = $1";
    assert_eq!(run.words(words, &[&id(8)]).await, ["A,B"]);
    // Of what cannot be read now it is still known who it is.
    let known = "select identity from relink.sessions_seen where session_id = $1";
    assert_eq!(run.words(known, &[&id(5)]).await, ["id-crowd-005"]);
    let case = "select session_id from relink.cases where closed_at is null";
    assert_eq!(
        run.words(case, &[]).await,
        [id(9)],
        "one unnamed item switches no absences off"
    );
    for _ in 0..4 {
        run.beat().await;
    }
    for account in &crowd[..11] {
        assert_eq!(run.status(account.0).await, "connected", "{}", account.1);
    }
    run.is_sound().await;
}

#[tokio::test]
async fn r_wat_4_many_items_without_a_name_open_no_case() {
    let mut crowd = vec![];
    let mut run = FleetRun::start(|cast| crowd = cast.crowd(40)).await;
    let nameless = |it: &(AccountId, String)| raw(&it.1, "id", r"s\u0000");
    let odd: Vec<_> = crowd.iter().take(6).map(nameless).collect();
    run.provider.odd(&odd).await;
    run.beat().await;
    assert_eq!(outcome(&run).await, "applied: ");
    let whole = "select count(*) from relink.watch_runs where not is_whole and unnamed = 6";
    assert_eq!(run.number(whole, &[]).await, 1);
    assert_eq!(
        run.number("select count(*) from relink.cases", &[]).await,
        0
    );
    run.is_sound().await;
}

/// Watch C8; pages that shift are what a provider does whose list changes while it is read.
#[tokio::test]
async fn r_wat_4_lists_that_shift_apply_and_lists_without_end_do_not() {
    let mut crowd = vec![];
    let mut run = FleetRun::start(|cast| crowd = cast.crowd(300)).await;
    let list = |list| Faults {
        list,
        ..Faults::default()
    };
    for endless in [ListMode::Endless, ListMode::Circling] {
        run.provider.faults(&list(endless)).await;
        run.beat().await;
        let ended = outcome(&run).await;
        assert!(ended.contains("held nothing new"), "{endless:?}: {ended}");
        assert_eq!(run.alerts().await, ["cursor_loop"]);
        run.acknowledge_alerts().await;
    }
    // What it leaves out is there when it is asked for alone.
    run.provider.faults(&list(ListMode::Skipping)).await;
    run.beat().await;
    assert_eq!(outcome(&run).await, "applied: ");
    assert_eq!(run.status(crowd[250].0).await, "connected");
    run.provider.faults(&list(ListMode::Shifting)).await;
    run.provider
        .change(&crowd[7].1, into(Health::Credentials))
        .await;
    run.beat().await;
    assert_eq!(outcome(&run).await, "applied: ");
    assert_eq!(run.status(crowd[7].0).await, "reconnect_needed");
    let sql = "select sessions from relink.watch_runs order by slot desc limit 1";
    assert_eq!(run.number(sql, &[]).await, 300);
    assert_eq!(run.alerts().await, [] as [String; 0]);
    run.is_sound().await;
}

/// Watch A4: pages that are too long are asked for in halves; what is too long alone is one item.
#[tokio::test]
async fn r_wat_4_a_page_that_is_too_long_is_read_in_halves() {
    let mut crowd = vec![];
    let site = Site::shared().await;
    let run = FleetRun::without_workers(site, |cast| crowd = cast.crowd(9)).await;
    let _worker = run.work(
        &policy::jobs::Queue::ALL,
        run.provider.unipile_within(Duration::from_secs(10)),
    );
    run.settle().await;
    let mut run = run;
    let filler = json!({ "filler": vec![0; 2_200_000] });
    run.provider.odd(&[account(&crowd[4].1, &filler)]).await;
    run.provider
        .change(&crowd[8].1, into(Health::Credentials))
        .await;
    run.beat().await;
    assert_eq!(outcome(&run).await, "applied: ");
    assert_eq!(run.status(crowd[8].0).await, "reconnect_needed");
    assert_eq!(run.status(crowd[4].0).await, "connected");
    assert_eq!(run.alerts().await, ["unknown_status", "unreadable_list"]);
    run.is_sound().await;
}

/// A row that the database refuses is set aside by name, and present.
#[tokio::test]
async fn r_wat_4_a_row_that_the_database_refuses_is_set_aside_by_name() {
    let mut crowd = vec![];
    let mut run = FleetRun::start(|cast| crowd = cast.crowd(30)).await;
    let refuse =
        "alter table relink.sessions_seen add constraint no_eve check (name not like 'Eve%')";
    run.owner.batch_execute(refuse).await.expect("a constraint");
    for (number, name) in [(3, "Eve"), (4, "Eve Two"), (29, "Eve Three")] {
        let name = Some(name.to_owned());
        let change = Change {
            name,
            quiet: true,
            ..Change::default()
        };
        run.provider.change(&crowd[number].1, change).await;
    }
    run.provider
        .change(&crowd[7].1, into(Health::Credentials))
        .await;
    run.beat().await;
    assert_eq!(outcome(&run).await, "applied: ");
    assert_eq!(run.status(crowd[7].0).await, "reconnect_needed");
    let sample = "select jsonb_path_query(detail, '$.sessions[*]') #>> '{}'
                    from relink.admin_alerts where code = 'unreadable_list' and subject = 'database'";
    let told = run.words(sample, &[]).await.join(" ");
    for number in [3, 4, 29] {
        assert!(
            told.contains(&crowd[number].1) && told.contains("23514"),
            "{told}"
        );
        assert_eq!(run.status(crowd[number].0).await, "connected");
    }
    assert_eq!(
        run.number("select count(*) from relink.cases", &[]).await,
        0
    );
    assert_eq!(
        run.number(
            "select count(*) from relink.watch_runs where unnamed > 0",
            &[]
        )
        .await,
        0
    );
    run.is_sound().await;
}

/// Everything of a mailbox, connected, of a kind.
pub(crate) fn mailbox(cast: &mut Cast, kind: Kind, name: &str) -> (AccountId, String) {
    let account = cast.connected(name);
    let address = format!("{name}@x.org");
    let planted = cast.fleet.accounts.last_mut().expect("planted");
    kind_of(kind).clone_into(&mut planted.kind);
    planted.identity = Some(address.clone());
    planted.handle = Some(address.clone());
    let session = cast.sessions.last_mut().expect("planted");
    *session = NewSession {
        kind,
        // The provider spells it as its owner typed it.
        identity: Some(address.to_uppercase()),
        handle: Some(address),
        ..session.clone()
    };
    (account, format!("s-{name}"))
}

fn kind_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Linkedin => "LINKEDIN",
        Kind::Google => "GOOGLE_OAUTH",
        Kind::Outlook => "OUTLOOK",
        Kind::Mail => "MAIL",
        Kind::Icloud => "ICLOUD",
    }
}

const MAILBOXES: [Kind; 4] = [Kind::Google, Kind::Outlook, Kind::Mail, Kind::Icloud];

/// Watch A1, field F1: no mailbox that was ever lost came back.
#[tokio::test]
async fn r_lnk_6_every_kind_of_mailbox_that_is_well_again_is_connected() {
    let mut all = vec![];
    let mut run = FleetRun::start(|cast| {
        for kind in MAILBOXES {
            let name = kind_of(kind).to_lowercase().replace('_', "-");
            all.push(mailbox(cast, kind, &name));
        }
        // A mail server that knows its users by a bare name.
        all.push(mailbox(cast, Kind::Mail, "bare"));
        let planted = cast.fleet.accounts.last_mut().expect("planted");
        planted.identity = Some("bare@imap.example.test".to_owned());
        cast.sessions.last_mut().expect("planted").identity = Some("Bare".to_owned());
    })
    .await;
    for health in [Health::Credentials, Health::Connecting, Health::Error] {
        for (_, session) in &all {
            run.provider.change(session, into(health)).await;
        }
        run.beat().await;
        for (account, session) in &all {
            assert_ne!(
                run.status(*account).await,
                "connected",
                "{session} {health:?}"
            );
            run.provider.change(session, into(Health::Ok)).await;
        }
        run.beat().await;
        for (account, session) in &all {
            assert_eq!(
                run.status(*account).await,
                "connected",
                "{session} {health:?}"
            );
        }
    }
    assert_eq!(run.alerts().await, [] as [String; 0]);
    run.is_sound().await;
}

/// Watch B10, field F6: an unknown word used to hide the loss beside it.
#[tokio::test]
async fn r_st_3_a_mailbox_is_what_its_mail_is_and_odd_words_are_kept() {
    let mut all = vec![];
    let mut run = FleetRun::start(|cast| {
        for name in ["mail-lost", "calendar-lost", "calendar-odd", "mail-odd"] {
            all.push(mailbox(cast, Kind::Google, name));
        }
        // A source that does not say what it is for is needed too: these have two of them, or three.
        for (kind, name) in [
            (Kind::Google, "masked-1"),
            (Kind::Linkedin, "masked-2"),
            (Kind::Mail, "masked-3"),
        ] {
            all.push(mailbox(cast, kind, name));
        }
        cast.crowd(10);
    })
    .await;
    let told: [&[&str]; 4] = [
        &["CREDENTIALS", "SYNCING"],
        &["OK", "CREDENTIALS"],
        &["OK", "SYNCING"],
        &["SYNCING", "OK"],
    ];
    for ((_, session), told) in all.iter().zip(told) {
        run.provider.change(session, words(told)).await;
    }
    let needed = |session: &(AccountId, String), told: &[&str]| {
        let source = |(nth, word)| json!({"id": format!("{nth}_NEW"), "status": word});
        let sources: Vec<_> = told.iter().enumerate().map(source).collect();
        account(&session.1, &json!({ "sources": sources }))
    };
    let masked = [
        needed(&all[4], &["CREDENTIALS", "SYNCING"]),
        needed(&all[5], &["SYNCING", "OK", "STOPPED"]),
        needed(&all[6], &["SYNCING", "OK"]),
    ];
    run.provider.odd(&masked).await;
    run.beat().await;
    let seen = "select health || ' ' || coalesce(side_health, '-') || ' ' || array_to_string(odd_words, ',')
                  from relink.sessions_seen where session_id = $1";
    let expected = [
        ("reconnect_needed", "credentials unknown SYNCING"),
        ("connected", "ok credentials "),
        ("connected", "ok unknown SYNCING"),
        ("connected", "unknown ok SYNCING"),
        ("reconnect_needed", "credentials - SYNCING"),
        ("recovering", "stopped - SYNCING"),
        ("connected", "unknown - SYNCING"),
    ];
    for ((account, session), (status, row)) in all.iter().zip(expected) {
        assert_eq!(run.status(*account).await, status, "{session}");
        assert_eq!(run.words(seen, &[session]).await, [row], "{session}");
    }
    run.is_sound().await;
}
