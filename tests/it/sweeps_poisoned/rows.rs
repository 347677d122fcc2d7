//! Poisoned rows of the sweeps over our own rows.

use super::poison::Refusal;
use super::scene::{Scene, WELL, mine};
use crate::duties::into;
use jiff::SignedDuration;
use policy::jobs::{DUPLICATES_WATCH, SUBSCRIPTIONS_GRACE, Tick, TickShards};
use policy::schedule::{SHARDS, ShardRange};
use serde_json::json;
use simulator::control::Health;

/// `attempts.end`, at the first ticks: an account that cannot be taken back, and an attempt that cannot be closed.
pub(super) async fn ended(it: &mut Scene) {
    let [wanda, wes] = it.waiting;
    it.sql(
        "update relink.link_attempts
            set link_ends_at = relink.clock() - interval '10 minutes', ends_at = relink.clock() - interval '1 minute'",
    )
    .await;
    let poisons = [
        it.poison(
            "account_audit",
            &mine("account_id", wes),
            Refusal::Raise("55000"),
        )
        .await,
        it.poison(
            "link_attempts",
            &mine("account_id", wes),
            Refusal::AtCommit("P0001"),
        )
        .await,
    ];
    it.work().await;
    let open =
        "select count(*) from relink.link_attempts where account_id = $1 and closed_at is null";
    assert_ne!(it.run.status(wanda).await, "connecting");
    assert_eq!(it.count(open, wanda).await, 0);
    assert_eq!(it.run.status(wes).await, "connecting");
    assert_eq!(it.count(open, wes).await, 1);
    for poison in poisons {
        it.heal(poison).await;
    }
    it.run.beat().await;
    assert_ne!(it.run.status(wes).await, "connecting");
    assert_eq!(it.count(open, wes).await, 0);
}

/// `campaigns.heal` and `campaigns.resume`: the pause of her campaign cannot be lifted.
pub(super) async fn healed(it: &mut Scene) {
    it.forget_heals().await;
    let of = format!(
        "new.campaign_id = '{}' and new.lifted_at is not null",
        it.campaigns[1]
    );
    let poison = it
        .poison("campaign_pauses", &of, Refusal::Raise("P0001"))
        .await;
    it.both(into(Health::Ok)).await;
    it.run.beat().await;
    assert_eq!(it.statuses().await, [WELL, WELL]);
    assert_eq!(it.run.pauses(it.campaigns[0]).await, [] as [&str; 0]);
    assert_eq!(
        it.run.pauses(it.campaigns[1]).await,
        ["account_disconnected"]
    );
    it.heal(poison).await;
    it.run.beat().await;
    assert_eq!(it.run.pauses(it.campaigns[1]).await, [] as [&str; 0]);
}

/// Jobs that a decision asks for: hers is refused, and asked for again by `holds.release` once it can be taken.
pub(super) async fn restarted(it: &mut Scene) {
    let poison = it
        .poison("jobs", &mine("account_id", it.eve), Refusal::Raise("P0001"))
        .await;
    let restarts =
        "select count(*) from relink.jobs where kind = 'sessions.recover' and account_id = $1";
    it.both(into(Health::Stopped)).await;
    assert_eq!(it.statuses().await, ["recovering", "recovering"]);
    assert!(it.count(restarts, it.ada).await > 0);
    assert_eq!(it.count(restarts, it.eve).await, 0);
    it.heal(poison).await;
    for _ in 0..12 {
        if it.count(restarts, it.eve).await == 0 {
            it.run.later(SignedDuration::from_mins(1)).await;
        }
    }
    assert!(it.count(restarts, it.eve).await > 0, "asked for again");
    it.both(into(Health::Ok)).await;
    it.run.beat().await;
    assert_eq!(it.statuses().await, [WELL, WELL]);
}

