//! R-CAP-1, R-CAP-2: what the database itself refuses, whoever asks and however many at once.

use policy::ids::{AccountId, SendId};
use policy::sends::caps::defaults;
use policy::sends::{Action, Tier};
use std::time::Duration;
use store::sends::{Ask, Verdict};
use store::{Store, StoreError};
use tests::sends::{Ground, ask, reserve};

const CLIENTS: usize = 64;

/// All clients ask for all sends at once, one by one; how many they got together.
async fn race(stores: &[Store], account: AccountId, sends: &[SendId]) -> usize {
    let mut clients = tokio::task::JoinSet::new();
    for (part, store) in sends.chunks(sends.len().div_ceil(CLIENTS)).zip(stores) {
        let (store, part) = (store.clone(), part.to_vec());
        clients.spawn(async move {
            let mut won = 0;
            for send in part {
                let verdicts = loop {
                    match reserve(&store, &[ask(account, send)]).await {
                        Ok(verdicts) => break verdicts,
                        Err(error) if is_impatient(&error) => {}
                        Err(error) => panic!("reserve: {error:?}"),
                    }
                };
                won += usize::from(verdicts[&send] == Verdict::Reserved);
            }
            won
        });
    }
    clients.join_all().await.into_iter().sum()
}

/// Whether it waited for the account for too long, as any of 64 may where the machine is slow: its caller asks again.
fn is_impatient(error: &StoreError) -> bool {
    format!("{error:?}").contains("55P03")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r_cap_2_64_clients_get_exactly_20_a_day_and_exactly_100_a_week() {
    let ground = Ground::of(1).await;
    let account = ground.accounts[0];
    ground.cap(account, "invite", 20, 100).await;
    let client = |_| ground.database.store("relink_worker");
    let stores: Vec<Store> = (0..CLIENTS).map(client).collect();
    let mut of_days = vec![];
    for day in 0..7_i64 {
        ground.clock(day * (86_400 + 600)).await;
        let sends = ground.planned(account, "invite", 2 * CLIENTS).await;
        of_days.push(race(&stores, account, &sends).await);
    }
    println!(
        "64 clients, cap 20/100: reserved by day {of_days:?}, in all {}",
        of_days.iter().sum::<usize>()
    );
    assert_eq!(of_days, [20, 20, 20, 20, 20, 0, 0]);
    assert_eq!(ground.rolling_max(account, "invite", 24).await, 20);
    assert_eq!(ground.rolling_max(account, "invite", 168).await, 100);
}

#[tokio::test]
async fn r_cap_2_a_batch_counts_its_own_sends_and_those_of_other_accounts_apart() {
    let ground = Ground::of(20).await;
    let mut asks = vec![];
    for account in &ground.accounts {
        ground.cap(*account, "invite", 3, 100).await;
        for send in ground.planned(*account, "invite", 5).await {
            asks.push(ask(*account, send));
        }
    }
    let verdicts = reserve(&ground.worker(), &asks).await.expect("reserve");
    let won = verdicts
        .values()
        .filter(|one| **one == Verdict::Reserved)
        .count();
    let refused = Verdict::Refused("daily_cap".to_owned());
    assert_eq!(
        (
            won,
            verdicts.values().filter(|one| **one == refused).count()
        ),
        (60, 40)
    );
    for account in &ground.accounts {
        assert_eq!(ground.rolling_max(*account, "invite", 24).await, 3);
    }
}

#[tokio::test]
async fn r_cap_2_asked_twice_a_reservation_is_the_same_and_one_past_a_minute_is_taken_anew() {
    let ground = Ground::of(1).await;
    let (account, store) = (ground.accounts[0], ground.worker());
    ground.cap(account, "invite", 2, 2).await;
    let sends = ground.planned(account, "invite", 3).await;
    for _ in 0..3 {
        let verdicts = reserve(&store, &[ask(account, sends[0])])
            .await
            .expect("reserve");
        assert_eq!(verdicts[&sends[0]], Verdict::Reserved);
    }
    let rows = "select count(*) from relink.send_audit where event = 'intent'";
    let intents: i64 = ground
        .owner
        .query_one(rows, &[])
        .await
        .expect("count")
        .get(0);
    assert_eq!(intents, 1, "asking again writes nothing");
    ground.clock(61).await;
    let verdicts = reserve(
        &store,
        &[
            ask(account, sends[0]),
            ask(account, sends[1]),
            ask(account, sends[2]),
        ],
    )
    .await
    .expect("reserve");
    assert_eq!(
        verdicts[&sends[0]],
        Verdict::Reserved,
        "its own capacity is not in its way"
    );
    assert_eq!(verdicts[&sends[1]], Verdict::Reserved);
    assert_eq!(
        verdicts[&sends[2]],
        Verdict::Refused("weekly_cap".to_owned())
    );
    let intents: i64 = ground
        .owner
        .query_one(rows, &[])
        .await
        .expect("count")
        .get(0);
    assert_eq!(intents, 3, "taken anew, it is a new intent");
    assert_eq!(ground.rolling_max(account, "invite", 24).await, 2);
}

#[tokio::test]
async fn r_cap_2_under_any_other_isolation_the_functions_refuse_to_count() {
    let ground = Ground::of(1).await;
    let account = ground.accounts[0].0;
    let send = ground.planned(ground.accounts[0], "invite", 1).await[0].0;
    let worker = ground.database.client("relink_worker").await;
    for level in ["repeatable read", "serializable"] {
        for call in [
            format!(
                "select * from relink.reserve_sends(array['{account}']::uuid[], array['{send}']::uuid[], array[9], array[0::float8], array[0], 'x', array[null]::uuid[])"
            ),
            format!("select * from relink.start_send('{account}', '{send}')"),
        ] {
            let tried = worker
                .batch_execute(&format!("begin isolation level {level}; {call}"))
                .await;
            let said = tried.expect_err("counted on an old snapshot").to_string();
            worker.batch_execute("rollback").await.expect("roll back");
            let code = said.contains("db error");
            assert!(code, "{said}");
        }
    }
}

#[tokio::test]
async fn r_cap_1_the_tiers_caps_are_the_same_in_policy_and_in_the_database() {
    let ground = Ground::of(1).await;
    let sql = "select tier, action, day, week from relink.send_caps order by tier, action";
    let rows = ground.owner.query(sql, &[]).await.expect("read the caps");
    let of_database: Vec<(String, String, i32, i32)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3)))
        .collect();
    let of = |tier: Tier, action: Action| {
        let caps = defaults(tier, action);
        let number = |cap: u32| i32::try_from(cap).expect("small");
        (
            tier.as_str().to_owned(),
            action.as_str().to_owned(),
            number(caps.day),
            number(caps.week),
        )
    };
    let both = Tier::ALL
        .into_iter()
        .flat_map(|tier| Action::ALL.map(|action| of(tier, action)));
    let mut of_policy: Vec<(String, String, i32, i32)> = both.collect();
    of_policy.sort();
    assert_eq!(of_database, of_policy);
    assert_eq!(of_policy.len(), 14);
}

