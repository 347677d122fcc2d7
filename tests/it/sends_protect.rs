//! R-CAP-8, R-HEAL-2: too many failures hold an account or pause a campaign, and what ends that.

use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, CampaignId};
use serde_json::json;
use simulator::control::{Change, Health, ScriptedRefusal};
use tests::fleet_run::FleetRun;
use tests::ledger::audit;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Campaigns of messages, each with twelve people for each of its senders.
async fn messaging(
    senders: &[&str],
    campaigns: &[&[&str]],
) -> (FleetRun, Vec<AccountId>, Vec<CampaignId>) {
    let (mut accounts, mut planted) = (vec![], vec![]);
    let run = FleetRun::start(|cast| {
        accounts = senders.iter().map(|name| cast.connected(name)).collect();
        for of in campaigns {
            let ids: Vec<_> = senders
                .iter()
                .zip(&accounts)
                .filter(|(name, _)| of.contains(name))
                .map(|(_, id)| *id)
                .collect();
            planted.push(cast.campaign(OnSenderLoss::ContinueWithRemaining, &ids));
            cast.fleet
                .campaigns
                .last_mut()
                .expect("planted")
                .enrollments = 12 * ids.len();
        }
    })
    .await;
    run.owner
        .batch_execute(
            "update relink.campaign_steps set action = 'message';
             update relink.enrollments set step = 1;",
        )
        .await
        .expect("only messages");
    (run, accounts, planted)
}

async fn let_send(run: &FleetRun, account: AccountId, days: i16) {
    let sql = "update relink.send_rules set days = $2 where account_id = $1";
    run.owner
        .execute(sql, &[&account.0, &days])
        .await
        .expect("rules");
}

/// Words that nobody knows speak of the account (R-CAP-8).
const ODD: &str = "errors/moon_in_retrograde";
/// A refused text speaks of the campaign.
const TEXT: &str = "errors/invalid_message";

async fn refuse(run: &FleetRun, name: &str, times: u64, kind: &str) {
    let refusal = json!({
        "session": format!("s-{name}"), "status": 422, "type": kind, "times": times,
    });
    let refusal: ScriptedRefusal = serde_json::from_value(refusal).expect("a refusal");
    run.provider.refuse(&refusal).await;
}

/// Calls of an account that have ended.
async fn ended(run: &FleetRun, account: AccountId) -> i64 {
    let sql =
        "select count(*) from relink.sends where account_id = $1 and state in ('sent', 'refused')";
    run.number(sql, &[&account.0]).await
}

/// Lets one account send until so many of its calls have ended; no more of them.
async fn send(run: &mut FleetRun, account: AccountId, upto: i64) {
    let_send(run, account, 127).await;
    for _ in 0..60 {
        if ended(run, account).await >= upto {
            break;
        }
        run.later(MINUTE).await;
    }
    assert_eq!(ended(run, account).await, upto);
    let_send(run, account, 0).await;
}

async fn holds(run: &FleetRun, account: AccountId) -> String {
    let sql = "select reason || case when ended_at is null then ' for ' || round(extract(epoch from ends_at - relink.clock()) / 3600) || ' h'
                                     else ', over' end || case when proved_at is null then '' else ', proved' end
                 from relink.account_holds where account_id = $1";
    run.words(sql, &[&account.0]).await.join("; ")
}

#[tokio::test]
async fn r_cap_8_too_many_failures_hold_an_account_six_hours_and_one_probing_send_decides() {
    // Two campaigns, so that neither has ten sends to be judged by.
    let (mut run, accounts, campaigns) = messaging(&["ada"], &[&["ada"], &["ada"]]).await;
    let ada = accounts[0];
    send(&mut run, ada, 7).await;
    refuse(&run, "ada", 2, ODD).await;
    send(&mut run, ada, 9).await;
    assert_eq!(holds(&run, ada).await, "", "2 of 9 are too few to say");
    refuse(&run, "ada", 1, ODD).await;
    let_send(&run, ada, 127).await;
    for _ in 0..30 {
        run.later(MINUTE).await;
    }
    assert_eq!(ended(&run, ada).await, 10, "nothing after the hold");
    assert_eq!(holds(&run, ada).await, "protective for 6 h");
    assert_eq!(run.alerts().await, ["protective_hold"]);
    println!(
        "3 of 10 failed: {}, alert; 0 sends in 30 minutes",
        holds(&run, ada).await
    );
    // The probe is refused: held again, and nothing else was tried.
    refuse(&run, "ada", 1, ODD).await;
    run.later(SignedDuration::from_mins(5 * 60 + 25)).await;
    assert_eq!(ended(&run, ada).await, 10, "still held");
    for _ in 0..20 {
        run.later(MINUTE).await;
    }
    assert_eq!(ended(&run, ada).await, 11, "one probing send");
    assert_eq!(holds(&run, ada).await, "protective for 6 h");
    println!("the probing send failed: {}", holds(&run, ada).await);
    // The next probe succeeds.
    run.later(SignedDuration::from_mins(5 * 60 + 50)).await;
    for _ in 0..30 {
        run.later(MINUTE).await;
    }
    assert_eq!(holds(&run, ada).await, "protective, over, proved");
    let after = ended(&run, ada).await - 11;
    assert!(after >= 8, "{after} sends");
    let probes = "select count(*) from relink.sends s join relink.account_holds h on h.account_id = s.account_id
                   where s.counted_at > h.ends_at and s.counted_at < h.proved_at";
    assert_eq!(run.number(probes, &[]).await, 1, "one until it was proved");
    println!(
        "the next one succeeded: {}; {after} sends since",
        holds(&run, ada).await
    );
    for campaign in campaigns {
        assert_eq!(run.pauses(campaign).await, [] as [String; 0]);
    }
    println!("{}", audit(&run).await);
    run.is_sound_apart_from("refused twice with moon_in_retrograde")
        .await;
}

