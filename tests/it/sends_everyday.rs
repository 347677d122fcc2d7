//! R-CAP-1, R-CAP-7 over HTTP, against people with a history: a cable that is out, a note that the provider takes no more,
//! and somebody who was invited before.

use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss;
use policy::ids::AccountId;
use policy::jobs::Queue;
use simulator::control::{Everyday, HandInvitations, Manners, Rate};
use tests::fleet_run::FleetRun;
use tests::provider::{CALL_TIMEOUT, client_of};
use tests::site::Site;
use tests::tcp::Gate;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const NAMES: [&str; 4] = ["cable", "noted", "pending", "withdrawn"];

/// Accounts of [`NAMES`], each of which invites one person with a note, `noted` three; then a view of their profile.
async fn stage(run: &FleetRun) {
    let sql = "update relink.campaign_steps set action = case step when 1 then 'invite' else 'profile_view' end,
                      body = case step when 1 then 'Hello' end,
                      wait = case step when 1 then interval '0' else interval '1000 days' end;
               update relink.enrollments set step = 1";
    run.owner.batch_execute(sql).await.expect("set the steps");
}

/// These send from now on, and nobody else.
async fn let_send(run: &FleetRun, account: AccountId) {
    let sql = "update relink.send_rules set days = case when account_id = $1 then 127 else 0 end";
    run.owner.execute(sql, &[&account.0]).await.expect("rules");
}

async fn sends(run: &FleetRun, account: AccountId) -> Vec<String> {
    let sql = "select concat_ws(' ', state, code) from relink.sends
                where account_id = $1 and state not in ('planned', 'cancelled') order by planned_at";
    run.words(sql, &[&account.0]).await
}

/// Steps at which its people are, and the days until each is due.
async fn people(run: &FleetRun, account: AccountId) -> Vec<String> {
    let sql = "select concat_ws(' ', state, step, nullif(round(extract(epoch from not_before - relink.clock()) / 86400), 0))
                 from relink.enrollments where account_id = $1";
    run.words(sql, &[&account.0]).await
}

async fn everyday(run: &FleetRun, everyday: Everyday) {
    let manners = Manners {
        everyday,
        free_notes: Some(1),
        ..Manners::default()
    };
    run.provider.manners(&manners).await;
}

#[tokio::test]
async fn r_cap_7_everyday_refusals_end_as_the_person_or_note_they_are_of() {
    let mut accounts = vec![];
    let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
        for name in NAMES {
            let account = cast.connected(name);
            cast.campaign(OnSenderLoss::default(), &[account]);
            let campaign = cast.fleet.campaigns.last_mut().expect("planted");
            campaign.enrollments = if name == "noted" { 3 } else { 1 };
            accounts.push(account);
        }
    })
    .await;
    stage(&run).await;
    let mut gate = Gate::before(run.provider.base()).await;
    let others = [
        Queue::Sweeps,
        Queue::Watches,
        Queue::Confirmations,
        Queue::Notices,
    ];
    let _others = run.work(&others, run.provider.unipile());
    let _sends = run.work(&[Queue::Sends], client_of(gate.base(), CALL_TIMEOUT));
    run.settle().await;
    nothing_leaves(&mut run, &mut gate, accounts[0]).await;
    notes(&mut run, accounts[1]).await;
    invited_before(&mut run, accounts[2], accounts[3]).await;
    run.is_sound().await;
}

/// R-CAP-1: each rest is twice as long as the one before; the fourth end without a connection is told, once.
async fn nothing_leaves(run: &mut FleetRun, gate: &mut Gate, account: AccountId) {
    gate.close().await;
    let_send(run, account).await;
    for _ in 0..6 {
        run.later(MINUTE).await;
    }
    let first = sends(run, account).await;
    assert!((2..=3).contains(&first.len()), "{first:?}");
    assert!(first.iter().all(|it| it == "failed not_sent"), "{first:?}");
    assert!(!run.alerts().await.contains(&"nothing_leaves".to_owned()));
    for _ in 0..8 {
        run.later(MINUTE * 4).await;
    }
    let told = "select concat_ws(' ', subject, times > 1) from relink.admin_alerts where code = 'nothing_leaves'";
    assert_eq!(run.words(told, &[]).await, ["sends t"]);
    gate.open().await;
    for _ in 0..5 {
        run.later(MINUTE * 8).await;
    }
    let all = sends(run, account).await;
    assert_eq!(all.last().map(String::as_str), Some("sent sent"));
    assert!((5..=8).contains(&all.len()), "{all:?}");
    let held = "select count(*) from relink.account_holds";
    assert_eq!(run.number(held, &[]).await, 0, "a cable is nobody's fault");
}

/// A free account has one note a month: the second invitation is refused for its note, and goes without one; the third
/// waits until notes have rested.
async fn notes(run: &mut FleetRun, account: AccountId) {
    everyday(run, Everyday::default()).await;
    let_send(run, account).await;
    for _ in 0..10 {
        run.later(MINUTE * 3).await;
    }
    let refused = "refused cannot_resend_yet";
    let first = ["sent sent", refused, "sent sent"];
    assert_eq!(
        sends(run, account).await,
        first,
        "who waits with a note waits on"
    );
    let said = run.provider.effects().await;
    let noted = said.iter().filter(|it| it.session == "s-noted");
    let noted: Vec<bool> = noted.map(|it| it.text_digest.is_some()).collect();
    assert_eq!(noted, [true, false], "one note, and then none");
    let cooled = "select string_agg(action, ', ') from relink.send_cooldowns";
    assert_eq!(run.words(cooled, &[]).await, ["invite_note"]);
}

/// The look at the profile says how an earlier invitation stands.
async fn invited_before(run: &mut FleetRun, pending: AccountId, withdrawn: AccountId) {
    let target = "select target from relink.enrollments where account_id = $1";
    let by_hand = HandInvitations {
        session: "s-pending".to_owned(),
        people: run.words(target, &[&pending.0]).await,
        ..HandInvitations::default()
    };
    run.provider.by_hand(&by_hand).await;
    let_send(run, pending).await;
    run.later(MINUTE).await;
    let refused = "refused already_invited_recently";
    assert_eq!(sends(run, pending).await, [refused]);
    let stands = people(run, pending).await;
    assert_eq!(
        stands,
        ["active 2"],
        "it waits for an answer: the aim is reached"
    );
    let all = Everyday {
        withdrawn: Rate(1.0),
        ..Everyday::default()
    };
    everyday(run, all).await;
    let_send(run, withdrawn).await;
    run.later(MINUTE).await;
    assert_eq!(sends(run, withdrawn).await, [refused]);
    assert_eq!(people(run, withdrawn).await, ["active 1 21"]);
    run.later(DAY * 21).await;
    run.later(MINUTE).await;
    let all = sends(run, withdrawn).await;
    assert_eq!(
        all,
        [refused, "sent sent"],
        "three weeks later it is a new one"
    );
}
