//! Only a burst waits, for a second look (R-WAT-6).

use super::{flip, flipping, flips};
use crate::duties::into;
use crate::watch_door::mailbox;
use futures_util::future::join_all;
use jiff::SignedDuration;
use policy::account::{Cause, Status};
use policy::ids::AccountId;
use policy::losses::WINDOW;
use simulator::control::{Faults, Health, Kind, Rate};
use tests::fleet_run::FleetRun;
use tests::sends::Ground;
use uuid::Uuid;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Notices by their state: `due` within a minute of the loss, `waits`, `told` after a wait, or why they were dropped.
const STATES: &str = "select s.state || ' ' || count(*) from (
        select coalesce(n.dropped_why,
                        case when n.due_at is null then 'waits'
                             when n.look_after is not null then 'told'
                             when n.due_at between n.created_at and n.created_at + interval '1 minute' then 'due'
                             else 'late' end) as state
          from relink.notices n where n.account_id = any ($1::uuid[]) and n.step = 0) s group by s.state";

fn uuids(accounts: &[AccountId]) -> Vec<Uuid> {
    accounts.iter().map(|account| account.0).collect()
}

async fn states(run: &FleetRun, accounts: &[AccountId]) -> Vec<String> {
    let mut found = run.words(STATES, &[&uuids(accounts)]).await;
    found.sort();
    found
}

async fn bursts(run: &FleetRun) -> Vec<String> {
    let sql = "select subject || ' ' || times from relink.admin_alerts where code = 'loss_burst' order by 1";
    run.words(sql, &[]).await
}

#[tokio::test]
async fn r_wat_6_a_burst_of_thirty_waits_for_a_second_look_and_is_one_alert() {
    let (mut crowd, mut gina) = (vec![], None);
    let mut run = FleetRun::start(|cast| {
        crowd = cast.crowd(150);
        gina = Some(mailbox(cast, Kind::Google, "gina"));
    })
    .await;
    let (gina, her_session) = gina.expect("gina");
    let lost: Vec<AccountId> = crowd[..30].iter().map(|one| one.0).collect();
    let sessions = |range: std::ops::Range<usize>| -> Vec<String> {
        crowd[range].iter().map(|one| one.1.clone()).collect()
    };
    // One of another cause and one of another kind, beside it.
    let others = [crowd[40].0, gina];
    run.provider
        .change_all(&sessions(0..30), &into(Health::Credentials))
        .await;
    run.provider
        .change(&crowd[40].1, into(Health::Permissions))
        .await;
    run.provider
        .change(&her_session, into(Health::Credentials))
        .await;
    run.beat().await;
    assert_eq!(run.status(lost[29]).await, "reconnect_needed");
    assert_eq!(states(&run, &lost).await, ["waits 30"]);
    assert_eq!(states(&run, &others).await, ["due 2"]);
    assert_eq!(bursts(&run).await, ["LINKEDIN credentials 1"]);
    let why = run
        .store
        .reading(async |tx| operations::why::account(tx, lost[0], None).await);
    let why = why.await.expect("why").to_string();
    assert!(
        why.contains("notice     reconnect_needed first: was one of many, and waits"),
        "{why}"
    );

    // Nobody is told for what the first look alone has seen, however much later: a blind run is no second one.
    let away = Faults {
        rate_5xx: Rate(1.0),
        ..Faults::default()
    };
    run.provider.faults(&away).await;
    run.beat().await;
    run.later(MINUTE).await;
    assert_eq!(states(&run, &lost).await, ["waits 30"]);
    run.provider.faults(&Faults::default()).await;
    // Ten are well again at the second look.
    run.provider
        .change_all(&sessions(0..10), &into(Health::Ok))
        .await;
    run.beat().await;
    run.later(MINUTE).await;
    assert_eq!(run.status(lost[0]).await, "connected");
    assert_eq!(states(&run, &lost).await, ["came_back 10", "told 20"]);
    assert_eq!(states(&run, &others).await, ["due 2"]);
    assert_eq!(bursts(&run).await, ["LINKEDIN credentials 1"], "one alert");
    run.is_sound().await;
}