#[tokio::test]
async fn r_heal_2_failures_from_before_a_reconnect_do_not_pause_a_campaign_again() {
    let (mut run, accounts, campaigns) = messaging(
        &["ada", "bob", "eve", "joe"],
        &[&["ada", "bob"], &["eve", "joe"]],
    )
    .await;
    let [ada, bob, eve, joe] = accounts[..] else {
        panic!("four")
    };
    let (healed, control) = (campaigns[0], campaigns[1]);
    for (first, second, name) in [(ada, bob, "bob"), (eve, joe, "joe")] {
        send(&mut run, first, 5).await;
        send(&mut run, second, 2).await;
        refuse(&run, name, 2, TEXT).await;
        send(&mut run, second, 4).await;
    }
    // Both senders of one campaign are lost, and come back; the other campaign has no such luck.
    for (health, wanted) in [
        (Health::Credentials, &["account_disconnected"][..]),
        (Health::Ok, &[]),
    ] {
        for session in ["s-ada", "s-bob"] {
            let change = Change {
                health: Some(health),
                quiet: true,
                ..Change::default()
            };
            run.provider.change(session, change).await;
        }
        run.later(MINUTE * 5).await;
        run.later(MINUTE * 5).await;
        assert_eq!(run.pauses(healed).await, wanted);
    }
    refuse(&run, "bob", 1, TEXT).await;
    refuse(&run, "joe", 1, TEXT).await;
    send(&mut run, bob, 5).await;
    send(&mut run, joe, 5).await;
    assert_eq!(run.pauses(healed).await, [] as [String; 0]);
    assert_eq!(run.pauses(control).await, ["failure_rate"]);
    assert!(run.alerts().await.contains(&"failure_rate".to_owned()));
    let held = "select count(*) from relink.account_holds";
    assert_eq!(run.number(held, &[]).await, 0, "no account had ten sends");
    println!("3 of 10 failed: failure_rate; with a reconnect after the second failure: no pause");
    // Only a person ends it: nothing of that campaign goes out.
    let_send(&run, eve, 127).await;
    for _ in 0..10 {
        run.later(MINUTE).await;
    }
    assert_eq!(ended(&run, eve).await, 5);
    println!("{}", audit(&run).await);
    run.is_sound_apart_from("the call itself is wrong: invalid_message")
        .await;
}

/// Where the account's sends are refused because of its session.
const SESSION: &str = "errors/disconnected_account";

#[tokio::test]
async fn r_cap_8_a_reconnect_ends_the_hold_that_it_disproves_and_no_other() {
    let (mut run, accounts, _) =
        messaging(&["ada", "bob"], &[&["ada"], &["bob"], &["ada", "bob"]]).await;
    let [ada, bob] = accounts[..] else {
        panic!("two")
    };
    for (account, name, kind) in [(ada, "ada", SESSION), (bob, "bob", ODD)] {
        send(&mut run, account, 7).await;
        refuse(&run, name, 3, kind).await;
        send(&mut run, account, 10).await;
        assert_eq!(holds(&run, account).await, "protective for 6 h", "{name}");
    }
    for (health, wanted) in [
        (Health::Credentials, "reconnect_needed"),
        (Health::Ok, "connected"),
    ] {
        for (session, account) in [("s-ada", ada), ("s-bob", bob)] {
            let change = Change {
                health: Some(health),
                quiet: true,
                ..Change::default()
            };
            run.provider.change(session, change).await;
            let held = holds(&run, account).await;
            assert!(held.starts_with("protective for "), "{held}");
        }
        run.later(MINUTE * 5).await;
        run.later(MINUTE * 5).await;
        for account in [ada, bob] {
            assert_eq!(run.status(account).await, wanted);
        }
    }
    run.later(MINUTE).await;
    assert_eq!(holds(&run, ada).await, "protective, over, proved");
    assert!(holds(&run, bob).await.starts_with("protective for "));
    let told = "select actor || ' ' || action || ': ' || reason from relink.operator_audit where subject = $1";
    assert_eq!(
        run.words(told, &[&ada.0.to_string()]).await,
        [
            "system account.release: its session came back: 3 of 3 failures of the last 10 sends spoke of the session alone"
        ]
    );
    assert!(run.words(told, &[&bob.0.to_string()]).await.is_empty());
    // It sends at once, and what came before its return holds it no more.
    send(&mut run, ada, 12).await;
    assert_eq!(holds(&run, ada).await, "protective, over, proved");
    println!("{}", audit(&run).await);
    run.is_sound_apart_from("refused twice with moon_in_retrograde")
        .await;
}
