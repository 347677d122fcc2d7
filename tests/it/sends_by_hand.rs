//! R-CAP-10: what an account does by hand is subtracted from what it may send, and shown as such.

use jiff::SignedDuration;
use operations::why;
use policy::campaigns::OnSenderLoss;
use policy::ids::AccountId;
use simulator::control::HandInvitations;
use std::time::Duration;
use store::StoreError;
use tests::fleet_run::FleetRun;
use tests::sends::{Ground, ask, reserve};
use uuid::Uuid;

/// Between two invitations of an account there are 2 to 5 minutes.
const APART: SignedDuration = SignedDuration::from_mins(5);
/// What a free account may invite in a day.
const DAY_CAP: i64 = 15;

/// An account that is about to invite thirty people, and does not yet.
async fn inviting() -> (FleetRun, AccountId) {
    let mut ada = None;
    let run = FleetRun::start(|cast| {
        let account = cast.connected("ada");
        cast.campaign(OnSenderLoss::default(), &[account]);
        cast.fleet
            .campaigns
            .last_mut()
            .expect("planted")
            .enrollments = 30;
        ada = Some(account);
    })
    .await;
    let sql = "update relink.enrollments set step = 1;
               update relink.campaign_steps set body = null where action = 'invite'";
    run.owner.batch_execute(sql).await.expect("all at step 1");
    (run, ada.expect("planted"))
}

async fn by_hand(run: &FleetRun, count: u64) {
    let invitations = HandInvitations {
        session: "s-ada".to_owned(),
        count,
        ..HandInvitations::default()
    };
    run.provider.by_hand(&invitations).await;
}

async fn sent(run: &FleetRun) -> i64 {
    run.number(
        "select count(*) from relink.sends where state = 'sent'",
        &[],
    )
    .await
}

/// What is noted, by source: rows, and what they stand for.
async fn noted(run: &FleetRun) -> Vec<String> {
    let sql = "select source || ' ' || count(*) || ' of ' || sum(count) from relink.sends_by_hand group by source order by 1";
    run.words(sql, &[]).await
}

/// What `relink why` says of the account's invitations.
async fn why_invite(run: &FleetRun, account: AccountId) -> String {
    let view = run.store.reading(async |tx| {
        let view = why::account(tx, account, None).await.expect("the account");
        Ok::<_, StoreError>(serde_json::to_value(view).expect("JSON"))
    });
    let view = view.await.expect("a view");
    let actions = view["actions"].as_array().expect("actions");
    let invite = actions.iter().find(|one| one["action"] == "invite");
    let invite = invite.expect("invitations");
    format!(
        "{}; {} and {} by hand",
        invite["answer"].as_str().expect("an answer"),
        invite["day_by_hand"],
        invite["week_by_hand"]
    )
}

#[tokio::test]
async fn r_cap_10_invitations_by_hand_leave_less_of_the_day_and_are_noted_once() {
    let (mut run, ada) = inviting().await;
    by_hand(&run, 12).await;
    let open = "update relink.send_rules set days = 127";
    run.owner.batch_execute(open).await.expect("open");
    for _ in 0..14 {
        run.later(APART).await;
    }
    assert_eq!(noted(&run).await, ["listed 12 of 12"]);
    assert_eq!(sent(&run).await, DAY_CAP - 12, "of the day's cap");
    let said = why_invite(&run, ada).await;
    assert!(
        said.starts_with("no: invite daily cap 15/15, 12 of them by hand, next slot ")
            && said.ends_with("; 12 and 12 by hand"),
        "{said}"
    );
    println!("{said}");
    // The next day the list is read once more: nothing is noted twice, and what is new is.
    by_hand(&run, 2).await;
    run.later_within(SignedDuration::from_hours(24), Duration::from_mins(3))
        .await;
    for _ in 0..3 {
        run.later(APART).await;
    }
    assert_eq!(noted(&run).await, ["listed 14 of 14"]);
    let asked = run.provider.asked("GET /users/invite/sent", "s-ada").await;
    assert_eq!(asked, 2, "one look at the list a day");
    assert!(sent(&run).await > DAY_CAP - 12, "the day's cap is free");
    run.is_sound().await;
}

/// So many invitations of the account went out, the newest of them that long ago.
async fn went_out(ground: &Ground, account: AccountId, count: i32, hours_ago: f64) {
    let sql = "insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at,
                                         counted_at, sending_at, settled_at)
               select a.id, gen_random_uuid(), a.workspace_id, 'invite', 'person-' || gen_random_uuid(), 'sent', t.at, t.at, t.at, t.at, t.at, t.at
                 from generate_series(1, $2) as n, relink.accounts a,
                      lateral (select relink.clock() - make_interval(secs => $3::float8 * 3600 + n) as at) t
                where a.id = $1";
    ground
        .owner
        .execute(sql, &[&account.0, &count, &hours_ago])
        .await
        .expect("plant sends");
}

