//! Accounts lose and regain their sessions; campaigns pause and go on (R-CAM, R-HEAL).

use policy::account::{Cause, Flip, Status, StatusChanges};
use policy::campaigns::OnSenderLoss::{ContinueWithRemaining, PauseCampaign};
use policy::campaigns::{CampaignChanges, Heal};
use policy::decision::{Decision, OnMoved};
use policy::ids::{AccountId, CampaignId, PauseId};
use serde_json::json;
use simulator::control::{Change, Health};
use store::{Author, Store, StoreError};
use tests::fleet_run::FleetRun;

pub(crate) fn into(health: Health) -> Change {
    Change {
        health: Some(health),
        quiet: true,
        ..Change::default()
    }
}

#[tokio::test]
async fn r_cam_1_2_r_heal_1_2_r_lnk_6_a_lost_session_pauses_its_campaigns_and_its_return_heals_them_where_they_were()
 {
    let (mut ada, mut hers, mut others) = (None, None, None);
    let mut run = FleetRun::start(|cast| {
        let account = cast.connected("ada");
        let ben = cast.connected("ben");
        ada = Some(account);
        hers = Some(cast.campaign(PauseCampaign, &[account, ben]));
        others = Some(cast.campaign(PauseCampaign, &[ben]));
    })
    .await;
    let (ada, hers, others) = (
        ada.expect("ada"),
        hers.expect("hers"),
        others.expect("others"),
    );
    let steps = steps(&run).await;
    let failures_from = failures_from(&run, hers).await;

    run.provider
        .change("s-ada", into(Health::Credentials))
        .await;
    run.beat().await;
    assert_eq!(run.status(ada).await, "reconnect_needed");
    assert_eq!(run.pauses(hers).await, ["account_disconnected"]);
    assert_eq!(run.pauses(others).await, [] as [&str; 0]);
    assert_eq!(
        in_rotation(&run, ada).await,
        0,
        "she is out of the rotation"
    );
    assert_eq!(
        paused_with_its_flip(&run, ada, hers).await,
        1,
        "one transaction"
    );

    run.provider.change("s-ada", into(Health::Ok)).await;
    run.beat().await;
    assert_eq!(run.status(ada).await, "connected");
    assert_eq!(in_rotation(&run, ada).await, 1);
    run.beat().await;
    assert_eq!(run.pauses(hers).await, [] as [&str; 0]);
    assert_eq!(
        self::steps(&run).await,
        steps,
        "everybody goes on at the exact step"
    );
    assert!(
        failures_from < self::failures_from(&run, hers).await,
        "R-HEAL-2"
    );
    assert_eq!(
        run.causes(ada).await,
        ["imported", "imported", "credentials", "verified"]
    );
    run.is_sound().await;
}

#[tokio::test]
async fn r_cam_2_a_campaign_that_continues_with_the_rest_pauses_when_none_is_left() {
    let mut campaigns = vec![];
    let mut accounts = vec![];
    let mut run = FleetRun::start(|cast| {
        accounts = ["ada", "ben", "cleo", "dan"]
            .map(|name| cast.connected(name))
            .to_vec();
        campaigns.push(cast.campaign(ContinueWithRemaining, &accounts[..2]));
        campaigns.push(cast.campaign(ContinueWithRemaining, &accounts[2..]));
    })
    .await;
    run.provider
        .change("s-ada", into(Health::Credentials))
        .await;
    run.beat().await;
    assert_eq!(run.status(accounts[0]).await, "reconnect_needed");
    assert_eq!(
        run.pauses(campaigns[0]).await,
        [] as [&str; 0],
        "ben is left"
    );
    run.provider.change("s-ben", into(Health::Error)).await;
    for both in ["s-cleo", "s-dan"] {
        run.provider.change(both, into(Health::Permissions)).await;
    }
    run.beat().await;
    assert_eq!(run.status(accounts[1]).await, "recovering");
    assert_eq!(run.pauses(campaigns[0]).await, ["account_disconnected"]);
    assert_eq!(
        run.pauses(campaigns[1]).await,
        ["account_disconnected"],
        "both lost at once"
    );
    run.provider.change("s-ben", into(Health::Ok)).await;
    run.beat().await;
    run.beat().await;
    assert_eq!(
        run.pauses(campaigns[0]).await,
        [] as [&str; 0],
        "one is enough"
    );
    assert_eq!(run.pauses(campaigns[1]).await, ["account_disconnected"]);
    run.is_sound().await;
}