#[tokio::test]
async fn r_cap_1_own_caps_only_lower_unless_an_operator_lifts_them_with_a_note() {
    let ground = Ground::of(1).await;
    let (account, store) = (ground.accounts[0], ground.worker());
    let set = |day: i32, by: &'static str, note: &'static str| {
        format!(
            "insert into relink.send_limits values ('{account}', 'invite', {day}, null, {by}, '{note}')
             on conflict (account_id, action) do update set day = excluded.day, lifted_by = excluded.lifted_by, note = excluded.note"
        )
    };
    let mut won = vec![];
    for (number, (day, by, note)) in [
        (5, "null", ""),
        (200, "null", ""),
        (200, "'Olga'", "asked by the owner"),
    ]
    .into_iter()
    .enumerate()
    {
        ground
            .clock(i64::try_from(number).expect("small") * 700_000)
            .await;
        ground
            .owner
            .batch_execute(&set(day, by, note))
            .await
            .expect("set the cap");
        let sends = ground.planned(account, "invite", 120).await;
        let asks: Vec<Ask> = sends.iter().map(|send| ask(account, *send)).collect();
        let verdicts = reserve(&store, &asks).await.expect("reserve");
        won.push(
            verdicts
                .values()
                .filter(|one| **one == Verdict::Reserved)
                .count(),
        );
    }
    assert_eq!(
        won,
        [5, 30, 100],
        "lower; not higher by itself; the day's lifted and the week's cap in force"
    );
    let unsaid = ground.owner.batch_execute(&set(200, "'Olga'", "")).await;
    assert!(unsaid.is_err(), "a lift without a note");
    let by_worker = ground.database.client("relink_worker").await;
    assert!(
        by_worker
            .batch_execute(&set(200, "'me'", "mine"))
            .await
            .is_err(),
        "a worker lifts nothing"
    );
}

#[tokio::test]
async fn r_cap_3_the_database_refuses_what_comes_too_soon_and_a_second_call_at_once() {
    let ground = Ground::of(1).await;
    let (account, store) = (ground.accounts[0], ground.worker());
    let sends = ground.planned(account, "invite", 3).await;
    let spaced = |send| Ask {
        gap: Duration::from_mins(2),
        ..ask(account, send)
    };
    let verdicts = reserve(&store, &[spaced(sends[0]), spaced(sends[1])])
        .await
        .expect("reserve");
    assert_eq!(verdicts[&sends[0]], Verdict::Reserved);
    assert_eq!(verdicts[&sends[1]], Verdict::Refused("spacing".to_owned()));
    let tx = store.begin().await.expect("begin");
    tx.start_send(account, sends[0])
        .await
        .expect("ask")
        .won()
        .expect("it starts");
    tx.finish().await.expect("commit");
    ground.clock(130).await;
    let verdicts = reserve(&store, &[spaced(sends[1])]).await.expect("reserve");
    assert_eq!(verdicts[&sends[1]], Verdict::Refused("busy".to_owned()));
    let under = format!(
        "update relink.sends set state = 'sending' where id = '{}'",
        sends[1].0
    );
    ground.owner.batch_execute(&format!("update relink.sends set state = 'reserved', counted_at = relink.clock() where id = '{}'", sends[1].0)).await.expect("as its owner");
    let said = ground
        .owner
        .batch_execute(&under)
        .await
        .expect_err("two calls of one account");
    assert!(
        said.as_db_error()
            .is_some_and(|it| it.constraint() == Some("sends_under_way")),
        "{said:?}"
    );
}