/// The newest invitation's answer says that so much of the provider's limit is used. What is noted by hand since.
async fn told(ground: &Ground, account: AccountId, usage: i16) -> i32 {
    let tell = "update relink.sends set usage = $2 where account_id = $1 and id = (
                    select id from relink.sends where account_id = $1 and state = 'sent' order by settled_at desc limit 1)";
    ground
        .owner
        .execute(tell, &[&account.0, &usage])
        .await
        .expect("tell the usage");
    noted_since(ground, account, "168 hours").await
}

async fn noted_since(ground: &Ground, account: AccountId, since: &str) -> i32 {
    let sql = "select relink.by_hand($1, 'invite', relink.clock() - $2::text::interval)";
    let row = ground.owner.query_one(sql, &[&account.0, &since]).await;
    row.expect("what is noted").get(0)
}

#[tokio::test]
async fn r_cap_10_a_usage_that_ours_do_not_explain_counts_as_by_hand() {
    // Premium: 30 a day, 100 a week. Ours of today and of the days before, the usage, and what it leaves unexplained.
    let cases = [
        ((3, 0), 89, 0),
        ((3, 0), 90, 24),
        ((3, 0), 95, 26),
        ((3, 0), 255, 27),
        // Ours explain the day's limit, or the week's.
        ((27, 0), 90, 0),
        ((29, 0), 95, 0),
        ((10, 80), 90, 0),
        ((10, 79), 90, 1),
        ((10, 70), 90, 10),
    ];
    let ground = Ground::of(cases.len() + 1).await;
    for (((today, before), usage, expected), account) in cases.into_iter().zip(&ground.accounts) {
        went_out(&ground, *account, today, 1.0).await;
        went_out(&ground, *account, before, 30.0).await;
        let found = told(&ground, *account, usage).await;
        assert_eq!(found, expected, "{today} today, {before} before, {usage} %");
        assert_eq!(told(&ground, *account, usage).await, found, "told again");
    }
    // An operator lifted the cap, so the provider's limit is taken for as much.
    let lifted = ground.accounts[cases.len()];
    ground.cap(lifted, "invite", 60, 200).await;
    went_out(&ground, lifted, 3, 1.0).await;
    assert_eq!(told(&ground, lifted, 90).await, 51);
    // What a list shows later is what the usage stood for, as far as it is older; each is noted once.
    let show_thirty = "select relink.note_by_hand(array_fill($1::uuid, array[30]), array_fill('invite'::text, array[30]),
                      (select array_agg('i' || n) from generate_series(1, 30) n),
                      (select array_agg(relink.clock() - interval '1 hour' * case when n <= 20 then 2 else 0 end) from generate_series(1, 30) n),
                      relink.clock())";
    for noted in [30_i64, 0] {
        let row = ground.owner.query_one(show_thirty, &[&lifted.0]).await;
        assert_eq!(row.expect("note").get::<_, i64>(0), noted);
        assert_eq!(noted_since(&ground, lifted, "168 hours").await, 51 + 10);
    }
    assert_eq!(noted_since(&ground, lifted, "90 minutes").await, 31 + 10);
    is_reserved_within(&ground).await;
}

/// The week's cap less what was done by hand is what a worker is given, though the database counts ours alone.
async fn is_reserved_within(ground: &Ground) {
    let account = ground.accounts[0];
    let mark = Uuid::now_v7().to_string();
    let sql = "insert into relink.sends_by_hand (account_id, action, source, mark, at, count, noted_at)
               values ($1, 'invite', 'listed', $2, relink.clock() - interval '30 hours', 95, relink.clock())";
    ground
        .owner
        .execute(sql, &[&account.0, &mark])
        .await
        .expect("note");
    let sends = ground.planned(account, "invite", 4).await;
    let store = ground.worker();
    let facts = store.reading(async |tx| {
        let senders = tx.senders(&[account.0]).await?;
        let sender = senders.into_iter().next().expect("the account").sender;
        let now = tx.now().at;
        let names: Vec<_> = sends.iter().map(|send| (account, *send)).collect();
        let facts = tx.send_facts(&names).await?;
        let allowance = policy::sends::slot::allowance_of_ours(&sender, &facts[0].facts, now);
        Ok::<_, StoreError>(allowance)
    });
    let allowance = facts.await.expect("facts");
    assert_eq!(
        allowance,
        3 + 2,
        "three of today, and two are left of the week"
    );
    let asks: Vec<_> = sends
        .iter()
        .map(|send| store::sends::Ask {
            allowance,
            ..ask(account, *send)
        })
        .collect();
    let verdicts = reserve(&store, &asks).await.expect("reserve");
    let reserved = verdicts
        .values()
        .filter(|it| **it == store::sends::Verdict::Reserved);
    assert_eq!(reserved.count(), 2);
}
