//! Bugs of the reservation: raced for by 64 clients, or met by an unlucky hour.

use super::{Line, all_caught, alter};
use jiff::{SignedDuration, Timestamp};
use policy::ids::{AccountId, SendId};
use std::time::Duration;
use store::Store;
use store::sends::{Ask, Verdict};
use tests::checker::{Broken, Violation, violations};
use tests::life::{Life, Person, plus};
use tests::sends::BY;
use tests::size::is_full;
use tokio::task::JoinSet;

const CLIENTS: usize = 64;
/// A bug that 64 clients meet is met in each run; by name, three times.
fn runs() -> usize {
    if is_full() { 3 } else { 1 }
}

/// A worker is elsewhere for so long between its statement and its commit.
const COMMIT_S: f64 = 0.02;
const CAPPED: Person = Person {
    name: "ada",
    zone: "Europe/Berlin",
    window: (0, 1440),
    days: 127,
    ramp: (1_000, 0),
    caps: &[("message", 20, 60)],
    is_mailbox: false,
};
const LOCK: &str = "    perform a.id from relink.accounts a where a.id = any (p_accounts) order by a.id for no key update;\n";
const ASKED: &str = "with asked as (
        select * from unnest(p_accounts, p_sends, p_allowances, p_gaps_s, p_rules, p_jobs, p_closes) with ordinality
            as q";
