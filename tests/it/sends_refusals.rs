//! R-CAP-7, the table end to end: the provider refuses in its own words, and the account, the prospect or the job bears
//! what the table says, no one else.

use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, CampaignId};
use serde_json::json;
use simulator::control::{Change, Health, ScriptedRefusal};
use tests::fleet_run::FleetRun;
use tests::ledger::audit;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Accounts of these names, each with a campaign that invites six people.
async fn inviting(names: &[&str]) -> (FleetRun, Vec<(AccountId, CampaignId)>) {
    let mut cast_of = vec![];
    let run = FleetRun::start(|cast| {
        for name in names {
            let account = cast.connected(name);
            let campaign = cast.campaign(OnSenderLoss::default(), &[account]);
            cast_of.push((account, campaign));
        }
    })
    .await;
    run.owner
        .batch_execute(
            "update relink.enrollments set step = 1;
             update relink.campaign_steps set body = null where action = 'invite'",
        )
        .await
        .expect("all at the first step, without notes: a refused note is another matter");
    (run, cast_of)
}

/// From now on every account sends.
async fn open(run: &FleetRun) {
    let sql = "update relink.send_rules set days = 127";
    run.owner.batch_execute(sql).await.expect("open");
}

/// The next calls of `name`'s session, or only those to `target`, are refused so.
async fn refuse(
    run: &FleetRun,
    name: &str,
    target: Option<&str>,
    times: u64,
    (status, kind): (u16, &str),
) {
    let refusal = json!({
        "session": format!("s-{name}"), "target": target, "status": status, "type": kind, "times": times,
    });
    let refusal: ScriptedRefusal = serde_json::from_value(refusal).expect("a refusal");
    run.provider.refuse(&refusal).await;
}

/// An account's cooldown: hours from the refusal to its end, how many in a row, its code.
async fn cooldown(run: &FleetRun, account: AccountId) -> String {
    let sql = "select round(extract(epoch from c.until - s.settled_at) / 3600, 1) || ' h, ' || c.streak || ' in a row, ' || c.code
                 from relink.send_cooldowns c join lateral (select max(settled_at) as settled_at from relink.sends s
                      where s.account_id = c.account_id and s.action = c.action and s.state = 'refused') s on true
                where c.account_id = $1";
    run.words(sql, &[&account.0]).await.join("; ")
}

/// An account's sends by state, those that nobody has called yet left out.
async fn sends(run: &FleetRun, account: AccountId) -> String {
    let sql = "select state || ' ' || count(*) from relink.sends where account_id = $1 and state not in ('cancelled', 'planned')
                group by state order by state";
    run.words(sql, &[&account.0]).await.join(", ")
}

/// To the instant at which the account's cooldown ends, and a minute more.
async fn sit_out(run: &mut FleetRun, account: AccountId) {
    let sql = "select ceil(extract(epoch from until - relink.clock()))::bigint from relink.send_cooldowns where account_id = $1";
    let left = run.number(sql, &[&account.0]).await;
    let before = sends(run, account).await;
    run.later(SignedDuration::from_secs(left - 60)).await;
    assert_eq!(sends(run, account).await, before, "nothing before its end");
    run.later(MINUTE * 2).await;
}

async fn targets(run: &FleetRun, account: AccountId) -> Vec<String> {
    let sql = "select target from relink.enrollments where account_id = $1 order by due_at, id";
    run.words(sql, &[&account.0]).await
}

