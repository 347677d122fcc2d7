//! R-Q-3, R-AUD-4: dead letters are looked at, driven again as the jobs that they are, and given up.

mod tenants;

use crate::FIXTURE;
use policy::campaigns::OnSenderLoss;
use serde_json::Value;
use store::operators::Scope;
use tests::desk::{Desk, REASON};
use tests::fleet_run::FleetRun;
use tests::ledger::audit;
use tests::look::due_jobs;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, DECIDE, SWEEP};
use uuid::Uuid;

async fn desk(rig: &Rig) -> Desk {
    Desk::of(&rig.site, "ada", &[Scope::Read, Scope::Operate]).await
}

async fn ids(rig: &Rig, state: &str) -> Vec<String> {
    let sql = "select id::text from relink.jobs where state::text = $1 order by id";
    let rows = rig.owner.query(sql, &[&state]).await.expect("the jobs");
    rows.iter().map(|row| row.get(0)).collect()
}

/// Dead letters that nobody had to run for.
async fn plant(rig: &mut Rig, kind: policy::jobs::Kind, count: usize, error: &str) -> Vec<String> {
    let before = ids(rig, "dead").await;
    rig.ask(kind, Act::Effect, count).await;
    let sql = format!(
        "with died as (update relink.jobs set state = 'dead', attempt = 3, failures = 3, finished_at = relink.clock()
                        where state = 'waiting' and kind = '{}' returning id, kind),
              said as (insert into relink.admin_alerts (id, code, subject, raised_at, last_at)
                       select gen_random_uuid(), 'dead_letter', kind || ' ' || id, relink.clock(), relink.clock() from died)
         insert into relink.job_failures (job_id, attempt, at, fault, error, worker)
         select id, 3, relink.clock(), 'permanent', '{error}', 'worker:one' from died",
        kind.name
    );
    rig.sql(&sql).await;
    let all = ids(rig, "dead").await;
    all.into_iter().filter(|id| !before.contains(id)).collect()
}

async fn rows(rig: &Rig) -> String {
    let mut all = String::new();
    for table in ["operator_audit", "jobs", "job_failures"] {
        let sql = format!(
            "select coalesce(string_agg(t::text, '\n' order by t::text), '') from relink.{table} t"
        );
        let found = rig.owner.query_one(&sql, &[]).await.expect("the rows");
        all.push_str(&found.get::<_, String>(0));
    }
    all
}

fn count(list: &Value) -> usize {
    list.as_array().expect("a list").len()
}

#[tokio::test]
async fn r_q_3_a_dead_letter_driven_again_is_the_same_job_with_all_its_attempts_and_its_history() {
    let mut rig = Rig::shared(FIXTURE).await;
    let desk = desk(&rig).await;
    rig.ask(SWEEP, Act::Panic, 1).await;
    rig.scheduler();
    rig.worker(&["sweeps"]);
    rig.until("it is dead", PATIENCE, |it| it.dead == 1).await;
    let job = ids(&rig, "dead").await.remove(0);
    let attempts = |view: &Value| count(&view["attempts"]);
    let shown = desk.sees(&["dead", "show", &job]).await;
    assert_eq!(
        (attempts(&shown), shown["fault"].as_str()),
        (3, Some("panicked"))
    );
    assert!(
        shown["error"]
            .as_str()
            .expect("an error")
            .contains("asked to panic")
    );
    assert_eq!(shown["payload"]["act"], "panic");

    // Three more attempts, and dead again: its limits count anew.
    desk.does(&["dead", "redrive", &job]).await;
    rig.until("it is dead again", PATIENCE, |it| it.dead == 1)
        .await;
    let shown = desk.sees(&["dead", "show", &job]).await;
    assert_eq!((attempts(&shown), count(&shown["acts"])), (6, 1));
    let fences: Vec<i64> = shown["attempts"]
        .as_array()
        .expect("attempts")
        .iter()
        .map(|it| it["attempt"].as_i64().expect("a number"))
        .collect();
    assert_eq!(
        fences,
        [2, 3, 4, 5, 6, 7].map(|it| it - fences_begin(&fences)),
        "the attempt number goes on: {fences:?}"
    );

    // What was wrong is put right, and it is done, once, as the job that it was.
    rig.sql("update relink.jobs set payload = '{\"act\": \"effect\"}'")
        .await;
    desk.does(&["dead", "redrive", &job]).await;
    rig.done(1, PATIENCE).await;
    let shown = desk.sees(&["dead", "show", &job]).await;
    assert_eq!(
        (
            attempts(&shown),
            shown["state"].as_str(),
            shown["failures"].as_i64()
        ),
        (6, Some("done"), Some(0))
    );
    let acts = shown["acts"].as_array().expect("acts");
    assert!(acts.iter().all(|act| act["actor"] == "ada"
        && act["action"] == "dead.redrive"
        && act["reason"] == REASON));
    let open =
        "select count(*) from relink.admin_alerts where code = 'dead_letter' and acked_at is null";
    assert_eq!(rig.count(open).await, 0, "its alerts are read");
    let text = desk.runs(&["dead", "show", &job]).await.out;
    assert!(
        text.contains("asked to panic") && text.contains("dead.redrive"),
        "{text}"
    );
    println!("a dead letter driven again twice: attempts {fences:?}, then done 1, effects twice 0");
}

