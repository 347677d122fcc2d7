//! Healing: what a flip asks for, what the sweep sets, and what is forgotten (R-CAM-2, R-HEAL-1, R-HEAL-2, R-HEAL-3).

use crate::duties::into;
use policy::account::{Cause, Flip, Status, StatusChanges};
use policy::campaigns::OnSenderLoss::{ContinueWithRemaining, PauseCampaign};
use policy::campaigns::{CampaignChanges, CampaignSenders, Heal, StuckLoop};
use policy::decision::Decision;
use policy::ids::{AccountId, CampaignId, PauseId, SendId};
use policy::schedule::ShardRange;
use serde_json::json;
use simulator::control::Health;
use tests::fleet_run::FleetRun;
use tests::sends::{BY, Ground};
use uuid::Uuid;

const ALL: ShardRange = ShardRange {
    first: 0,
    last: 255,
};

fn flip(
    account: AccountId,
    version: i64,
    (from, to): (Status, Status),
    at: jiff::Timestamp,
) -> Decision {
    let flip = Flip {
        account,
        version,
        from,
        to,
        cause: Cause::Verified,
        observed_at: at,
        evidence: json!({}),
        link: None,
        checkpoint: None,
    };
    Decision {
        status: StatusChanges {
            flips: vec![flip],
            ..StatusChanges::default()
        },
        ..Decision::nothing(at)
    }
}

async fn lose(ground: &Ground, account: AccountId, version: i64) {
    let tx = ground.worker().begin().await.expect("begin");
    let lost = (Status::Connected, Status::ReconnectNeeded);
    let decision = flip(account, version, lost, tx.now().at);
    tx.apply(&decision, &BY).await.expect("lose it");
    tx.finish().await.expect("commit");
}

async fn find(ground: &Ground, account: AccountId, version: i64) {
    let tx = ground.worker().begin().await.expect("begin");
    let back = (Status::ReconnectNeeded, Status::Connected);
    let decision = flip(account, version, back, tx.now().at);
    tx.apply(&decision, &BY).await.expect("find it");
    tx.finish().await.expect("commit");
}

async fn number(ground: &Ground, sql: &str) -> i64 {
    ground
        .owner
        .query_one(sql, &[])
        .await
        .expect("count")
        .get(0)
}

#[tokio::test]
async fn r_heal_1_the_flip_enqueues_the_heal_of_its_campaigns_or_rolls_it_back() {
    let ground = Ground::of(1).await;
    let account = ground.accounts[0];
    lose(&ground, account, 2).await;
    let asked = "select count(*) from relink.jobs where kind = 'campaigns.resume'";
    assert_eq!(number(&ground, asked).await, 0, "a loss heals nothing");
    let tx = ground.worker().begin().await.expect("begin");
    let back = (Status::ReconnectNeeded, Status::Connected);
    let decision = flip(account, 3, back, tx.now().at);
    let applied = tx.apply(&decision, &BY).await.expect("apply");
    assert_eq!(applied.jobs, 1);
    tx.abandon().await;
    assert_eq!(number(&ground, asked).await, 0, "rolled back with its flip");
    find(&ground, account, 3).await;
    assert_eq!(number(&ground, asked).await, 1);
    let due = "select count(*) from relink.jobs where kind = 'campaigns.resume' and state = 'waiting' and run_at <= relink.clock()";
    assert_eq!(number(&ground, due).await, 1, "at once");
}

#[tokio::test]
async fn r_heal_1_a_campaign_runs_again_in_the_beat_that_found_its_sender() {
    let (mut ada, mut hers) = (None, None);
    let mut run = FleetRun::start(|cast| {
        ada = Some(cast.connected("ada"));
        hers = Some(cast.campaign(PauseCampaign, &[ada.expect("ada")]));
    })
    .await;
    let hers = hers.expect("a campaign");
    run.provider
        .change("s-ada", into(Health::Credentials))
        .await;
    run.beat().await;
    assert_eq!(run.pauses(hers).await, ["account_disconnected"]);
    run.provider.change("s-ada", into(Health::Ok)).await;
    run.beat().await;
    assert_eq!(
        run.pauses(hers).await,
        [] as [&str; 0],
        "in the beat that found her"
    );
    let done =
        "select count(*) from relink.jobs where kind = 'campaigns.resume' and state = 'done'";
    assert_eq!(run.number(done, &[]).await, 1);
    run.is_sound().await;
}

