//! Every status ends, whatever the provider says (R-ST-5, R-LNK-10), and another person's session sends nothing (R-ST-6).

mod strangers;

use crate::duties::into;
use crate::duties_confirm::gone;
use jiff::SignedDuration;
use policy::account::Status;
use policy::ids::AccountId;
use simulator::control::{Change, Faults, Health, Kind, NewSession, RestartMode};
use std::collections::BTreeSet;
use tests::cast::Cast;
use tests::fleet_run::FleetRun;

const KINDS: [Kind; 5] = [
    Kind::Linkedin,
    Kind::Google,
    Kind::Outlook,
    Kind::Mail,
    Kind::Icloud,
];

/// A connected account of that kind, and its session.
pub(crate) fn connected(cast: &mut Cast, kind: Kind, name: &str) -> AccountId {
    let account = cast.connected(name);
    if kind == Kind::Linkedin {
        return account;
    }
    let address = format!("{name}@x.example");
    let planted = cast.fleet.accounts.last_mut().expect("planted");
    word(kind).clone_into(&mut planted.kind);
    planted.identity = Some(address.clone());
    planted.handle = Some(address.clone());
    let session = cast.sessions.last_mut().expect("planted");
    *session = NewSession {
        kind,
        identity: Some(address.clone()),
        handle: Some(address),
        ..session.clone()
    };
    account
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Linkedin => "LINKEDIN",
        Kind::Google => "GOOGLE_OAUTH",
        Kind::Outlook => "OUTLOOK",
        Kind::Mail => "MAIL",
        Kind::Icloud => "ICLOUD",
    }
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// Flips an account by hand, with its audit row, as whoever does what is not built yet.
async fn put(run: &FleetRun, account: AccountId, to: Status) {
    let sql = "with put as (
            update relink.accounts a set status = $2::text::relink.account_status, status_since = relink.clock()
              from relink.accounts b where a.id = $1 and b.id = a.id
            returning a.id, a.status_version, b.status as before)
        insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor, evidence)
        select id, status_version, relink.clock(), before, $2::text::relink.account_status, 'put', 'test', '{}' from put";
    let word = to.as_str();
    let put = run.owner.execute(sql, &[&account.0, &word]).await;
    assert_eq!(put.expect("flip by hand"), 1);
}

/// Its owner begins a reconnect and leaves the page.
async fn click(run: &FleetRun, account: AccountId) {
    let older = "update relink.link_attempts set closed_at = relink.clock(), outcome = 'superseded'
        where account_id = $1 and closed_at is null";
    let closed = run.owner.execute(older, &[&account.0]).await;
    closed.expect("the older attempt");
    let sql = "insert into relink.link_attempts (account_id, id, purpose, started_at, link_ends_at, ends_at)
        select $1, gen_random_uuid(), 'reconnect', relink.clock(), relink.clock() + interval '30 minutes',
               relink.clock() + interval '24 hours'";
    run.owner
        .execute(sql, &[&account.0])
        .await
        .expect("an attempt");
    put(run, account, Status::Connecting).await;
}

fn says(word: &str) -> Change {
    Change {
        words: Some(vec![word.to_owned()]),
        quiet: true,
        ..Change::default()
    }
}