async fn notices(ground: &Ground, accounts: &[AccountId]) -> Vec<String> {
    let rows = ground.owner.query(STATES, &[&uuids(accounts)]).await;
    let mut found: Vec<String> = rows
        .expect("notices")
        .iter()
        .map(|row| row.get(0))
        .collect();
    found.sort();
    found
}

/// Looks at single accounts, slice by slice: the first five were told as single losses, and are held back in time.
#[tokio::test]
async fn r_wat_6_a_burst_in_slices_holds_back_its_first_notices() {
    let ground = Ground::of(20).await;
    let (store, all) = (ground.worker(), &ground.accounts);
    let lost = (Status::ReconnectNeeded, Cause::Credentials);
    flips(&store, &all[..3], lost.0, lost.1).await;
    flips(
        &store,
        &all[10..13],
        Status::ActionRequired,
        Cause::Checkpoint,
    )
    .await;
    flips(&store, &all[3..5], lost.0, lost.1).await;
    assert_eq!(notices(&ground, &all[..5]).await, ["due 5"]);
    flips(&store, &all[5..6], lost.0, lost.1).await;
    assert_eq!(notices(&ground, &all[..6]).await, ["waits 6"]);
    flips(&store, &all[6..7], lost.0, lost.1).await;
    assert_eq!(notices(&ground, &all[..7]).await, ["waits 7"]);
    assert_eq!(
        notices(&ground, &all[10..13]).await,
        ["late 3"],
        "another cause, which its owner may still answer"
    );
    let sql = "select subject || ' ' || times from relink.admin_alerts where code = 'loss_burst'";
    let rows = ground.owner.query(sql, &[]).await.expect("alerts");
    let told: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(told, ["LINKEDIN credentials 1"]);
    // A quarter of an hour later they are history: the next ones are single losses again.
    ground.clock(WINDOW.as_secs() + 1).await;
    flips(&store, &all[7..9], lost.0, lost.1).await;
    assert_eq!(notices(&ground, &all[7..9]).await, ["due 2"]);
}

/// Each transaction alone is no burst, and none sees another's losses before it commits.
#[tokio::test]
async fn r_wat_6_losses_side_by_side_are_counted_together() {
    let ground = Ground::of(12).await;
    let store = ground.worker();
    let each = ground.accounts.chunks(2).map(async |accounts| {
        flips(
            &store,
            accounts,
            Status::ReconnectNeeded,
            Cause::Credentials,
        )
        .await;
    });
    join_all(each).await;
    assert_eq!(notices(&ground, &ground.accounts).await, ["waits 12"]);
}

#[tokio::test]
async fn r_wat_7_a_missing_account_is_told_whoever_found_it() {
    let ground = Ground::of(2).await;
    let store = ground.worker();
    flips(
        &store,
        &ground.accounts,
        Status::ReconnectNeeded,
        Cause::Credentials,
    )
    .await;
    flips(
        &store,
        &ground.accounts,
        Status::Missing,
        Cause::ConfirmedMissing,
    )
    .await;
    // A row that moved on is no loss, and raises nothing.
    let tx = store.begin().await.expect("begin");
    let mut decision = policy::decision::Decision::nothing(tx.now().at);
    let moved = (Status::ReconnectNeeded, Status::Missing);
    let why = (Cause::ConfirmedMissing, tx.now().at);
    decision
        .status
        .flips
        .push(flip(ground.accounts[0], 3, moved, why));
    let applied = tx.apply(&decision, &tests::sends::BY).await.expect("apply");
    assert_eq!(applied.moved, 1);
    tx.finish().await.expect("commit");
    let sql = "select subject || ' ' || times from relink.admin_alerts where code = 'account_missing' order by 1";
    let rows = ground.owner.query(sql, &[]).await.expect("alerts");
    let told: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let mut expected: Vec<String> = ground
        .accounts
        .iter()
        .map(|it| format!("account {it} 1"))
        .collect();
    expected.sort();
    assert_eq!(told, expected);
    // Their owners were told when it broke: never twice in one episode.
    assert_eq!(notices(&ground, &ground.accounts).await, ["due 2"]);
    let rolled_back = flipping(&store, &ground.accounts, Status::Connected, Cause::Verified).await;
    rolled_back.abandon().await;
}
