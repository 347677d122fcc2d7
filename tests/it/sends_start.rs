//! R-CAP-3: what forbids a send after it was reserved forbids its call, and pauses begin where calls end.

use jiff::{SignedDuration, Timestamp};
use policy::decision::Decision;
use policy::ids::{AccountId, SendId};
use policy::sends::SendState;
use policy::sends::decided::{NextStep, SendChanges, Settlement};
use policy::sends::lateness::{RESERVATION_LIFE, SLACK};
use std::time::Duration;
use store::sends::{Ask, Start, Verdict};
use tests::clock;
use tests::sends::{BY, Ground, ask, reserve};
use uuid::Uuid;

/// What is forbidden within the minute that a reservation is kept for, with the word that the start says, and a new
/// reservation; what is inherited has no version, and is decided on anew. For the last, time passes its window's end.
const FORBIDS: [(&str, &str, &str); 13] = [
    (
        "hold",
        "hold",
        "insert into relink.account_holds (account_id, reason, since, note)
         values ($1, 'operator', relink.clock(), 'a test')",
    ),
    (
        "hold",
        "hold",
        "insert into relink.account_holds (account_id, reason, since, ends_at, note)
         values ($1, 'protective', relink.clock(), relink.clock() + interval '6 h', 'a test')",
    ),
    (
        "cooldown",
        "cooldown",
        "insert into relink.send_cooldowns (account_id, action, until, code, streak)
         values ($1, 'invite', relink.clock() + interval '1 h', 'limit_exceeded', 1)",
    ),
    (
        "cooldown",
        "cooldown",
        "insert into relink.send_cooldowns (account_id, action, until, code, streak)
         values ($1, 'invite_note', relink.clock() + interval '1 h', 'cannot_resend_yet', 1)",
    ),
    (
        "campaign",
        "campaign",
        "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by)
         values (gen_random_uuid(), $1, 'failure_rate', relink.clock(), 'a test')",
    ),
    (
        "campaign",
        "campaign",
        "update relink.campaigns set active = false where id = $1",
    ),
    (
        "enrollment",
        "enrollment",
        "update relink.enrollments set state = 'stopped', stopped_at = relink.clock(), stopped_why = 'a test' where id = $1",
    ),
    (
        "rules",
        "rules",
        "insert into relink.send_rules (account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step)
         values ($1, 'UTC', 0, 1440, 127, 10, 5)",
    ),
    (
        "rules",
        "reserved",
        "update relink.workspaces w set days = 127 from relink.accounts a where a.id = $1 and w.id = a.workspace_id",
    ),
    (
        "rules",
        "reserved",
        "update relink.accounts set zone = 'Asia/Tokyo' where id = $1",
    ),
    (
        "daily_cap",
        "daily_cap",
        "insert into relink.send_limits (account_id, action, day) values ($1, 'invite', 0)",
    ),
    (
        "weekly_cap",
        "weekly_cap",
        "insert into relink.send_limits (account_id, action, week) values ($1, 'invite', 0)",
    ),
    (
        "window",
        "window",
        "select setval('relink.test_ahead_us', 31000000) where $1::uuid is not null",
    ),
];

/// A planned invitation with a note, of an enrollment of a campaign; both are called as the account is.
async fn enrolled(ground: &Ground, account: AccountId) -> SendId {
    let (send, id) = (SendId(Uuid::now_v7()), account.0);
    let sql = format!(
        "insert into relink.campaigns (id, workspace_id, name, failures_from, created_at)
         select id, workspace_id, 'A test', relink.clock(), relink.clock() from relink.accounts where id = '{id}';
         insert into relink.campaign_steps (campaign_id, step, action, body) values ('{id}', 1, 'invite', 'Hello');
         insert into relink.prospects (id, workspace_id, name, handle)
         select id, workspace_id, 'Ada', 'ada-' || id from relink.accounts where id = '{id}';
         insert into relink.enrollments (id, campaign_id, prospect_id, account_id, created_at, target)
         values ('{id}', '{id}', '{id}', '{id}', relink.clock(), 'ada-{id}');
         insert into relink.sends (account_id, id, workspace_id, campaign_id, enrollment_id, step, step_key, action, target,
                                   body, due_at, planned_at, slot_at)
         select e.account_id, '{send}', c.workspace_id, c.id, e.id, e.step, e.step_key, e.action, e.target, 'Hello',
                relink.clock(), relink.clock(), relink.clock()
           from relink.enrollments e join relink.campaigns c on c.id = e.campaign_id where e.id = '{id}'",
        send = send.0
    );
    ground.owner.batch_execute(&sql).await.expect("plan a send");
    send
}

async fn reserves(ground: &Ground, asked: Ask) -> Verdict {
    let verdicts = reserve(&ground.worker(), &[asked]).await.expect("reserve");
    verdicts[&asked.send].clone()
}

async fn starts(ground: &Ground, account: AccountId, send: SendId) -> Start {
    let tx = ground.worker().begin().await.expect("begin");
    let start = tx.start_send(account, send).await.expect("ask");
    tx.finish().await.expect("commit");
    start
}

async fn number(ground: &Ground, sql: &str, send: SendId) -> i64 {
    let row = ground.owner.query_one(sql, &[&send.0]).await.expect(sql);
    row.get(0)
}

