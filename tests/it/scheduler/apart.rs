//! R-JOB-8: a duty of the leader that fails stops no other, says its own name, and shows in readiness.

use crate::FIXTURE;
use policy::duties::{LEADER_FAILURES_ALERTED, LeaderDuty};
use serde_json::Value;
use std::time::Duration;
use tests::eventually::eventually;
use tests::process::Process;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, SWEEP};
use tests::scraped::{address_of, scrape};

/// What takes from a duty what it needs, and from none of the others but those named.
struct Poison {
    sql: String,
    cure: &'static str,
    also: &'static [LeaderDuty],
}

/// A new duty does not compile without its poison.
fn poison(duty: LeaderDuty) -> Poison {
    let poison = |sql: &str, cure, also| Poison {
        sql: sql.to_owned(),
        cure,
        also,
    };
    match duty {
        LeaderDuty::Relay => unreadable("traceparent", &[]),
        LeaderDuty::Tick => poison(
            "revoke update on relink.schedules from relink_scheduler;
             grant update (every_s) on relink.schedules to relink_scheduler",
            "grant update on relink.schedules to relink_scheduler",
            &[],
        ),
        LeaderDuty::Declare => poison(
            "revoke insert on relink.schedules from relink_scheduler",
            "grant insert on relink.schedules to relink_scheduler",
            &[],
        ),
        LeaderDuty::Rescue => poison(
            "revoke select on relink.workers from relink_scheduler",
            "grant select on relink.workers to relink_scheduler",
            &[],
        ),
        LeaderDuty::LeftBehind => unreadable("left_at", &[LeaderDuty::Census]),
        LeaderDuty::AuditPartitions => poison(
            "revoke execute on function relink.ensure_audit_partitions(integer) from relink_scheduler",
            "grant execute on function relink.ensure_audit_partitions(integer) to relink_scheduler",
            &[],
        ),
        LeaderDuty::Census => poison(
            "revoke select on relink.campaign_pauses from relink_scheduler",
            "grant select on relink.campaign_pauses to relink_scheduler",
            &[],
        ),
        LeaderDuty::DutyWatch => poison(
            "revoke execute on function relink.duty_held(text, text[], text[], timestamptz) from relink_scheduler",
            "grant execute on function relink.duty_held(text, text[], text[], timestamptz) to relink_scheduler",
            &[LeaderDuty::Census],
        ),
        LeaderDuty::Clock => unreadable("created_at", &[]),
        LeaderDuty::Witness => poison(
            "revoke execute on function relink.look_at_witness() from relink_scheduler",
            "grant execute on function relink.look_at_witness() to relink_scheduler",
            &[],
        ),
    }
}

/// Takes the right to read one column of the jobs.
fn unreadable(column: &str, also: &'static [LeaderDuty]) -> Poison {
    Poison {
        sql: format!(
            "do $$ begin
               revoke select on relink.jobs from relink_scheduler;
               execute (select 'grant select (' || string_agg(quote_ident(attname), ', ') || ') on relink.jobs to relink_scheduler'
                          from pg_attribute where attrelid = 'relink.jobs'::regclass and attnum > 0 and not attisdropped
                           and attname <> '{column}');
             end $$"
        ),
        cure: "grant select on relink.jobs to relink_scheduler",
        also,
    }
}

/// A scheduler as it is shipped, over the rig's servers.
async fn scheduler(rig: &Rig) -> (Process, String) {
    let settings = [
        (
            "RELINK_DATABASE_URL",
            rig.site.database_url("relink_scheduler"),
        ),
        ("RELINK_AMQP_URL", rig.site.amqp_url()),
        ("RELINK_HTTP_ADDRESS", "127.0.0.1:0".to_owned()),
        ("RELINK_LOG_FORMAT", "text".to_owned()),
        ("RELINK_SCHEDULER_LEASE_SECONDS", "5".to_owned()),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value));
    let process = Process::relink("scheduler", &["scheduler"], &settings);
    let address = address_of(&process).await;
    (process, address)
}