#[tokio::test]
async fn r_cap_7_refusals_of_the_account_hold_that_action_six_hours_doubling_to_72_until_a_success()
{
    const REFUSALS: [(&str, (u16, &str)); 3] = [
        ("resend", (422, "errors/cannot_resend_yet")),
        ("limit", (422, "errors/limit_exceeded")),
        ("many", (429, "errors/too_many_requests")),
    ];
    let names = REFUSALS.map(|(name, _)| name);
    let (mut run, cast) = inviting(&names).await;
    for (name, refusal) in REFUSALS {
        refuse(&run, name, None, 6, refusal).await;
    }
    open(&run).await;
    run.later(MINUTE).await;
    for (nth, hours) in (1..).zip([6, 12, 24, 48, 72, 72]) {
        for ((account, _), (_, (_, kind))) in cast.iter().zip(REFUSALS) {
            let code = kind.trim_start_matches("errors/");
            assert_eq!(
                cooldown(&run, *account).await,
                format!("{hours}.0 h, {nth} in a row, {code}")
            );
            assert_eq!(sends(&run, *account).await, format!("refused {nth}"));
        }
        println!(
            "refusal {nth} of cannot_resend_yet, limit_exceeded, 429: invitations rest for {hours} h"
        );
        sit_out(&mut run, cast[0].0).await;
    }
    // A success, after which the next refusal is the first again.
    for (account, _) in &cast {
        assert_eq!(sends(&run, *account).await, "refused 6, sent 1");
    }
    for (name, refusal) in REFUSALS {
        refuse(&run, name, None, 1, refusal).await;
    }
    for _ in 0..6 {
        run.later(MINUTE).await;
    }
    for (account, _) in &cast {
        let now = cooldown(&run, *account).await;
        assert!(now.starts_with("6.0 h, 1 in a row"), "{now}");
    }
    println!("after a success the next refusal is the first again: 6 h");
    println!("{}", audit(&run).await);
    run.is_sound().await;
}

#[tokio::test]
async fn r_cap_7_a_prospect_that_is_refused_waits_a_day_or_ends_and_the_others_go_on() {
    const ENDS: [&str; 4] = [
        "no_connection_with_recipient",
        "blocked_recipient",
        "invalid_recipient",
        "user_unreachable",
    ];
    let (mut run, cast) = inviting(&["later", "gone"]).await;
    let (later, gone) = (cast[0].0, cast[1].0);
    let first = &targets(&run, later).await[0];
    refuse(
        &run,
        "later",
        Some(first),
        1,
        (422, "errors/already_invited_recently"),
    )
    .await;
    let people = targets(&run, gone).await;
    for (target, kind) in people.iter().zip(ENDS) {
        refuse(
            &run,
            "gone",
            Some(target),
            1,
            (422, &format!("errors/{kind}")),
        )
        .await;
    }
    open(&run).await;
    for _ in 0..32 {
        run.later(MINUTE).await;
    }
    assert_eq!(sends(&run, later).await, "refused 1, sent 5");
    assert_eq!(sends(&run, gone).await, "refused 4, sent 2");
    assert_eq!(
        run.number("select count(*) from relink.send_cooldowns", &[])
            .await,
        0
    );
    let wait = "select round(extract(epoch from e.not_before - s.settled_at) / 3600)::bigint from relink.enrollments e
                  join relink.sends s on s.enrollment_id = e.id and s.state = 'refused' where e.account_id = $1";
    assert_eq!(run.number(wait, &[&later.0]).await, 24);
    println!(
        "already_invited_recently: that prospect waits 24 h, 5 others were invited, no cooldown"
    );
    let whys =
        "select stopped_why from relink.enrollments where account_id = $1 and state = 'stopped'";
    let mut whys = run.words(whys, &[&gone.0]).await;
    whys.sort();
    let mut expected = ENDS.map(|kind| format!("refused for good: {kind}"));
    expected.sort();
    assert_eq!(whys, expected);
    println!("stopped: {}", whys.join("; "));
    run.later(HOUR * 24).await;
    run.later(MINUTE).await;
    assert_eq!(
        sends(&run, later).await,
        "refused 1, sent 6",
        "after its day"
    );
    println!("{}", audit(&run).await);
    run.is_sound().await;
}