const LOCKED_AND_ASKED: &str = "with locked as materialized (
        select a.id from relink.accounts a where a.id = any (p_accounts) order by a.id for no key update
    ), asked as (
        select q.* from (select count(*) from locked) k
         cross join unnest(p_accounts, p_sends, p_allowances, p_gaps_s, p_rules, p_jobs, p_closes) with ordinality
            as q";
const ISOLATION: &str = "if current_setting('transaction_isolation') <> 'read committed' then";

async fn begin(at: &str) -> (Life, AccountId) {
    let at: Timestamp = at.parse().expect("an instant");
    let mut life = Life::begin(at, |provider| provider).await;
    let account = life.people(&[CAPPED]).await[0];
    // The caps that were before are forgotten by then.
    life.step(plus(life.now, SignedDuration::from_mins(1)))
        .await;
    (life, account)
}

/// Gaps are not asked for here: everybody reserves at once.
async fn found(life: &Life) -> Vec<Violation> {
    let mut found = violations(&life.history().await);
    found.retain(|one| one.of != Broken::Gap);
    found
}

fn ask(account: AccountId, send: SendId) -> Ask {
    Ask {
        account,
        send,
        allowance: 1_000,
        gap: Duration::ZERO,
        rules_version: 1,
        closes_at: None,
        job: None,
    }
}

async fn reserve(store: &Store, account: AccountId, send: SendId) -> bool {
    let tx = store.begin().await.expect("begin");
    let verdicts = tx
        .reserve(&[ask(account, send)], &BY)
        .await
        .expect("reserve");
    tx.finish().await.expect("commit");
    verdicts[&send] == Verdict::Reserved
}

/// Every client asks for three sends at once with the others, on a connection of its own.
async fn race(life: &Life, account: AccountId, isolation: &'static str) {
    let sends = life.planned(account, "message", 3 * CLIENTS).await;
    let mut clients = JoinSet::new();
    for part in sends.chunks(3) {
        let (client, part) = (life.client("relink_worker").await, part.to_vec());
        clients.spawn(async move {
            for send in part {
                let account = account.0;
                let call = format!(
                    "begin isolation level {isolation};
                     select * from relink.reserve_sends(array['{account}']::uuid[], array['{send}']::uuid[], array[1000],
                                                        array[0::float8], array[1], 'worker:test', array[null]::uuid[]);
                     select pg_sleep({COMMIT_S});
                     commit"
                );
                client.batch_execute(&call).await.expect("reserve");
            }
        });
    }
    clients.join_all().await;
}

async fn raced(isolation: &'static str, changes: &[(&str, &str)]) -> Vec<Violation> {
    let (life, account) = begin("2027-03-10T09:00:00Z").await;
    if !changes.is_empty() {
        alter(&life, "reserve_sends", changes).await;
    }
    race(&life, account, isolation).await;
    found(&life).await
}

/// Of the same race, `without` the bug.
async fn of_race(
    bug: &'static str,
    isolation: &'static str,
    changes: &[(&str, &str)],
    without: &[Violation],
) -> Line {
    let mut found = vec![];
    for _ in 0..runs() {
        found.push(raced(isolation, changes).await);
    }
    Line::of(bug, Broken::CapInDatabase, &found, without)
}

/// Twenty before midnight of a Sunday and twenty after it.
async fn midnight(changes: &[(&str, &str)]) -> Vec<Violation> {
    let (mut life, account) = begin("2027-03-14T22:30:00Z").await;
    if !changes.is_empty() {
        alter(&life, "reserve_sends", changes).await;
    }
    let store = life.worker();
    for _ in 0..2 {
        for send in life.planned(account, "message", 25).await {
            reserve(&store, account, send).await;
        }
        life.step(plus(life.now, SignedDuration::from_hours(1)))
            .await;
    }
    found(&life).await
}

/// A call that comes 50 s after its reservation, and a second reservation a day after the first, called at once.
async fn late_call(is_planted: bool) -> Vec<Violation> {
    let (mut life, account) = begin("2027-03-10T09:00:00Z").await;
    life.cap(account, "message", 1, 60).await;
    if is_planted {
        life.sql("create or replace function relink.send_slack() returns interval language sql stable as $$ select interval '0' $$").await;
    }
    let (store, sends) = (life.worker(), life.planned(account, "message", 2).await);
    let provider = life.provider.unipile();
    let reserved_at = life.now;
    for (send, lateness) in sends.into_iter().zip([50, 1]) {
        if reserve(&store, account, send).await {
            life.step(plus(life.now, SignedDuration::from_secs(lateness)))
                .await;
            let tx = store.begin().await.expect("begin");
            let started = tx.start_send(account, send).await.expect("start");
            tx.finish().await.expect("commit");
            provider
                .send(started.won().expect("started"))
                .await
                .expect("send");
            settle(&life, account, send).await;
        }
        let day_later = plus(reserved_at, SignedDuration::from_secs(86_400 + 2));
        if life.now < day_later {
            life.step(day_later).await;
        }
    }
    found(&life).await
}

async fn settle(life: &Life, account: AccountId, send: SendId) {
    let sql = "select count(*) from relink.settle_sends(array[$1]::uuid[], array[$2]::uuid[], array['sending'], array['sent'],
                  array[false], array['sent'], array[null]::text[], array[''], array[null]::text[], array[null]::text[], array[null]::smallint[],
                  array[null]::timestamptz[], array['keep'], array[null]::timestamptz[], array[false], array[null]::text[],
                  relink.clock(), 'worker:test', null)";
    let settled: i64 = life
        .owner
        .query_one(sql, &[&account.0, &send.0])
        .await
        .expect("settle")
        .get(0);
    assert_eq!(settled, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r_cap_2_planted_bugs_of_the_reservation_are_named_by_the_checker() {
    let advisory = "    perform pg_advisory_xact_lock(hashtextextended(x::text, 0)) from unnest(p_accounts) x;\n";
    let day = (
        "o.counted_at > instant - interval '24 hours' - slack) as day",
        "o.counted_at >= date_trunc('day', instant, 'Europe/Berlin')) as day",
    );
    let week = (
        "and o.counted_at > instant - interval '168 hours' - slack and o.id",
        "and o.counted_at >= date_trunc('week', instant, 'Europe/Berlin') and o.id",
    );
    let without = raced("read committed", &[]).await;
    let lines = [
        of_race(
            "locks and counts in one statement (lock in a CTE)",
            "read committed",
            &[(LOCK, ""), (ASKED, LOCKED_AND_ASKED)],
            &without,
        )
        .await,
        of_race(
            "REPEATABLE READ and an advisory lock",
            "repeatable read",
            &[(ISOLATION, "if false then"), (LOCK, advisory)],
            &without,
        )
        .await,
        of_race(
            "counts without any lock",
            "read committed",
            &[(LOCK, "")],
            &without,
        )
        .await,
        Line::of(
            "calendar days and weeks instead of rolling windows",
            Broken::CapInDatabase,
            &[midnight(&[day, week]).await],
            &midnight(&[]).await,
        ),
        Line::of(
            "windows without slack, and a call that is late",
            Broken::CapAtReferee,
            &[late_call(true).await],
            &late_call(false).await,
        ),
    ];
    all_caught(&lines);
}
