//! R-CAP-5: a known outcome is never thrown away, however long the database was away and whoever has the job by then.

use policy::campaigns::OnSenderLoss;
use policy::ids::AccountId;
use policy::jobs::Queue;
use policy::sends::SendState;
use serde_json::json;
use simulator::control::ScriptedRefusal;
use std::time::{Duration, Instant};
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::ledger::{audit, states};
use tests::provider::client_of;
use tests::sends::{Ground, ask, reserve};
use tests::site::Site;
use tests::tcp::{Flow, Gate};
use tokio_util::sync::{CancellationToken, DropGuard};

const PATIENCE: Duration = Duration::from_mins(3);
/// Limit of a run.
const LIMIT: Duration = Duration::from_secs(8);
const CALLS: usize = 12;

/// Accounts with an invitation each.
async fn inviting(site: Site, names: &[String]) -> (FleetRun, Vec<AccountId>) {
    let mut accounts = vec![];
    let run = FleetRun::without_workers(site, |cast| {
        for name in names {
            let account = cast.connected(name);
            cast.sends(account);
            cast.campaign(OnSenderLoss::default(), &[account]);
            accounts.push(account);
        }
        for campaign in &mut cast.fleet.campaigns {
            campaign.enrollments = 1;
        }
    })
    .await;
    let sql = "update relink.enrollments set step = 1;
               update relink.campaign_steps set body = null where action = 'invite'";
    run.owner.batch_execute(sql).await.expect("all invited");
    (run, accounts)
}

/// Every call is made, and none is answered.
async fn until_called(run: &FleetRun, calls: usize) {
    eventually("every call is under way", PATIENCE, || async {
        (states(run).await == format!("sending {calls}")).then_some(())
    })
    .await;
}

fn scheduled(run: &FleetRun) -> DropGuard {
    let stop = CancellationToken::new();
    // Ends with its token.
    drop(run.schedule(&stop));
    stop.drop_guard()
}

#[tokio::test]
async fn fault_r_cap_5_no_outcome_is_lost_while_the_database_is_away() {
    let names: Vec<String> = (0..CALLS).map(|one| format!("one-{one:02}")).collect();
    let (mut run, _) = inviting(Site::durable().await, &names).await;
    let gate = Gate::before(run.provider.base()).await;
    gate.set(Flow::HoldAnswers);
    let queues = [Queue::Sends, Queue::Sweeps];
    let provider = client_of(gate.base(), PATIENCE);
    let _worker = run.work_within(&queues, provider, Some(LIMIT));
    let scheduling = scheduled(&run);
    until_called(&run, CALLS).await;
    eventually("the provider has done them", PATIENCE, || async {
        (run.provider.effects().await.len() == CALLS).then_some(())
    })
    .await;
    run.site().postgres().kill9().await;
    let away = Instant::now();
    gate.set(Flow::Open);
    // Nobody can be asked while the database is away: so long it is, for each run.
    tokio::time::sleep_until((away + LIMIT).into()).await;
    let restarted = run.site().postgres().restart().await;
    restarted.expect("start PostgreSQL");
    run.reconnect().await;
    eventually("every outcome is written", PATIENCE, || async {
        (!states(&run).await.contains("sending")).then_some(())
    })
    .await;
    let ledger = audit(&run).await;
    assert_eq!(ledger.states, format!("sent {CALLS}"));
    assert_eq!((ledger.unknown, ledger.effects), (0, CALLS));
    let jobs = "select state || ' ' || count(*) from relink.jobs where kind = 'sends.execute' group by state";
    eventually("every job is closed", PATIENCE, || async {
        (run.words(jobs, &[]).await == [format!("done {CALLS}")]).then_some(())
    })
    .await;
    drop(scheduling);
}

/// Where a send stands, and what its audit says.
const HISTORY: &str = "
    select s.state || ': ' || coalesce((select string_agg(u.from_state || '>' || u.to_state || ' ' || u.code, ', ' order by u.id)
                             from relink.send_audit u where u.send_id = s.id and u.event = 'outcome'), '')
      from relink.sends s where s.account_id = $1 and s.state <> 'planned'";
const DECIDED: &str = "
    select relink.settle_sends(p_accounts => array[s.account_id], p_sends => array[s.id], p_from => array['unknown'],
             p_to => array['failed'], p_refunds => array[false], p_codes => array['absent'], p_blames => array['provider'],
             p_notes => array['decided by kim'], p_references => array[null], p_chats => array[null], p_usages => array[null::smallint],
             p_look_ats => array[null::timestamptz], p_nexts => array['again'], p_agains => array['infinity'::timestamptz], p_odds => array[false],
             p_whys => array[null], p_now => relink.clock(), p_actor => 'kim', p_job => null)::text
      from relink.sends s where s.account_id = $1";

