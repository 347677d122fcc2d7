//! R-JOB-6, R-JOB-8: what a look of the relay costs, and whom it serves, however much waits.

use crate::FIXTURE;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tests::eventually::eventually;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, DECIDE, SWEEP};
use uuid::Uuid;

/// Inserts jobs by SQL alone: nobody rings for them.
async fn plant(rig: &Rig, kind: policy::jobs::Kind, (workspaces, each): (u32, u32), due: &str) {
    let sql = format!(
        "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
         select gen_random_uuid(), '{}', '{}', {}, '{}' || w || '-' || n || '{due}',
                ('00000000-0000-0000-0000-' || lpad(w::text, 12, '0'))::uuid, '{}', relink.clock() + interval '{due}'
           from generate_series(1, {workspaces}) w cross join generate_series(1, {each}) n",
        kind.queue,
        kind.name,
        kind.version,
        kind.name,
        Act::Effect.payload(),
    );
    rig.sql(&sql).await;
}

/// Jobs of floods that were claimed before the last job of a quiet workspace, and after an instant.
async fn claimed_before(rig: &Rig, quiet: Uuid, since: jiff::Timestamp) -> i64 {
    let sql = "select count(*) from relink.jobs where claimed_at > $2 and workspace_id <> $1
                  and claimed_at < (select max(claimed_at) from relink.jobs where workspace_id = $1)";
    let row = rig.owner.query_one(sql, &[&quiet, &since]).await;
    row.expect("count").get(0)
}

async fn done(rig: &Rig, quiet: Uuid, count: i64) {
    let sql = format!(
        "select count(*) from relink.jobs where workspace_id = '{quiet}' and state = 'done'"
    );
    rig.until_count(&sql, PATIENCE, |it| it == count).await;
}

#[tokio::test]
async fn r_job_6_a_quiet_workspace_beside_forty_floods_starts_early() {
    const BATCH: i64 = 10;
    let mut rig = Rig::shared(FIXTURE).await;
    plant(&rig, DECIDE, (40, 800), "-1 hour").await;
    let quiet = [101, 102, 103].map(Uuid::from_u128);
    // Newer than every job of the floods.
    let run_at = rig.now().await;
    let values: Vec<String> = quiet
        .iter()
        .map(|it| {
            format!(
                "(gen_random_uuid(), 'watches', 'test.decide', 1, 'quiet-{it}', '{it}', '{}', '{run_at}')",
                Act::Effect.payload()
            )
        })
        .collect();
    rig.sql(&format!(
        "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at) values {}",
        values.join(",")
    ))
    .await;
    rig.scheduler();
    rig.worker(&["watches"]);
    for workspace in quiet {
        done(&rig, workspace, 1).await;
        let before = claimed_before(&rig, workspace, jiff::Timestamp::UNIX_EPOCH).await;
        assert!(before <= 41 * BATCH, "{before} jobs of floods came first");
        println!("40 floods: {before} of their 32000 jobs began before the one of {workspace}");
    }
    // In the middle of it: a window of doorbells is on its way, and a round is all that comes between. So for the fleet.
    for workspace in [Uuid::from_u128(201), Uuid::nil()] {
        let since = rig.now().await;
        rig.ask_for(workspace, DECIDE, Act::Effect, 5).await;
        done(&rig, workspace, 5).await;
        let before = claimed_before(&rig, workspace, since).await;
        assert!(
            before <= 512 + 41 * BATCH,
            "{before} jobs of floods came first"
        );
        println!(
            "40 floods that flow: {before} of their jobs began before the five of {workspace}"
        );
    }
    assert!(
        15_000 < rig.tally().await.waiting,
        "the floods were over by then"
    );
}