/// 1 if its first failure was its first attempt; a set that fails together is claimed anew, alone.
fn fences_begin(fences: &[i64]) -> i64 {
    2 - fences.first().copied().unwrap_or(0)
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test]
async fn r_q_3_r_aud_4_many_are_driven_again_or_given_up_by_a_filter_in_one_act() {
    let mut rig = Rig::shared(FIXTURE).await;
    let desk = desk(&rig).await;
    let away = plant(&mut rig, SWEEP, 120, "connect: the provider is Away").await;
    let odd = plant(&mut rig, SWEEP, 10, "a word that we do not know").await;
    plant(&mut rig, DECIDE, 5, "connect: the provider is away").await;
    assert_eq!(
        count(&desk.sees(&["dead", "list", "--limit", "1000"]).await),
        135
    );
    assert_eq!(
        count(
            &desk
                .sees(&[
                    "dead", "list", "--error", "is away", "--queue", "sweeps", "--limit", "1000"
                ])
                .await
        ),
        120
    );
    assert_eq!(
        count(
            &desk
                .sees(&["dead", "list", "--queue", DECIDE.queue.as_str()])
                .await
        ),
        5
    );
    assert_eq!(
        count(
            &desk
                .sees(&["dead", "list", "--kind", "sends.execute"])
                .await
        ),
        0
    );
    let text = desk.runs(&["dead", "list", "--limit", "3"]).await.out;
    assert!(text.contains("… and 132 more"), "{text}");
    let nobody = Uuid::now_v7().to_string();
    for none in [
        ["--workspace", &nobody],
        ["--account", &nobody],
        ["--since", "2999-01-01T00:00:00Z"],
    ] {
        assert_eq!(
            count(&desk.sees(&[&["dead", "list"], &none[..]].concat()).await),
            0,
            "{none:?}"
        );
    }

    let before = rows(&rig).await;
    let redrive = [
        "dead", "redrive", "--queue", "sweeps", "--error", "away", "--limit", "100",
    ];
    let dry = [&redrive[..], &["--dry-run", "--reason", REASON]].concat();
    let said = desk.runs(&dry).await.out;
    assert!(
        said.contains("would have redriven 100 dead letters of 120 that fit, spread over 2s"),
        "{said}"
    );
    assert_eq!(rows(&rig).await, before, "a dry run wrote something");

    let done = desk.does(&redrive).await;
    assert_eq!(
        (done["count"].as_i64(), count(&done["jobs"])),
        (Some(100), 100)
    );
    let spread = "select round(extract(epoch from max(run_at) - min(run_at)) * 100)::bigint from relink.jobs where state = 'waiting'";
    assert_eq!(rig.count(spread).await, 198, "100 jobs over 2 s");
    let gone = desk
        .does(&["dead", "discard", "--error", "do not know"])
        .await;
    assert_eq!(gone["says"], "discarded 10 dead letters");
    let audited = "select count(*) from relink.operator_audit where action = 'dead.redrive' and (detail ->> 'count')::int = 100
                      and jsonb_array_length(detail -> 'jobs') = 100 and detail -> 'filter' ->> 'error' = 'away'";
    assert_eq!(rig.count(audited).await, 1);
    assert_eq!(
        rig.count("select count(*) from relink.operator_audit where action like 'dead.%'")
            .await,
        2,
        "one row for an act"
    );
    // Given up: kept with their history, neither listed nor counted, and for good.
    assert_eq!(ids(&rig, "discarded").await, odd);
    assert_eq!(
        count(&desk.sees(&["dead", "list", "--limit", "1000"]).await),
        25
    );
    assert_eq!(
        count(&desk.sees(&["dead", "show", &odd[0]]).await["attempts"]),
        1
    );
    rig.scheduler();
    rig.worker(&["sweeps"]);
    rig.done(100, PATIENCE).await;
    assert_eq!(away.len(), 120);
}