/// What the provider says from then on, and where the account must be when its attempt is over.
fn answers() -> [(&'static str, Change, &'static str, &'static str); 7] {
    [
        (
            "connecting",
            into(Health::Connecting),
            "recovering",
            "provider_connecting",
        ),
        (
            "stopped",
            into(Health::Stopped),
            "recovering",
            "provider_error",
        ),
        ("error", into(Health::Error), "recovering", "provider_error"),
        (
            "permissions",
            into(Health::Permissions),
            "reconnect_needed",
            "link_unused",
        ),
        (
            "credentials",
            into(Health::Credentials),
            "reconnect_needed",
            "link_unused",
        ),
        (
            "unknown",
            says("PONDERING"),
            "reconnect_needed",
            "link_unused",
        ),
        ("absent", gone(), "reconnect_needed", "link_unused"),
    ]
}

#[tokio::test]
async fn r_lnk_10_owners_who_click_and_leave_end_within_35_min() {
    let mut named = vec![];
    let mut first = None;
    let mut run = FleetRun::start(|cast| {
        cast.crowd(120);
        for (answer, ..) in answers() {
            for kind in KINDS {
                let name = format!("{answer}-{}", word(kind).to_lowercase());
                named.push((name.clone(), connected(cast, kind, &name)));
            }
        }
        first = Some(cast.waiting("first", |it| it.attempt = None));
    })
    .await;
    let sessions: Vec<_> = named.iter().map(|(name, _)| format!("s-{name}")).collect();
    run.provider
        .change_all(&sessions, &into(Health::Credentials))
        .await;
    run.beat().await;
    for (name, account) in &named {
        assert_eq!(run.status(*account).await, "reconnect_needed", "{name}");
        click(&run, *account).await;
        let change = answers().into_iter().find(|it| name.starts_with(it.0));
        let (_, change, ..) = change.expect("its answer");
        run.provider.change(&format!("s-{name}"), change).await;
    }
    // It began an hour ago, by the cast, and has no attempt: it has had one that began with it.
    let first = first.expect("first");
    assert_eq!(run.status(first).await, "reconnect_needed", "first link");

    run.later(minutes(33)).await;
    for (name, account) in &named {
        assert_eq!(run.status(*account).await, "connecting", "{name}: shielded");
    }
    let cases = "select count(*) from relink.cases";
    assert_eq!(run.number(cases, &[]).await, 0, "R-LNK-10: no case either");

    run.later(minutes(2)).await;
    for (name, account) in &named {
        let row = answers().into_iter().find(|it| name.starts_with(it.0));
        let (_, _, status, cause) = row.expect("its answer");
        let told = run.causes(*account).await;
        assert_eq!(run.status(*account).await, status, "{name}: {told:?}");
        assert_eq!(told.last().expect("a cause"), cause, "{name}");
    }
    // The watch goes on from there: what is gone gets its case.
    run.beat().await;
    assert_eq!(run.number(cases, &[]).await, 5, "one for each kind");
    run.is_sound().await;
}

/// Status and the provider's word, and where it must be 35 minutes later.
fn dead_ends() -> Vec<(Status, &'static str, &'static str)> {
    let mut rows = vec![];
    for word in ["CONNECTING", "STOPPED", "ERROR"] {
        rows.push((Status::ActionRequired, word, "reconnect_needed"));
        rows.push((Status::Recovering, word, "recovering"));
        rows.push((Status::Missing, word, "recovering"));
        rows.push((Status::ReconnectNeeded, word, "reconnect_needed"));
    }
    for word in ["CREDENTIALS", "PERMISSIONS"] {
        rows.push((Status::ActionRequired, word, "reconnect_needed"));
        rows.push((Status::Recovering, word, "reconnect_needed"));
        rows.push((Status::Missing, word, "reconnect_needed"));
    }
    rows.push((Status::ActionRequired, "PONDERING", "reconnect_needed"));
    rows.push((Status::Connected, "MUSING", "connected"));
    rows
}

#[tokio::test]
async fn r_st_5_no_status_is_a_dead_end_for_any_word() {
    let mut named = vec![];
    let mut without = None;
    let mut run = FleetRun::start(|cast| {
        cast.crowd(120);
        for (number, _) in dead_ends().iter().enumerate() {
            let kind = KINDS[number % KINDS.len()];
            named.push(connected(cast, kind, &format!("end-{number}")));
        }
        without = Some(cast.waiting("without", |_| {}));
    })
    .await;
    // A stopped session stays so: what restarts mend is shown elsewhere.
    let ignored = Faults {
        restart: RestartMode::Ignored,
        ..Faults::default()
    };
    run.provider.faults(&ignored).await;
    let without = without.expect("an account without a session");
    put(&run, without, Status::ActionRequired).await;
    for (number, (status, word, _)) in dead_ends().into_iter().enumerate() {
        let session = format!("s-end-{number}");
        run.provider.change(&session, says(word)).await;
        match status {
            Status::Connected => {}
            Status::ActionRequired => {
                put(&run, named[number], Status::ReconnectNeeded).await;
                put(&run, named[number], status).await;
            }
            _ => put(&run, named[number], status).await,
        }
    }
    for _ in 0..7 {
        run.beat().await;
    }
    for (number, (status, word, expected)) in dead_ends().into_iter().enumerate() {
        let causes = run.causes(named[number]).await;
        assert_eq!(
            run.status(named[number]).await,
            expected,
            "{status} + {word}: {causes:?}"
        );
    }
    assert_eq!(run.status(without).await, "reconnect_needed");
    assert_eq!(
        run.causes(without).await.last().expect("a cause"),
        "checkpoint_unanswered"
    );
    // R-ST-3: by word, with the accounts.
    let odd = "select subject || ' ' || (detail -> 'sample' ->> 0) from relink.admin_alerts where code = 'unknown_status'";
    let told: BTreeSet<_> = run.words(odd, &[]).await.into_iter().collect();
    let last = named.len() - 1;
    let expected = [("PONDERING", last - 1), ("MUSING", last)]
        .map(|(word, number)| format!("word {word} {}", named[number]));
    assert_eq!(told, BTreeSet::from(expected));
    // And each comes back by itself once its session answers OK.
    for (number, _) in dead_ends().iter().enumerate() {
        run.provider
            .change(&format!("s-end-{number}"), into(Health::Ok))
            .await;
    }
    run.beat().await;
    run.beat().await;
    for (number, (status, word, _)) in dead_ends().into_iter().enumerate() {
        let at = run.status(named[number]).await;
        assert_eq!(at, "connected", "{status} + {word}");
    }
    run.is_sound().await;
}

#[tokio::test]
async fn r_lnk_10_attempts_that_are_over_are_closed_with_their_outcome() {
    let mut account = None;
    let mut run = FleetRun::start(|cast| account = Some(cast.waiting("ada", |_| {}))).await;
    let account = account.expect("ada");
    let outcomes = "select coalesce(outcome, 'open') from relink.link_attempts where account_id = $1 order by started_at";
    assert_eq!(run.words(outcomes, &[&account.0]).await, ["open"]);
    put(&run, account, Status::ReconnectNeeded).await;
    click(&run, account).await;
    run.later(minutes(1)).await;
    assert_eq!(
        run.words(outcomes, &[&account.0]).await,
        ["superseded", "open"]
    );
    run.later(minutes(40)).await;
    assert_eq!(run.status(account).await, "reconnect_needed");
    assert_eq!(
        run.words(outcomes, &[&account.0]).await,
        ["superseded", "open"],
        "lapsed: a late callback may still bind"
    );
    run.later(SignedDuration::from_hours(24)).await;
    assert_eq!(
        run.words(outcomes, &[&account.0]).await,
        ["superseded", "expired"]
    );
    run.is_sound().await;
}