#[tokio::test]
async fn r_cap_7_a_refused_session_is_looked_at_at_once_and_believed_rather_than_the_refusal() {
    let (mut run, cast) = inviting(&["lost", "fine"]).await;
    let ((lost, campaign), (fine, other)) = (cast[0], cast[1]);
    let change = Change {
        health: Some(Health::Credentials),
        quiet: true,
        ..Change::default()
    };
    run.provider.change("s-lost", change).await;
    refuse(&run, "lost", None, 1, (401, "errors/disconnected_account")).await;
    refuse(&run, "fine", None, 1, (401, "errors/invalid_credentials")).await;
    open(&run).await;
    // No tick of the status watch lies within this minute.
    run.later(MINUTE).await;
    assert_eq!(sends(&run, lost).await, "refused 1");
    assert_eq!(sends(&run, fine).await, "refused 1");
    let looks = "select count(*) from relink.jobs where kind = 'account.check' and state = 'done'";
    assert_eq!(run.number(looks, &[]).await, 2);
    assert_eq!(run.status(lost).await, "reconnect_needed");
    let by = "select evidence ->> 'source' || ' after ' || (evidence ->> 'refused_with') from relink.account_audit
               where account_id = $1 order by version desc limit 1";
    let by = run.words(by, &[&lost.0]).await.concat();
    assert_eq!(by, "account.check after disconnected_account");
    assert_eq!(run.pauses(campaign).await, ["account_disconnected"]);
    assert_eq!(run.status(fine).await, "connected");
    assert_eq!(run.pauses(other).await, [] as [String; 0]);
    println!("disconnected_account, session CREDENTIALS: {by}: reconnect_needed, campaign paused");
    println!("invalid_credentials, session OK: looked at, nothing flips");
    for _ in 0..18 {
        run.later(MINUTE).await;
    }
    let went_on = sends(&run, fine).await;
    assert!(went_on.starts_with("refused 1, sent"), "{went_on}");
    assert_eq!(
        sends(&run, lost).await,
        "refused 1",
        "nothing more of the lost one"
    );
    println!("{}", audit(&run).await);
    run.is_sound().await;
}

#[tokio::test]
async fn r_cap_7_a_restricted_account_is_held_and_words_we_do_not_know_end_after_one_retry() {
    let (mut run, cast) = inviting(&["held", "odd"]).await;
    let (held, odd) = (cast[0].0, cast[1].0);
    refuse(&run, "held", None, 1, (403, "errors/account_restricted")).await;
    let target = targets(&run, odd).await[0].clone();
    refuse(
        &run,
        "odd",
        Some(&target),
        9,
        (422, "errors/never_heard_of"),
    )
    .await;
    open(&run).await;
    run.later(MINUTE).await;
    let sql = "select reason || ' until ' || coalesce(ends_at::text, 'a person ends it') from relink.account_holds where account_id = $1";
    let stands = run.words(sql, &[&held.0]).await.concat();
    assert_eq!(stands, "restricted until a person ends it");
    assert!(
        run.alerts()
            .await
            .contains(&"account_restricted".to_owned())
    );
    for _ in 0..70 {
        run.later(MINUTE).await;
    }
    assert_eq!(sends(&run, held).await, "refused 1");
    println!("account_restricted: hold {stands}, alert, 0 sends in 70 minutes");
    assert_eq!(sends(&run, odd).await, "refused 2, sent 5");
    let apart = "select round(extract(epoch from max(counted_at) - min(settled_at)) / 60)::bigint from relink.sends
                  where account_id = $1 and state = 'refused'";
    let apart = run.number(apart, &[&odd.0]).await;
    assert!((60..=66).contains(&apart), "{apart} minutes");
    let stopped =
        "select stopped_why from relink.enrollments where account_id = $1 and state = 'stopped'";
    assert_eq!(
        run.words(stopped, &[&odd.0]).await,
        ["refused for good: never_heard_of"]
    );
    let dead = "select kind || ': ' || (select error from relink.job_failures f where f.job_id = j.id) from relink.jobs j where state = 'dead'";
    let dead = run.words(dead, &[]).await.join("; ");
    assert_eq!(
        dead,
        "sends.execute: refused twice with never_heard_of, which we do not know"
    );
    assert!(run.alerts().await.contains(&"dead_letter".to_owned()));
    println!(
        "never_heard_of: again once after {apart} min, then a dead letter ({dead}), 5 others were invited"
    );
    println!("{}", audit(&run).await);
}