#[tokio::test]
async fn r_cam_2_two_senders_lost_by_two_transactions_at_once_pause_the_campaign() {
    let (mut ada, mut ben, mut campaign) = (None, None, None);
    let run = FleetRun::start(|cast| {
        ada = Some(cast.connected("ada"));
        ben = Some(cast.connected("ben"));
        campaign = Some(cast.campaign(
            ContinueWithRemaining,
            &[ada.expect("ada"), ben.expect("ben")],
        ));
    })
    .await;
    let (ada, ben) = (ada.expect("ada"), ben.expect("ben"));
    let first = run.store.begin().await.expect("begin");
    let loss = losing(&run.store, ada, 2).await;
    first.apply(&loss, &BY).await.expect("the first loss");
    let store = run.store.clone();
    let second = tokio::spawn(async move {
        let tx = store.begin().await.expect("begin");
        let loss = losing(&store, ben, 2).await;
        tx.apply(&loss, &BY).await.expect("the second loss");
        tx.finish().await
    });
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    tests::eventually::eventually(
        "the second waits for the first",
        std::time::Duration::from_secs(10),
        || async { (run.number(waits, &[]).await > 0).then_some(()) },
    )
    .await;
    first.finish().await.expect("commit the first");
    second.await.expect("no panic").expect("commit the second");
    assert_eq!(
        run.pauses(campaign.expect("a campaign")).await,
        ["account_disconnected"]
    );
    run.is_sound().await;
}

#[tokio::test]
async fn r_heal_1_3_manual_pauses_stay_and_a_loop_is_stopped_for_a_person() {
    let (mut ada, mut looping, mut by_hand) = (None, None, None);
    let mut run = FleetRun::start(|cast| {
        let account = cast.connected("ada");
        cast.connected("ben");
        ada = Some(account);
        looping = Some(cast.campaign(PauseCampaign, &[account]));
        by_hand = Some(cast.campaign(PauseCampaign, &[account]));
    })
    .await;
    let (looping, by_hand) = (looping.expect("a campaign"), by_hand.expect("a campaign"));
    run.owner
        .execute(
            "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
             values (gen_random_uuid(), $1, 'manual', relink.clock(), 'somebody', '')",
            &[&by_hand.0],
        )
        .await
        .expect("somebody pauses it");
    for round in 1..=4 {
        run.provider
            .change("s-ada", into(Health::Credentials))
            .await;
        run.beat().await;
        assert_eq!(
            run.pauses(looping).await,
            ["account_disconnected"],
            "round {round}"
        );
        assert_eq!(
            run.pauses(by_hand).await,
            ["account_disconnected", "manual"]
        );
        run.provider.change("s-ada", into(Health::Ok)).await;
        run.beat().await;
        run.beat().await;
        let stuck: &[&str] = if round == 4 { &["stuck_loop"] } else { &[] };
        assert_eq!(run.pauses(looping).await, stuck, "round {round}");
    }
    assert_eq!(run.pauses(by_hand).await, ["manual", "stuck_loop"]);
    heal_whatever_is_open(&run, by_hand).await;
    assert_eq!(
        run.pauses(by_hand).await,
        ["manual", "stuck_loop"],
        "not even a decision to lift them does"
    );
    assert_eq!(run.alerts().await, ["stuck_loop"]);
    run.beat().await;
    run.beat().await;
    assert_eq!(
        run.pauses(looping).await,
        ["stuck_loop"],
        "only a person clears it"
    );
    run.is_sound().await;
}