/// `holds.release` and `subscriptions.grace`, and the scheduler's own look at its duties.
pub(super) async fn released(it: &mut Scene) {
    let planted = "insert into relink.account_holds (account_id, reason, since, ends_at, note)
                select id, 'protective', relink.clock(), relink.clock() - interval '1 second', 'a test'
                  from relink.accounts where id = any (array";
    it.sql(&format!("{planted}['{}', '{}']::uuid[])", it.ada, it.eve))
        .await;
    let poisons = [
        it.poison(
            "account_holds",
            &mine("account_id", it.eve),
            Refusal::AtCommit("P0001"),
        )
        .await,
        it.poison(
            "duties",
            "new.duty = 'campaigns.heal'",
            Refusal::Raise("P0001"),
        )
        .await,
    ];
    let seen = "select count(*) from relink.duties
                 where duty = any (array['campaigns.heal', 'guards.watch']) and conclusive_at > relink.clock() - interval '15 minutes'
                   and $1::uuid is not null";
    it.run.later(SignedDuration::from_mins(30)).await;
    let held =
        "select count(*) from relink.account_holds where account_id = $1 and ended_at is null";
    assert_eq!(it.count(held, it.ada).await, 0);
    assert_eq!(it.count(held, it.eve).await, 1);
    assert_eq!(it.count(seen, it.ada).await, 1, "the other duty");
    let shards = ShardRange {
        first: 0,
        last: SHARDS - 1,
    };
    let slot = it.run.store.now().await.expect("the clock").at;
    it.sql(
        "insert into relink.subscriptions (workspace_id, ended_at) select id, relink.clock() from relink.workspaces",
    )
    .await;
    it.ask(SUBSCRIPTIONS_GRACE, json!(TickShards { slot, shards }))
        .await;
    assert_eq!(it.count(held, it.ada).await, 1, "the subscription's");
    assert_eq!(it.count(held, it.eve).await, 1, "still the old one");
    for poison in poisons {
        it.heal(poison).await;
    }
    it.sql("update relink.subscriptions set ended_at = null, renewed_at = relink.clock()")
        .await;
    it.ask(SUBSCRIPTIONS_GRACE, json!(TickShards { slot, shards }))
        .await;
    it.run.beat().await;
    assert_eq!(it.count(held, it.ada).await, 0);
    assert_eq!(it.count(held, it.eve).await, 0);
}

/// `sends.settle`: looks that were lost, of which one cannot be noted, and sends without a job, of which one cannot be taken
/// back.
pub(super) async fn looked_for(it: &mut Scene) {
    let plant = format!(
        "alter table relink.sends disable trigger step_send;
         insert into relink.sends (account_id, id, workspace_id, action, target, body, due_at, planned_at, slot_at, state,
                                   counted_at, sending_at, was_unknown, look_at)
         select id, gen_random_uuid(), workspace_id, 'invite', 'p-' || id, 'Hello', relink.clock(), relink.clock(), relink.clock(),
                'unknown', relink.clock(), relink.clock(), true, relink.clock()
           from relink.accounts where id = any (array['{}', '{}']::uuid[]);
         insert into relink.sends (account_id, id, workspace_id, action, target, body, due_at, planned_at, slot_at)
         select id, gen_random_uuid(), workspace_id, 'message', 'q-' || id, 'Hello', at, at, at
           from relink.accounts, (select relink.clock() - interval '1 hour' as at) as long_ago
          where id = any (array['{}', '{}']::uuid[]);
         insert into relink.jobs (id, queue, kind, version, cause, workspace_id, account_id, payload, state, run_at, finished_at)
         select gen_random_uuid(), 'sends', 'sends.resolve', 1, 'sends.resolve:' || id || '#0', workspace_id, account_id, '{{}}',
                'done', relink.clock(), relink.clock()
           from relink.sends where state = 'unknown';
         alter table relink.sends enable always trigger step_send",
        it.ada, it.eve, it.ada, it.eve
    );
    it.sql(&plant).await;
    let poison = it
        .poison("sends", &mine("account_id", it.eve), Refusal::Check)
        .await;
    let looks = "select max(looks)::bigint from relink.sends where account_id = $1";
    it.run.beat().await;
    assert!(it.count(looks, it.ada).await >= 1);
    assert_eq!(it.count(looks, it.eve).await, 0);
    let open = "select count(*) from relink.sends where account_id = $1 and state = 'planned'";
    assert_eq!(it.count(open, it.ada).await, 0);
    assert_eq!(it.count(open, it.eve).await, 1);
    it.heal(poison).await;
    it.run.beat().await;
    assert!(it.count(looks, it.eve).await >= 1);
    assert_eq!(it.count(open, it.eve).await, 0);
}

/// Rows that this build cannot read, of an instant before all time: in `orphans.watch`, `duplicates.watch` and the census.
pub(super) async fn unreadable(it: &mut Scene) {
    it.both(into(Health::Credentials)).await;
    it.sql(&format!(
        "update relink.accounts set status_since = '-infinity' where id = '{eve}';
         insert into relink.link_attempts (account_id, id, started_at, ends_at)
         select id, gen_random_uuid(), relink.clock(), relink.clock() + interval '5 hours'
           from relink.accounts where id = any (array['{ada}', '{eve}']::uuid[]);
         update relink.sessions_seen set first_seen = '-infinity' where session_id = 's-eve'",
        ada = it.ada,
        eve = it.eve
    ))
    .await;
    it.run.later(SignedDuration::from_mins(60)).await;
    let slot = it.run.store.now().await.expect("the clock").at;
    it.ask(DUPLICATES_WATCH, json!(Tick { slot })).await;
    it.sql("update relink.duties set conclusive_at = '-infinity' where duty = 'duplicates.watch'")
        .await;
    let census = it.run.store.census(None).await.expect("a census");
    assert!(!census.duties.is_empty(), "the other duties");
    for subject in [
        format!("orphans.watch account {}", it.eve),
        "duplicates.watch session s-eve".to_owned(),
        "duties duplicates.watch".to_owned(),
    ] {
        assert!(it.told(&subject).await > 0, "{subject}");
    }
    let people = "select count(*) from relink.admin_alerts where code = 'duplicate_sessions' and $1::uuid is not null";
    assert_eq!(it.count(people, it.ada).await, 1, "the others are told of");
    it.sql(&format!(
        "update relink.accounts set status_since = relink.clock() where id = '{}';
         update relink.sessions_seen set first_seen = slot where session_id = 's-eve';
         update relink.duties set conclusive_at = relink.clock() where duty = 'duplicates.watch'",
        it.eve
    ))
    .await;
    it.both(into(Health::Ok)).await;
    it.run.beat().await;
    assert_eq!(it.statuses().await, [WELL, WELL]);
}