#[tokio::test]
async fn r_cam_2_what_runs_against_its_policy_is_paused_by_the_next_sweep() {
    let (mut ada, mut ben) = (None, None);
    let mut campaigns = vec![];
    let mut run = FleetRun::start(|cast| {
        let (one, two) = (cast.connected("ada"), cast.connected("ben"));
        (ada, ben) = (Some(one), Some(two));
        // Sender added, campaign started, pause lifted by hand; and two that may run.
        for (policy, senders) in [
            (PauseCampaign, vec![two]),
            (PauseCampaign, vec![one, two]),
            (PauseCampaign, vec![one]),
            (ContinueWithRemaining, vec![one, two]),
            (PauseCampaign, vec![two]),
        ] {
            campaigns.push(cast.campaign(policy, &senders));
        }
    })
    .await;
    let ids: Vec<Uuid> = campaigns.iter().map(|it: &CampaignId| it.0).collect();
    let change = async |sql: &str, id: &Uuid| {
        run.owner.execute(sql, &[id]).await.expect("change it");
    };
    change(
        "update relink.campaigns set active = false where id = $1",
        &ids[1],
    )
    .await;
    run.provider
        .change("s-ada", into(Health::Credentials))
        .await;
    run.beat().await;
    let hand = "update relink.campaign_pauses set lifted_at = relink.clock(), lifted_by = 'somebody' where campaign_id = $1";
    let change = async |sql: &str, id: &Uuid| {
        run.owner.execute(sql, &[id]).await.expect("change it");
    };
    change(hand, &ids[1]).await;
    change(hand, &ids[2]).await;
    let add = format!(
        "insert into relink.campaign_senders (campaign_id, account_id) values ($1, '{}')",
        ada.expect("ada")
    );
    change(&add, &ids[0]).await;
    change(
        "update relink.campaigns set active = true where id = $1",
        &ids[1],
    )
    .await;
    for campaign in &campaigns[..3] {
        assert_eq!(run.pauses(*campaign).await, [] as [&str; 0]);
    }
    run.beat().await;
    for campaign in &campaigns[..3] {
        assert_eq!(run.pauses(*campaign).await, ["account_disconnected"]);
    }
    for campaign in &campaigns[3..] {
        assert_eq!(run.pauses(*campaign).await, [] as [&str; 0]);
    }
    run.provider.change("s-ada", into(Health::Ok)).await;
    run.beat().await;
    for campaign in &campaigns {
        assert_eq!(run.pauses(*campaign).await, [] as [&str; 0]);
    }
    run.is_sound().await;
}

/// A campaign of one sender with an open pause for it, as facts.
async fn paused_campaign(ground: &Ground) -> (CampaignId, PauseId) {
    let (campaign, pause) = (Uuid::now_v7(), Uuid::now_v7());
    let sql = format!(
        "insert into relink.campaigns (id, workspace_id, name, failures_from, created_at)
         select '{campaign}', workspace_id, 'One', '-infinity', relink.clock() from relink.accounts limit 1;
         insert into relink.campaign_senders (campaign_id, account_id) values ('{campaign}', '{}');
         insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by)
         values ('{pause}', '{campaign}', 'account_disconnected', relink.clock(), 'worker:test')",
        ground.accounts[0]
    );
    ground.owner.batch_execute(&sql).await.expect("plant it");
    (CampaignId(campaign), PauseId(pause))
}

async fn facts(ground: &Ground) -> CampaignSenders {
    let tx = ground.worker().begin().await.expect("begin");
    let found = tx.campaigns_to_heal(ALL).await.expect("read");
    tx.abandon().await;
    let [one] = found.as_slice() else {
        panic!("one campaign, not {found:?}")
    };
    one.clone()
}

#[tokio::test]
async fn r_heal_3_only_heals_of_the_system_count_and_a_person_starts_the_count_anew() {
    let ground = Ground::of(1).await;
    let (campaign, _) = paused_campaign(&ground).await;
    let lifted = async |reason: &str, by: &str, minutes_ago: i32| {
        let sql = "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, lifted_at, lifted_by)
                   select gen_random_uuid(), $1, $2, t, 'worker:test', t, $3
                     from (select relink.clock() - make_interval(mins => $4) as t) x";
        let row: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&campaign.0, &reason, &by, &minutes_ago];
        ground.owner.execute(sql, &row).await.expect("lift it");
    };
    lifted("account_disconnected", "kim", 50).await;
    lifted("account_disconnected", "worker:test", 61).await;
    assert_eq!(facts(&ground).await.heals_last_hour, 0);
    for minutes in [59, 40, 30] {
        lifted("account_disconnected", "worker:test", minutes).await;
    }
    assert_eq!(facts(&ground).await.heals_last_hour, 3);
    lifted("stuck_loop", "kim", 35).await;
    assert_eq!(
        facts(&ground).await.heals_last_hour,
        1,
        "since kim cleared it"
    );
}