/// Rows of `relink.jobs` that a statement of the relay reads, by its plan.
async fn rows_read(rig: &Rig, name: &str, arguments: &str) -> f64 {
    fn read(plan: &serde_json::Value) -> f64 {
        let number = |key: &str| plan[key].as_f64().unwrap_or(0.0);
        let own = if plan["Relation Name"] == "jobs" {
            (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops")
        } else {
            0.0
        };
        let below = plan["Plans"].as_array();
        own + below.map_or(0.0, |plans| plans.iter().map(read).sum())
    }
    let path = format!(
        "{}/../crates/store/sql/{name}.sql",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).expect("the query");
    let plain = format!("p{}", Uuid::now_v7().simple());
    rig.sql(&format!("prepare {plain} as {text}")).await;
    let explain = format!("explain (analyze, format json) execute {plain}({arguments})");
    let row = rig.owner.query_one(&explain, &[]).await.expect("a plan");
    let shown: serde_json::Value = row.get(0);
    read(&shown[0]["Plan"])
}

#[tokio::test]
async fn r_job_6_a_look_reads_by_its_room_and_not_by_the_backlog() {
    let rig = Rig::shared(FIXTURE).await;
    plant(&rig, DECIDE, (400, 110), "-1 hour").await;
    plant(&rig, SWEEP, (400, 50), "1 day").await;
    rig.sql("analyze relink.jobs").await;
    let nil = Uuid::nil();
    let lanes = |count: u32, take: u32, budget: u32, share: f64| {
        let each = |value: &str| format!("array_fill({value}, array[{count}])");
        let workspaces: Vec<String> = (1..=count)
            .map(|number| format!("00000000-0000-0000-0000-{number:012}"))
            .collect();
        format!(
            "'watches', relink.clock(), '{{{}}}', {}, {}, {}, {}, {}, {}, {}, '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', true",
            workspaces.join(","),
            each("'test.decide'::text"),
            each("null::timestamptz"),
            each("null::uuid"),
            each(&format!("{take}::bigint")),
            each(&format!("{budget}::bigint")),
            each(&format!("{share}::float8")),
            each("1::float8"),
        )
    };
    for (what, name, arguments, most) in [
        (
            "a step of the lap",
            "jobs/lanes",
            format!("'watches', '{nil}', '', 500"),
            401.0,
        ),
        (
            "a step over future jobs",
            "jobs/lanes",
            format!("'sweeps', '{nil}', '', 500"),
            401.0,
        ),
        (
            "384 lanes, one job each",
            "jobs/due",
            lanes(384, 1, 27, 1.0),
            2.0 * 384.0,
        ),
        (
            "one lane, ten jobs",
            "jobs/due",
            lanes(1, 10, 27, 1.0),
            12.0,
        ),
        (
            "a lane that is held row by row",
            "jobs/due",
            lanes(1, 10, 27, 1e-9),
            27.0,
        ),
    ] {
        let read = rows_read(&rig, name, &arguments).await;
        println!("{what}: {read} of 64000 rows");
        assert!(0.0 < read && read <= most, "{what} reads {read} rows");
    }
}

/// Makes a scheduler's look at the queue `watches` fail, as a row does that cannot be read.
const POISON: &str = "
    create function relink.poison() returns boolean language plpgsql as $$ begin raise exception 'a poisoned row'; end $$;
    alter table relink.jobs enable row level security;
    create policy others on relink.jobs to relink_worker, relink_reader using (true) with check (true);
    create policy poisoned on relink.jobs to relink_scheduler using (queue <> 'watches' or relink.poison()) with check (true)";

#[tokio::test]
async fn r_job_8_a_queue_that_cannot_be_looked_at_stops_no_other() {
    let mut rig = Rig::shared(FIXTURE).await;
    plant(&rig, DECIDE, (300, 20), "-1 hour").await;
    plant(&rig, SWEEP, (1_200, 1), "1 day").await;
    let scheduler = rig.scheduler();
    rig.worker(&["sweeps"]);
    // Beside lanes that are due tomorrow, and a backlog that nobody works on.
    rig.ask_for(Uuid::from_u128(9), SWEEP, Act::Effect, 100)
        .await;
    rig.done(100, PATIENCE).await;
    rig.sql(POISON).await;
    let log = eventually("looks that fail", PATIENCE, || {
        let log = rig.process(scheduler).log();
        let failed = log.matches("a queue could not be looked at").count();
        async move { (2 <= failed).then_some(log) }
    })
    .await;
    assert!(
        log.contains("a poisoned row") && log.contains("queue=\"watches\""),
        "{log}"
    );
    assert!(!log.contains("the database did not answer"), "{log}");
    rig.ask(SWEEP, Act::Effect, 100).await;
    rig.done(200, PATIENCE).await;
    // Nobody rings for these, and theirs is the last lane of three steps.
    let last = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    rig.sql(&format!(
        "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
         values (gen_random_uuid(), 'sweeps', 'test.sweep', 1, 'unrung', '{last}', '{}', relink.clock())",
        Act::Effect.payload()
    ))
    .await;
    rig.done(201, PATIENCE).await;
    rig.sql("alter table relink.jobs disable row level security")
        .await;
    rig.worker(&["watches"]);
    rig.until("the poisoned queue goes on", PATIENCE, |it| 1_000 < it.done)
        .await;
}

#[tokio::test]
async fn r_job_4_doorbells_that_nobody_takes_do_not_pile_up() {
    const SPAN: Duration = Duration::from_secs(5);
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("RELAY_PATIENCE_SECONDS", &1);
    rig.ask(DECIDE, Act::Effect, 300).await;
    rig.scheduler();
    let broker = broker::Config {
        url: rig.site.amqp_url().into(),
        ca_file: None,
        connect_timeout: Duration::from_secs(5),
        heartbeat: Duration::from_secs(10),
        prefix: String::new(),
    };
    let ready = async || {
        let depths = broker::queue_depths(&broker, &["watches"]).await;
        depths.map_or(0, |depths| depths[0].ready)
    };
    eventually("every job is rung for", PATIENCE, async || {
        (30 <= ready().await).then_some(())
    })
    .await;
    // Patience ends again and again.
    let began = Instant::now();
    let most = eventually("time passes", PATIENCE, async || {
        let now = ready().await;
        (SPAN < began.elapsed()).then_some(now)
    })
    .await;
    assert_eq!(most, 30, "messages for 300 jobs, ten in a doorbell");
    rig.worker(&["watches"]);
    rig.done(300, PATIENCE).await;
}

#[tokio::test]
async fn r_job_4_what_a_frozen_worker_has_prefetched_runs_elsewhere_in_seconds() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("WORKER_PREFETCH", &2);
    rig.scheduler();
    let frozen = rig.worker(&["watches"]);
    rig.ask(DECIDE, Act::Effect, 1).await;
    rig.done(1, PATIENCE).await;
    rig.process(frozen).signal(Signal::STOP);
    // All that it is given lies in its hands: two doorbells of ten.
    rig.ask(DECIDE, Act::Effect, 20).await;
    let began = Instant::now();
    rig.worker(&["watches"]);
    rig.until(
        "its work is done by another",
        // As soon as a killed one's (R-JOB-4).
        Duration::from_secs(20),
        |it| it.done == 21,
    )
    .await;
    println!(
        "twenty jobs in the hands of a frozen worker: done after {:.1?}",
        began.elapsed()
    );
    rig.process(frozen).signal(Signal::CONT);
}