#[tokio::test]
async fn r_q_3_what_is_refused_changes_nothing() {
    let mut rig = Rig::shared(FIXTURE).await;
    let desk = desk(&rig).await;
    let dead = plant(&mut rig, SWEEP, 3, "odd").await;
    rig.ask(SWEEP, Act::Effect, 1).await;
    let waiting = ids(&rig, "waiting").await.remove(0);
    desk.does(&["dead", "discard", &dead[2]]).await;
    let reader = Desk::of(&rig.site, "eve", &[Scope::Read]).await;
    let (before, nobody) = (rows(&rig).await, Uuid::now_v7().to_string());
    for (arguments, why) in [
        (
            &["dead", "redrive", &dead[0], &waiting][..],
            "is waiting, not dead",
        ),
        (&["dead", "redrive", &dead[0], &nobody], "there is no job"),
        (&["dead", "redrive", &dead[2]], "is discarded, not dead"),
        (&["dead", "discard", &dead[2]], "is discarded, not dead"),
        (&["dead", "redrive"], "say at least one of"),
        (
            &["dead", "discard", "--queue", "sends"],
            "no dead letter fits",
        ),
        (
            &["dead", "redrive", "--error", " "],
            "say a text of the error; it is blank",
        ),
    ] {
        desk.refused(arguments, why).await;
    }
    // What the command line cannot mean never comes to be an act.
    for wrong in [
        ["--queue", "nope"],
        ["--kind", "nope"],
        ["--limit", "0"],
        ["--limit", "10001"],
        ["--since", "-004713-01-01T00:00:00Z"],
    ] {
        for act in [&["dead", "list"][..], &["dead", "redrive", "--reason", "x"]] {
            let ran = desk.runs(&[act, &wrong].concat()).await;
            assert_eq!(ran.code, Some(2), "{wrong:?}: {}", ran.err);
        }
    }
    assert_ne!(
        desk.runs(&["dead", "discard", &dead[0], "--reason", " "])
            .await
            .code,
        Some(0)
    );
    reader
        .refused(&["dead", "redrive", &dead[0]], "it needs the scope operate")
        .await;
    reader
        .refused(&["dead", "discard", &dead[0]], "it needs the scope operate")
        .await;
    assert_eq!(rows(&rig).await, before, "a refusal wrote something");
    let drive = "select relink.redrive_jobs('', gen_random_uuid(), '{}', '{}', null, 'why')";
    let worker = tests::database::connect(&rig.site.database_url("relink_worker")).await;
    let error = worker.batch_execute(drive).await.expect_err("a worker");
    assert!(
        error
            .as_db_error()
            .is_some_and(|it| it.message().contains("permission denied"))
    );
}

#[tokio::test]
async fn r_q_1_r_q_3_a_dead_letter_driven_again_has_not_started_where_work_is_drained() {
    let mut rig = Rig::shared(FIXTURE).await;
    let desk = desk(&rig).await;
    let dead = plant(&mut rig, DECIDE, 1, "odd").await;
    desk.does(&["pause", "queue", "watches", "--mode", "drain"])
        .await;
    desk.does(&["dead", "redrive", &dead[0]]).await;
    let tx = rig.store.begin().await.expect("begin");
    assert_eq!(due_jobs(&tx, DECIDE.queue).await, []);
    tx.abandon().await;
    desk.does(&["resume", "queue", "watches"]).await;
    let tx = rig.store.begin().await.expect("begin");
    assert_eq!(due_jobs(&tx, DECIDE.queue).await.len(), 1);
    tx.abandon().await;
}

#[tokio::test]
async fn r_q_3_r_cap_5_a_dead_send_driven_again_after_it_was_settled_sends_nothing_again() {
    let mut run = FleetRun::start(|cast| {
        let ada = cast.connected("ada");
        cast.campaign(OnSenderLoss::default(), &[ada]);
    })
    .await;
    run.owner
        .batch_execute(
            "update relink.enrollments set step = 1; update relink.send_rules set days = 127",
        )
        .await
        .expect("all at the first step");
    for _ in 0..4 {
        run.later(jiff::SignedDuration::from_mins(5)).await;
    }
    let before = audit(&run).await;
    assert!(0 < before.effects, "{before}");
    // As if each worker had died after settling, again and again.
    let died = "update relink.jobs set state = 'dead', failures = 10, attempt = 10 where kind = 'sends.execute' and state = 'done'";
    let died = run.owner.execute(died, &[]).await.expect("plant");
    assert!(0 < died);
    let desk = Desk::of(run.site(), "ada", &[Scope::Operate]).await;
    let done = desk
        .does(&["dead", "redrive", "--kind", "sends.execute"])
        .await;
    assert_eq!(done["count"].as_u64(), Some(died));
    run.settle().await;
    let closed = "select count(*) from relink.jobs where kind = 'sends.execute' and redriven = 10 and state = 'done' and attempt = 11";
    assert_eq!(run.number(closed, &[]).await.unsigned_abs(), died);
    let after = audit(&run).await;
    assert_eq!(after, before);
    println!(
        "{died} dead sends that were settled, driven again: effects before {}, after {}",
        before.effects, after.effects
    );
}
