//! Two at a time, statement by statement: who waits for whom, and who passes by.

use super::scene::Scene;
use futures_util::join;
use policy::campaigns::Heal;
use policy::decision::Decision;
use policy::ids::{CampaignId, PauseId};
use policy::schedule::{SHARDS, ShardRange};
use policy::sends::Action;
use policy::sends::decided::Closed;
use tests::sends::BY;
use uuid::Uuid;

const ALL: ShardRange = ShardRange {
    first: 0,
    last: SHARDS - 1,
};

/// A claim holds off pauses and then asks for accounts; the end of a workspace pauses its work and holds its accounts.
#[tokio::test]
async fn r_job_3_the_end_of_a_workspace_waits_for_claims_before_it_locks_accounts() {
    let scene = Scene::plant().await;
    let claim = scene.database.client("relink_worker").await;
    let begun = "begin; select pg_advisory_xact_lock_shared(7265, 1)";
    claim.batch_execute(begun).await.expect("begin a claim");
    let end = async {
        let tx = scene.operator.begin().await.expect("begin");
        let ended = tx.end_workspace(&scene.act(), scene.workspace).await;
        ended.expect("end the workspace");
        tx.finish().await.expect("commit");
    };
    let goes_on = async {
        scene.waiting().await;
        let accounts = "select id from relink.accounts order by id for no key update; commit";
        claim.batch_execute(accounts).await.expect("lock them all");
    };
    join!(end, goes_on);
}

/// R-HEAL-1: a loss has the campaign, and asserts its pause again while a heal waits.
#[tokio::test]
async fn r_heal_1_a_heal_that_meets_a_new_loss_waits_and_lifts_nothing() {
    let scene = Scene::plant().await;
    let loss = scene.database.client("relink_worker").await;
    let pause = "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by)
                 select gen_random_uuid(), id, 'account_disconnected', relink.clock(), 'worker:test' from relink.campaigns
                 returning id, campaign_id";
    let pauses = scene.owner.query(pause, &[]).await.expect("pause them all");
    let heals = pauses.iter().map(|row| Heal {
        pause: PauseId(row.get(0)),
        version: 1,
        campaign: CampaignId(row.get(1)),
        stuck: None,
    });
    let mut decision = Decision::nothing(scene.worker.now().await.expect("the clock").at);
    decision.campaigns.heals = heals.collect();
    let locked = "begin; select id from relink.campaigns order by id for no key update";
    loss.batch_execute(locked)
        .await
        .expect("lock the campaigns");
    let heal = async {
        let tx = scene.worker.begin().await.expect("begin");
        let applied = tx.apply(&decision, &BY).await.expect("heal");
        tx.finish().await.expect("commit");
        applied.changed
    };
    let again = async {
        scene.waiting().await;
        let asserted = "update relink.campaign_pauses set version = version + 1; commit";
        loss.batch_execute(asserted)
            .await
            .expect("assert them again");
    };
    let (healed, ()) = join!(heal, again);
    assert_eq!(healed, 0, "each pause was asserted since");
}

/// R-JOB-3: sweeps pass by an account that somebody else holds, and do the rest.
#[tokio::test]
async fn r_job_3_sweeps_pass_by_accounts_that_somebody_holds_and_come_again() {
    let scene = Scene::plant().await;
    let held = scene.accounts[0];
    let sql = "insert into relink.account_holds (account_id, reason, since, ends_at)
               select id, 'protective', t, t from relink.accounts cross join relink.clock() t;
               insert into relink.account_holds (account_id, reason, since)
               select id, 'subscription', relink.clock() from relink.accounts";
    scene.owner.batch_execute(sql).await.expect("hold them all");
    let other = scene.database.client("relink_worker").await;
    let lock =
        format!("begin; select id from relink.accounts where id = '{held}' for no key update");
    other.batch_execute(&lock).await.expect("hold one");

    let sweeps = async || {
        let tx = scene.worker.begin().await.expect("begin");
        let closed = scene.accounts.iter().map(|account| Closed {
            account: *account,
            action: Action::Invite,
            until: tx.now().at + jiff::SignedDuration::from_hours(1),
            rule: "daily_cap",
        });
        tx.release(ALL).await.expect("release");
        tx.undo_renewed(ALL, &BY).await.expect("undo");
        let shards: Vec<i16> = (0..256).collect();
        tx.mark_overdue(&shards, 1_000).await.expect("mark");
        let closed: Vec<Closed> = closed.collect();
        tx.close_actions(&closed).await.expect("close");
        tx.finish().await.expect("commit");
    };
    sweeps().await;
    let protective = "select account_id from relink.account_holds where ended_at is null and reason = 'protective'";
    let subscription = "select account_id from relink.account_holds where ended_at is null and reason = 'subscription'";
    let unmarked = "select distinct account_id from relink.enrollments where overdue_since is null and step > 1";
    let open = "select id from relink.accounts a where not exists (select from relink.send_closed c where c.account_id = a.id)";
    for rows in [protective, subscription, unmarked, open] {
        assert_eq!(scene.ids(rows).await, [held.0], "{rows}");
    }
    other.batch_execute("commit").await.expect("let it go");
    sweeps().await;
    for rows in [protective, subscription, unmarked, open] {
        assert_eq!(scene.ids(rows).await, Vec::<Uuid>::new(), "{rows}");
    }
}