#[tokio::test]
async fn r_heal_3_a_heal_that_is_refused_stops_no_loop() {
    let ground = Ground::of(1).await;
    let (campaign, pause) = paused_campaign(&ground).await;
    let apply = async |version: i32| {
        let tx = ground.worker().begin().await.expect("begin");
        let heal = Heal {
            pause,
            version,
            campaign,
            stuck: Some(StuckLoop {
                note: "again".to_owned(),
                detail: json!({}),
            }),
        };
        let decision = Decision {
            campaigns: CampaignChanges {
                heals: vec![heal],
                ..CampaignChanges::default()
            },
            ..Decision::nothing(tx.now().at)
        };
        let applied = tx.apply(&decision, &BY).await.expect("apply");
        tx.finish().await.expect("commit");
        applied.changed
    };
    let stuck = "select (select count(*) from relink.campaign_pauses where reason = 'stuck_loop')
                      + (select count(*) from relink.admin_alerts where code = 'stuck_loop')";
    assert_eq!(apply(7).await, 0, "it was asserted again meanwhile");
    assert_eq!(number(&ground, stuck).await, 0, "neither pause nor alert");
    assert_eq!(apply(1).await, 1);
    assert_eq!(number(&ground, stuck).await, 2, "both, with the heal");
}

/// Twelve failed calls and one on its way, of a campaign that never stopped, begun when `version` was the account's.
async fn failures(ground: &Ground, campaign: CampaignId) -> SendId {
    let account = ground.accounts[0];
    let sends = ground.planned(account, "message", 13).await;
    let ids: Vec<Uuid> = sends.iter().map(|it| it.0).collect();
    // Owners may write along the lines of a send's life.
    for (state, set) in [
        ("planned", "state = 'reserved', counted_at = relink.clock()"),
        ("reserved", "state = 'sending', sending_at = relink.clock()"),
    ] {
        for id in &ids {
            if state == "reserved" {
                let sql = format!("update relink.sends set {set} where id = '{id}'");
                ground.owner.batch_execute(&sql).await.expect("begin it");
                if *id != ids[12] {
                    let sql = format!(
                        "update relink.sends set state = 'failed', settled_at = relink.clock() where id = '{id}'"
                    );
                    ground.owner.batch_execute(&sql).await.expect("end it");
                }
            } else {
                let sql = format!(
                    "update relink.sends set {set}, campaign_id = '{campaign}' where id = '{id}'"
                );
                ground.owner.batch_execute(&sql).await.expect("reserve it");
            }
        }
    }
    sends[12]
}

#[tokio::test]
async fn r_heal_2_failures_of_before_the_loss_are_forgotten_also_where_nothing_was_paused() {
    let ground = Ground::of(2).await;
    let (campaign, _) = paused_campaign(&ground).await;
    let lifted = "update relink.campaign_pauses set lifted_at = relink.clock(), lifted_by = 'test'";
    ground.owner.batch_execute(lifted).await.expect("it runs");
    let account = ground.accounts[0];
    let last = failures(&ground, campaign).await;
    let recent = async |send: SendId| {
        let tx = ground.worker().begin().await.expect("begin");
        let facts = tx.settle_facts(account, send).await.expect("read");
        tx.abandon().await;
        let facts = facts.expect("a send");
        (facts.recent.len(), facts.campaign_recent.len())
    };
    assert_eq!(recent(last).await, (12, 12), "while it was never lost");
    lose(&ground, account, 2).await;
    find(&ground, account, 3).await;
    assert_eq!(recent(last).await, (0, 0), "itself called before the loss");
    let settled = "update relink.sends set state = 'failed', settled_at = relink.clock() where state = 'sending'";
    ground
        .owner
        .batch_execute(settled)
        .await
        .expect("late news");
    let after = failures(&ground, campaign).await;
    assert_eq!(recent(after).await, (12, 12), "only what came after counts");
}
