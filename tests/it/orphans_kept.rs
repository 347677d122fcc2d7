//! Sessions that were kept, sessions that become accounts, and what a listing under way hides: nothing (R-DIS-4, R-WSP-1,
//! R-ORP-3, R-LNK-5).

use jiff::SignedDuration;
use policy::account::{Cause, Flip, Status, StatusChanges};
use policy::decision::Decision;
use policy::ids::AccountId;
use serde_json::json;
use store::Author;
use store::operators::Scope;
use tests::desk::Desk;
use tests::fleet_run::FleetRun;

const HALF_HOUR: SignedDuration = SignedDuration::from_mins(30);

/// A tick of the orphan watch, and everything that it asked for.
async fn tick(run: &mut FleetRun) {
    run.later(HALF_HOUR).await;
    run.later(SignedDuration::from_mins(10)).await;
}

/// Its owner disconnects an account.
async fn disconnect(run: &FleetRun, account: AccountId) {
    let tx = run.store.begin().await.expect("begin");
    let row = tx
        .account(account)
        .await
        .expect("a row")
        .expect("an account");
    let at = tx.now().at;
    let decision = Decision {
        status: StatusChanges {
            flips: vec![Flip {
                account,
                version: row.version,
                from: row.status,
                to: Status::Disconnected,
                cause: Cause::Verified,
                observed_at: at,
                evidence: json!({}),
                link: None,
                checkpoint: None,
            }],
            ..StatusChanges::default()
        },
        ..Decision::nothing(at)
    };
    let by = Author {
        actor: "test",
        job: None,
        schedule: None,
        traceparent: None,
    };
    tx.apply(&decision, &by).await.expect("apply");
    tx.finish().await.expect("commit");
}

/// R-DIS-4: its name stays, its link does not; it is no ghost, and nobody else's.
#[tokio::test]
async fn r_dis_4_a_kept_session_is_listed_by_itself_and_nobodys() {
    let mut planted = vec![];
    let mut run = FleetRun::start(|cast| {
        planted.push(cast.connected("left"));
        planted.push(cast.connected("stayed"));
        cast.session_of("ghost", "ghost", "ghost");
        planted.push(cast.waiting("other", |it| {
            it.handle = None;
            it.attempt = it
                .attempt
                .take()
                .map(|(id, _)| (id, Some("s-left".to_owned())));
        }));
    })
    .await;
    disconnect(&run, planted[0]).await;
    let row = "select concat_ws(' ', coalesce(session_id, '-'), kept_session) from relink.accounts where name = 'left'";
    assert_eq!(run.words(row, &[]).await, ["- s-left"]);
    tick(&mut run).await;
    assert_ne!(run.status(planted[2]).await, "connected");
    assert!(run.alerts().await.contains(&"session_claimed".to_owned()));
    run.later(SignedDuration::from_hours(25)).await;
    run.later(SignedDuration::from_hours(1)).await;
    let ghosts = "select detail::text from relink.admin_alerts where code = 'ghost_sessions'";
    let ghosts = run.words(ghosts, &[]).await.concat();
    assert!(
        ghosts.contains("s-ghost") && !ghosts.contains("s-left"),
        "{ghosts}"
    );
    let desk = Desk::of(run.site(), "ada", &[Scope::Read]).await;
    let kept = desk.sees(&["sessions", "kept"]).await;
    assert_eq!(kept["rows"].as_array().map(Vec::len), Some(1), "{kept}");
    assert_eq!(
        (&kept["rows"][0]["session"], &kept["next"]),
        (&json!("s-left"), &json!(null))
    );
}

/// R-LNK-5: the person of a disconnected account comes back by another row of the same workspace, not of another.
#[tokio::test]
async fn r_lnk_5_a_disconnected_person_comes_back_by_a_new_row_of_the_workspace() {
    let mut planted = vec![];
    let mut run = FleetRun::start(|cast| {
        for name in ["here", "there"] {
            planted.push(cast.connected(name));
            cast.session_of(&format!("{name}-new"), name, &format!("{name}-new"));
        }
        planted.push(cast.waiting("here-new", |_| {}));
        let second = cast.second_workspace();
        planted.push(cast.waiting("there-new", |it| it.workspace = second));
    })
    .await;
    for account in &planted[..2] {
        disconnect(&run, *account).await;
    }
    tick(&mut run).await;
    assert_eq!(
        run.status(planted[0]).await,
        "connected",
        "the row of before"
    );
    assert_eq!(run.status(planted[2]).await, "disconnected");
    let into = "select merged_into::text from relink.accounts where id = $1";
    let into = run.words(into, &[&planted[2].0]).await;
    assert_eq!(into, [planted[0].0.to_string()]);
    assert_ne!(run.status(planted[3]).await, "connected");
    let alerts = run.alerts().await;
    assert!(alerts.contains(&"account_merged".to_owned()), "{alerts:?}");
    assert!(alerts.contains(&"session_claimed".to_owned()), "{alerts:?}");
    run.is_sound().await;
}