#[tokio::test]
async fn r_cap_5_what_the_caller_knows_outlives_its_lease() {
    let names = ["ada", "bob", "cleo"].map(str::to_owned);
    let (run, accounts) = inviting(Site::shared().await, &names).await;
    let [ada, bob, cleo] = accounts[..] else {
        panic!("three accounts");
    };
    let refusal = json!({ "session": "s-cleo", "target": null, "status": 400, "type": "errors/invalid_parameters", "times": 1 });
    let refusal: ScriptedRefusal = serde_json::from_value(refusal).expect("a refusal");
    run.provider.refuse(&refusal).await;
    let gate = Gate::before(run.provider.base()).await;
    gate.set(Flow::HoldAnswers);
    let queues = [Queue::Sends, Queue::Sweeps];
    let _worker = run.work(&queues, client_of(gate.base(), PATIENCE));
    let _scheduling = scheduled(&run);
    until_called(&run, 3).await;
    let over = "update relink.jobs set leased_until = relink.clock() where state = 'leased' and kind = 'sends.execute'";
    run.owner.execute(over, &[]).await.expect("end the leases");
    eventually("others note that nobody knows", PATIENCE, || async {
        (states(&run).await == "unknown 3").then_some(())
    })
    .await;
    // A person has looked at one of them, and was wrong.
    let decided = run.owner.query(DECIDED, &[&bob.0]).await;
    assert_eq!(decided.expect("decide").len(), 1);
    gate.set(Flow::Open);
    eventually("what the calls answered is written", PATIENCE, || async {
        (states(&run).await == "failed 1, refused 1, sent 1").then_some(())
    })
    .await;
    eventually("the contradiction is told", PATIENCE, || async {
        let alerts = run.alerts().await;
        (alerts == ["dead_letter", "send_contradicted"]).then_some(())
    })
    .await;
    for (account, history) in [
        (ada, "sent: sending>unknown untold, unknown>sent sent"),
        (bob, "failed: sending>unknown untold, unknown>failed absent"),
        (
            cleo,
            "refused: sending>unknown untold, unknown>refused invalid_parameters",
        ),
    ] {
        assert_eq!(run.words(HISTORY, &[&account.0]).await, [history]);
    }
    let moved = "select count(*) from relink.enrollments where account_id = $1 and step = 2 and state = 'active'";
    assert_eq!(run.number(moved, &[&ada.0]).await, 1);
    assert_eq!(run.number(moved, &[&bob.0]).await, 0);
    let kept =
        "select count(*) from relink.sends where counted_at is not null and refunded_at is null";
    assert_eq!(
        run.number(kept, &[]).await,
        3,
        "once unknown, never given back"
    );
}

#[tokio::test]
async fn r_cap_5_an_intent_that_lapses_has_an_outcome_of_its_own() {
    let ground = Ground::of(2).await;
    ground.clock(0).await;
    let mut asks = vec![];
    for account in &ground.accounts {
        let planned = ground.planned(*account, "invite", 2).await;
        asks.push(ask(*account, planned[0]));
    }
    let store = ground.worker();
    reserve(&store, &asks).await.expect("reserve");
    let lapse = "select relink.supersede_intents(p_accounts => array_agg(account_id order by id desc), p_sends => array_agg(id order by id desc),
                        p_now => relink.clock(), p_actor => 'worker:test') from relink.sends";
    let number = async |sql: &str| -> i32 {
        let found = ground.owner.query_one(sql, &[]).await;
        found.expect("ask").get(0)
    };
    assert_eq!(number(lapse).await, 2, "not of what is planned");
    assert_eq!(number(lapse).await, 0, "once each");
    ground.clock(120).await;
    reserve(&store, &asks).await.expect("take anew");
    // The intents in force wait for theirs.
    let open = "select count(*)::integer from relink.send_audit i where i.event = 'intent' and 1 <> (
                    select count(*) from relink.send_audit o where o.intent_id = i.id and o.send_id = i.send_id)";
    assert_eq!(number(open).await, 2);
    let told = "select count(*)::integer from relink.send_audit where event = 'outcome' and code = 'lapsed'
                   and from_state = 'reserved' and to_state = 'planned' and not refunded and actor = 'worker:test'";
    assert_eq!(number(told).await, 2);
}

#[tokio::test]
async fn r_cap_8_what_was_called_before_a_hold_is_no_probe() {
    let ground = Ground::of(1).await;
    ground.clock(0).await;
    let account = ground.accounts[0];
    let planned = ground.planned(account, "invite", 2).await;
    let (before, after) = (planned[0], planned[1]);
    for (send, minutes) in [(before, 400), (after, 5)] {
        let sql = "alter table relink.sends disable trigger step_send;
                   update relink.sends set state = 'unknown', was_unknown = true, intent_id = nextval('relink.send_audit_ids'),
                          counted_at = relink.clock() - make_interval(mins => MINUTES), sending_at = relink.clock() - make_interval(mins => MINUTES)
                    where id = 'SEND';
                   alter table relink.sends enable always trigger step_send;";
        let sql = sql.replace("MINUTES", &minutes.to_string());
        let sql = sql.replace("SEND", &send.0.to_string());
        ground.owner.batch_execute(&sql).await.expect("unknown");
    }
    let hold = "insert into relink.account_holds (account_id, reason, since, ends_at, note)
                select id, 'protective', relink.clock() - interval '390 minutes', relink.clock() - interval '30 minutes', '' from relink.accounts";
    ground
        .owner
        .batch_execute(hold)
        .await
        .expect("a hold that is over");
    let store = ground.worker();
    for (send, is_probe) in [(before, false), (after, true)] {
        let facts = store.reading(async |tx| tx.settle_facts(account, send).await);
        let facts = facts.await.expect("look").expect("facts");
        assert_eq!((facts.probing, facts.state), (is_probe, SendState::Unknown));
    }
}