#[tokio::test]
async fn r_st_2_news_older_than_the_last_flip_and_rows_that_moved_on_change_nothing() {
    let mut ada = None;
    let run = FleetRun::start(|cast| ada = Some(cast.connected("ada"))).await;
    let ada = ada.expect("ada");
    let before = run.flips().await;
    let fresh = losing(&run.store, ada, 2).await;
    let mut old = fresh.clone();
    old.status.flips[0].observed_at = old
        .at
        .checked_sub(jiff::SignedDuration::from_hours(30))
        .expect("earlier");
    let moved = losing(&run.store, ada, 1).await;
    let mut otherwise = fresh.clone();
    otherwise.status.flips[0].from = Status::Recovering;
    otherwise.status.flips[0].to = Status::ReconnectNeeded;
    for (what, decision) in [
        ("older than the last flip", &old),
        ("of an earlier version", &moved),
        ("of another status", &otherwise),
    ] {
        let tx = run.store.begin().await.expect("begin");
        let applied = tx.apply(decision, &BY).await.expect("apply");
        tx.finish().await.expect("commit");
        assert_eq!((applied.changed, applied.moved), (0, 1), "{what}");
        let tx = run.store.begin().await.expect("begin");
        let strict = Decision {
            on_moved: OnMoved::Retry,
            ..decision.clone()
        };
        let refused = tx.apply(&strict, &BY).await;
        assert!(
            matches!(refused, Err(StoreError::Moved { rows: 1 })),
            "{what}"
        );
        tx.abandon().await;
        println!("dropped: news {what}");
    }
    assert_eq!(run.flips().await, before);
    let tx = run.store.begin().await.expect("begin");
    assert_eq!(
        tx.apply(&fresh, &BY).await.expect("apply").changed,
        1,
        "fresh news flips"
    );
    tx.finish().await.expect("commit");
    run.is_sound().await;
}

const BY: Author<'static> = Author {
    actor: "test",
    job: None,
    schedule: None,
    traceparent: None,
};

async fn losing(store: &Store, account: AccountId, version: i64) -> Decision {
    let at = store.now().await.expect("read the clock").at;
    Decision {
        status: StatusChanges {
            flips: vec![Flip {
                account,
                version,
                from: Status::Connected,
                to: Status::ReconnectNeeded,
                cause: Cause::Credentials,
                observed_at: at,
                evidence: json!({}),
                link: None,
                checkpoint: None,
            }],
            ..StatusChanges::default()
        },
        ..Decision::nothing(at)
    }
}

/// A wrong decision: it heals every open pause of a campaign, whatever its reason.
async fn heal_whatever_is_open(run: &FleetRun, campaign: CampaignId) {
    let sql = "select id, version from relink.campaign_pauses where campaign_id = $1 and lifted_at is null";
    let rows = run.owner.query(sql, &[&campaign.0]).await.expect("pauses");
    let tx = run.store.begin().await.expect("begin");
    let heals = rows.iter().map(|row| Heal {
        pause: PauseId(row.get("id")),
        version: row.get("version"),
        campaign,
        stuck: None,
    });
    let decision = Decision {
        campaigns: CampaignChanges {
            heals: heals.collect(),
            ..CampaignChanges::default()
        },
        ..Decision::nothing(tx.now().at)
    };
    let applied = tx.apply(&decision, &BY).await.expect("apply");
    tx.finish().await.expect("commit");
    assert_eq!(applied.changed, 0);
}

async fn steps(run: &FleetRun) -> Vec<String> {
    let sql = "select id || ' at ' || step || ' is ' || state from relink.enrollments order by id";
    run.words(sql, &[]).await
}

async fn failures_from(run: &FleetRun, campaign: CampaignId) -> i64 {
    let sql = "select (extract(epoch from failures_from) * 1000000)::bigint from relink.campaigns where id = $1";
    run.number(sql, &[&campaign.0]).await
}

async fn in_rotation(run: &FleetRun, account: AccountId) -> i64 {
    let sql = "select count(*) from relink.campaign_senders where account_id = $1 and in_rotation";
    run.number(sql, &[&account.0]).await
}

/// Pauses of the campaign whose row was written by the transaction of the account's last audit row.
async fn paused_with_its_flip(run: &FleetRun, account: AccountId, campaign: CampaignId) -> i64 {
    let sql = "select count(*) from relink.campaign_pauses p
                where p.campaign_id = $2 and p.xmin = (
                    select a.xmin from relink.account_audit a where a.account_id = $1 order by version desc limit 1)";
    run.number(sql, &[&account.0, &campaign.0]).await
}