/// Words of the command that adopts a session into a workspace.
fn adopt<'a>(session: &'a str, workspace: &'a str) -> [&'a str; 9] {
    [
        "accounts",
        "adopt",
        session,
        "--workspace",
        workspace,
        "--name",
        "Free",
        "--external-id",
        "crm-7",
    ]
}

/// R-WSP-1: a living session that belongs to nobody becomes an account, by proof, and never over a workspace.
#[tokio::test]
async fn r_wsp_1_a_living_session_is_adopted_unless_anybody_has_a_claim() {
    let mut planted = vec![];
    let mut run = FleetRun::start(|cast| {
        cast.session("free");
        cast.session("declared");
        cast.waiting("declared", |_| {});
        for name in ["linked", "person", "left", "gone"] {
            planted.push(cast.connected(name));
            cast.session_of(&format!("{name}-two"), name, &format!("{name}-two"));
        }
    })
    .await;
    disconnect(&run, planted[2]).await;
    let workspace = "select workspace_id::text from relink.accounts where name = 'linked'";
    let here = run.words(workspace, &[]).await.concat();
    let there = "select id::text from relink.workspaces where id::text <> $1";
    let there = run.words(there, &[&here]).await.concat();
    let desk = Desk::of(run.site(), "ada", &[Scope::Operate]).await;
    for place in [&here, &there] {
        for (session, why) in [
            ("s-linked", "is linked to it"),
            ("s-left", "kept it"),
            ("s-person-two", "is the same person"),
            ("s-left-two", "is the same person"),
            ("s-declared", "waits for a person with that handle"),
            ("s-nobody", "has no session"),
        ] {
            desk.refused(&adopt(session, place), why).await;
        }
    }
    let accounts = "select count(*) from relink.accounts";
    let before = run.number(accounts, &[]).await;
    let mut words = adopt("s-free", &here).to_vec();
    words.push("--dry-run");
    desk.does(&words).await;
    assert_eq!(
        run.number(accounts, &[]).await,
        before,
        "a dry run writes nothing"
    );
    let done = desk.does(&adopt("s-free", &here)).await;
    let account = AccountId(
        done["account"]
            .as_str()
            .expect("an id")
            .parse()
            .expect("an id"),
    );
    assert_eq!(run.status(account).await, "connecting");
    let named = "has an attempt that named it";
    desk.refused(&adopt("s-free", &there), named).await;
    run.later(SignedDuration::from_mins(1)).await;
    assert_eq!(run.status(account).await, "connected");
    assert_eq!(run.causes(account).await, ["adopted", "orphan_linked"]);
    let acts = "select actor || ' ' || action || ' ' || reason from relink.operator_audit where subject = $1";
    assert_eq!(
        run.words(acts, &[&account.to_string()]).await,
        ["ada account.adopt a test"]
    );
    let shown = desk.runs(&["accounts", "show", &account.to_string()]).await;
    assert!(shown.out.contains("external   crm-7"), "{}", shown.out);
    run.is_sound().await;
}

/// R-ORP-1, R-ORP-3: a listing that is under way, or broke off, says nothing of sessions yet; they exist all the same.
#[tokio::test]
async fn r_orp_1_a_listing_under_way_hides_nothing() {
    let mut planted = vec![];
    let run = FleetRun::start(|cast| {
        cast.session("known");
        planted.push(cast.waiting("known", |it| it.identity = Some("id-known".to_owned())));
        planted.push(cast.connected("control"));
        cast.session("dead");
    })
    .await;
    let later =
        "insert into relink.watch_runs (slot, started_at) values (relink.clock(), relink.clock())";
    run.owner.execute(later, &[]).await.expect("a run begins");
    let old = "update relink.sessions_seen set first_seen = first_seen - interval '2 days'";
    run.owner.execute(old, &[]).await.expect("they are old");
    let gone = "update relink.sessions_seen set gone_slot = slot where session_id = 's-dead'";
    run.owner
        .execute(gone, &[])
        .await
        .expect("one is not there");
    let read = run.store.reading(async |tx| {
        let near = tx.neighbourhood(&planted).await?;
        let ghosts = tx.ghosts(tx.now().at).await?;
        Ok::<_, store::StoreError>((near, ghosts))
    });
    let (near, ghosts) = read.await.expect("read");
    let ids: Vec<_> = near
        .sessions
        .iter()
        .map(|it| it.session.id.0.as_str())
        .collect();
    assert_eq!(ids, ["s-control", "s-known"]);
    assert_eq!(ghosts.sample, [] as [String; 0], "a dead row is no ghost");
    let lone = "update relink.accounts set handle = null, identity = null where name = 'known'";
    run.owner.execute(lone, &[]).await.expect("nobody's");
    let read = run.store.reading(async |tx| tx.ghosts(tx.now().at).await);
    assert_eq!(read.await.expect("read").sample, ["s-known"]);
}
