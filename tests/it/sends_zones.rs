//! R-CAP-2, scenario 43: zones and caps that are changed ten times a day in mid-window, against the database alone.
//! (That no window opens outside its local hours, in any zone, is `policy`'s own test.)

use jiff::{SignedDuration, Timestamp};
use policy::ids::{AccountId, SendId};
use std::time::Duration;
use store::Store;
use store::sends::{Ask, Verdict};
use tests::checker::{Broken, summary, violations};
use tests::life::{Life, Person, plus};
use tests::sends::BY;

const DAYS: i64 = 16;
const CHANGES_A_DAY: i64 = 10;
/// New York's clocks change within.
const BEGIN: &str = "2027-03-08T00:00:00Z";
const ZONES: [&str; 10] = [
    "Europe/Berlin",
    "Pacific/Kiritimati",
    "America/New_York",
    "Pacific/Niue",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Cairo",
    "Pacific/Chatham",
    "America/Sao_Paulo",
];
/// By turns; the highest is what no window may ever exceed.
const CAPS: [(i32, i32); 6] = [(9, 40), (3, 40), (12, 30), (12, 50), (1, 7), (7, 21)];
const ALWAYS: Person = Person {
    name: "ada",
    zone: "UTC",
    window: (0, 1440),
    days: 127,
    ramp: (1_000, 0),
    caps: &[("message", 9, 40), ("invite", 9, 40)],
    is_mailbox: false,
};

/// Asks for more than any cap allows; how many were got.
async fn ask(life: &Life, store: &Store, account: AccountId, action: &str) -> usize {
    let sends = life.planned(account, action, 4).await;
    let sql = "select version from relink.send_rules where account_id = $1";
    let version: i32 = life
        .owner
        .query_one(sql, &[&account.0])
        .await
        .expect("the rules")
        .get(0);
    let asks: Vec<Ask> = sends
        .iter()
        .map(|send| of(account, *send, version))
        .collect();
    let tx = store.begin().await.expect("begin");
    let verdicts = tx.reserve(&asks, &BY).await.expect("reserve");
    tx.finish().await.expect("commit");
    verdicts
        .values()
        .filter(|verdict| **verdict == Verdict::Reserved)
        .count()
}

fn of(account: AccountId, send: SendId, rules_version: i32) -> Ask {
    Ask {
        account,
        send,
        allowance: 1_000,
        gap: Duration::ZERO,
        rules_version,
        closes_at: None,
        job: None,
    }
}

#[tokio::test]
async fn r_cap_2_a_zone_and_caps_changed_ten_times_a_day_in_mid_window_free_nothing() {
    let begin: Timestamp = BEGIN.parse().expect("an instant");
    let mut life = Life::begin(begin, |provider| provider).await;
    let account = life.people(&[ALWAYS]).await[0];
    let store = life.worker();
    let (mut got, mut asked) = (0, 0);
    for change in 0..DAYS * CHANGES_A_DAY {
        let place = usize::try_from(change).expect("small");
        life.zone(account, ZONES[place % ZONES.len()]).await;
        let (day, week) = CAPS[place % CAPS.len()];
        life.cap(account, "message", day, week).await;
        life.step(plus(life.now, SignedDuration::from_mins(5)))
            .await;
        for action in ["message", "invite"] {
            got += ask(&life, &store, account, action).await;
            asked += 4;
        }
        let next = SignedDuration::from_secs(86_400 / CHANGES_A_DAY * (change + 1));
        life.step(plus(begin, next)).await;
    }
    let history = life.history().await;
    let mut found = violations(&history);
    // Everything is asked for at once here.
    found.retain(|one| one.of != Broken::Gap);
    println!(
        "{DAYS} days, {CHANGES_A_DAY} changes of zone and caps a day: asked {asked}, reserved {got}"
    );
    for (action, (rows, _)) in history.peaks() {
        println!(
            "{action}: 24 h {} of {}, 7 d {} of {}",
            rows.day.0, rows.day.1, rows.week.0, rows.week.1
        );
    }
    assert_eq!(found, [], "{}", summary(&found));
    // Its cap never changed: the zones alone freed nothing, and took nothing either.
    let invites = history.peaks()["invite"].0;
    assert_eq!((invites.day, invites.week), ((9, 9), (40, 40)));
    assert!(2 * 40 < got);
}