#[tokio::test]
async fn r_cap_3_what_forbids_a_reserved_send_forbids_its_call() {
    let ground = Ground::of(FORBIDS.len() + 1).await;
    clock::lay(&ground.owner).await;
    for (account, (word, again, sql)) in ground.accounts.iter().copied().zip(FORBIDS) {
        let send = enrolled(&ground, account).await;
        let now: Timestamp = clock::step(&ground.owner, 0).await;
        let asked = Ask {
            closes_at: now.checked_add(SignedDuration::from_secs(30)).ok(),
            ..ask(account, send)
        };
        assert_eq!(reserves(&ground, asked).await, Verdict::Reserved, "{sql}");
        ground.owner.execute(sql, &[&account.0]).await.expect(sql);
        let start = starts(&ground, account, send).await;
        assert!(
            matches!(&start, Start::Refused(why) if why == word),
            "{sql}: {start:?}"
        );
        // The job asks for its reservation again, and is told the same, young as it is; so it is taken back.
        let expected = match again {
            "reserved" => Verdict::Reserved,
            again => Verdict::Refused(again.to_owned()),
        };
        assert_eq!(reserves(&ground, asked).await, expected, "{sql}");
    }
    // What nothing forbids is kept, and starts; also where no window is known.
    let account = ground.accounts[FORBIDS.len()];
    let send = enrolled(&ground, account).await;
    for _ in 0..2 {
        assert_eq!(
            reserves(&ground, ask(account, send)).await,
            Verdict::Reserved
        );
    }
    assert!(starts(&ground, account, send).await.won().is_some());
}

async fn settles(ground: &Ground, account: AccountId, send: SendId, to: (SendState, SendState)) {
    let tx = ground.worker().begin().await.expect("begin");
    let at = tx.now().at;
    let settlement = Settlement {
        look_at: (to.1 == SendState::Unknown).then_some(at),
        ..Settlement::plain((account, send), to, "x", NextStep::Keep)
    };
    let sends = SendChanges {
        settlements: vec![settlement],
        ..SendChanges::default()
    };
    let decision = Decision {
        sends,
        ..Decision::nothing(at)
    };
    tx.apply(&decision, &BY).await.expect("settle");
    tx.finish().await.expect("commit");
}

fn after_pause(account: AccountId, send: SendId, seconds: u64) -> Ask {
    Ask {
        gap: Duration::from_secs(seconds),
        ..ask(account, send)
    }
}

/// When the account last did something, as planning and the rules are told.
async fn last_at(ground: &Ground, account: AccountId) -> Timestamp {
    let tx = ground.worker().begin().await.expect("begin");
    let known = tx.senders(&[account.0]).await.expect("read");
    known[0].sender.last.expect("a newest send").at
}

#[tokio::test]
async fn r_cap_3_pauses_are_counted_from_the_end_of_a_call() {
    let ground = Ground::of(1).await;
    let account = ground.accounts[0];
    let sends = ground.planned(account, "message", 3).await;
    clock::lay(&ground.owner).await;
    let spacing = Verdict::Refused("spacing".to_owned());
    let step = async |seconds: i64| clock::step(&ground.owner, seconds).await;
    let from = step(0).await;
    assert_eq!(
        reserves(&ground, after_pause(account, sends[0], 45)).await,
        Verdict::Reserved
    );
    starts(&ground, account, sends[0]).await.won().expect("it");
    // A call of 20 s, of which nobody knows how it ended until much later.
    step(20).await;
    let unknown = (SendState::Sending, SendState::Unknown);
    settles(&ground, account, sends[0], unknown).await;
    let ended = last_at(&ground, account).await;
    assert!(from + SignedDuration::from_secs(20) <= ended);
    let from = step(50).await;
    let second = after_pause(account, sends[1], 45);
    assert_eq!(
        reserves(&ground, second).await,
        spacing,
        "30 s after its end"
    );
    settles(
        &ground,
        account,
        sends[0],
        (SendState::Unknown, SendState::Sent),
    )
    .await;
    assert_eq!(last_at(&ground, account).await, ended, "it ended then");
    step(66).await;
    assert_eq!(reserves(&ground, second).await, Verdict::Reserved);
    assert!(from < last_at(&ground, account).await, "still to come");

    // Another call ends between a reservation and its start.
    step(112).await;
    let third = after_pause(account, sends[2], 45);
    assert_eq!(reserves(&ground, third).await, Verdict::Reserved);
    starts(&ground, account, sends[1]).await.won().expect("it");
    step(120).await;
    settles(
        &ground,
        account,
        sends[1],
        (SendState::Sending, SendState::Sent),
    )
    .await;
    let start = starts(&ground, account, sends[2]).await;
    assert!(
        matches!(&start, Start::Refused(why) if why == "spacing"),
        "{start:?}"
    );
    assert_eq!(
        reserves(&ground, third).await,
        spacing,
        "is not kept either"
    );
    step(175).await;
    assert_eq!(reserves(&ground, third).await, Verdict::Reserved, "anew");
    starts(&ground, account, sends[2]).await.won().expect("it");
    // Each intent has its outcome, or is under way (R-CAP-5).
    let open = "select count(*) filter (where i.event = 'intent') * 10 + count(*) filter (where i.code = 'lapsed')
                  from relink.send_audit i where i.send_id = $1";
    assert_eq!(number(&ground, open, sends[2]).await, 21);
}

#[tokio::test]
async fn r_cap_2_the_database_knows_the_same_lateness_as_the_rules() {
    let ground = Ground::of(1).await;
    let sql = "select extract(epoch from relink.reservation_life())::float8 / relink.clock_rate(),
                      extract(epoch from relink.send_slack())::float8 / relink.clock_rate()";
    let row = ground.owner.query_one(sql, &[]).await.expect("read");
    let secs = [row.get::<_, f64>(0), row.get(1)].map(Duration::from_secs_f64);
    assert_eq!(secs, [RESERVATION_LIFE, SLACK]);
}