async fn readyz(address: &str) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build();
    let answer = client
        .expect("a client")
        .get(format!("http://{address}/readyz"))
        .send()
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn r_job_8_a_duty_that_fails_stops_no_other_and_says_its_name() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.worker(&["sweeps"]);
    let mut done = 0;
    for duty in LeaderDuty::ALL {
        let Poison { sql, cure, also } = poison(duty);
        rig.sql(&sql).await;
        let (mut process, address) = scheduler(&rig).await;
        if duty != LeaderDuty::Relay {
            // The spine goes on: what is asked for is rung and done.
            rig.ask(SWEEP, Act::Effect, 1).await;
            done += 1;
            rig.until(
                &format!("a job is done while {duty} fails"),
                Duration::from_secs(20),
                |it| it.done >= done,
            )
            .await;
        }
        let others = LeaderDuty::ALL.into_iter().filter(|other| *other != duty);
        let others: Vec<LeaderDuty> = others.filter(|other| !also.contains(other)).collect();
        let told = eventually(&format!("all but {duty} succeed"), PATIENCE, || async {
            let told = scrape(&address).await;
            let labels = [("duty", duty.as_str())];
            let failures = told.value("relink_scheduler_duty_failures_total", &labels);
            let succeeded = |other: &LeaderDuty| {
                let labels = [("duty", other.as_str())];
                let at = "relink_scheduler_duty_last_success_timestamp_seconds";
                told.value(at, &labels) > Some(0.0)
            };
            let is_told = Some(f64::from(LEADER_FAILURES_ALERTED)) <= failures;
            (is_told && others.iter().all(succeeded)).then_some(told)
        })
        .await;
        for other in others {
            let labels = [("duty", other.as_str())];
            let failures = told.value("relink_scheduler_duty_failures_total", &labels);
            assert_eq!(failures, Some(0.0), "{duty} takes {other} with it");
        }
        assert_eq!(
            told.value("relink_scheduler_leads", &[]),
            Some(1.0),
            "{duty}"
        );
        let alerted = format!(
            "select count(*) from relink.admin_alerts where code = 'duty_failing' and subject = '{duty}'"
        );
        rig.until_count(&alerted, PATIENCE, |it| it == 1).await;
        let (status, ready) = readyz(&address).await;
        let words = ready["checks"]["duties"].as_str().unwrap_or_default();
        assert!(
            words.contains(duty.as_str()) && words.contains("permission denied"),
            "{duty}: {ready}"
        );
        assert_eq!(status, 200, "{duty}: {ready}");
        assert!(!process.log().contains("did not answer"), "it did answer");
        if duty == LeaderDuty::Tick {
            // What the fleet stands on costs readiness, but not at once.
            eventually("no tick, not ready", PATIENCE, || async {
                let (status, ready) = readyz(&address).await;
                let words = ready["checks"]["tick"].as_str().unwrap_or_default();
                (status == 503 && words.contains("permission denied")).then_some(())
            })
            .await;
        }
        rig.sql(cure).await;
        eventually(&format!("{duty} mends itself"), PATIENCE, || async {
            let (status, ready) = readyz(&address).await;
            (status == 200 && ready["checks"]["duties"] == "ok").then_some(())
        })
        .await;
        process.kill9().await;
    }
}

#[tokio::test]
async fn r_job_8_jobs_are_rung_while_the_rescue_fails() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.worker(&["sweeps"]);
    rig.sql(&poison(LeaderDuty::Rescue).sql).await;
    rig.scheduler();
    rig.ask(SWEEP, Act::Effect, 1).await;
    rig.done(1, Duration::from_secs(20)).await;
}

#[tokio::test]
async fn r_job_8_a_duty_that_hangs_stops_no_other() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.worker(&["sweeps"]);
    // The declaration, the census and the watch of duties wait for as long as a lock may be waited for.
    let holder = rig.site.owner().await;
    holder
        .batch_execute(
            "begin; lock table relink.duties, relink.campaign_pauses in access exclusive mode",
        )
        .await
        .expect("lock");
    rig.scheduler();
    for done in 1..=3 {
        rig.ask(SWEEP, Act::Effect, 1).await;
        rig.until("a job is done", Duration::from_secs(20), |it| {
            it.done >= done
        })
        .await;
    }
    holder.batch_execute("rollback").await.expect("unlock");
}
