//! R-JOB-3, R-Q-1, R-Q-2: a claim waits for no row, believes no foreign number, blames no job for the database, and lets no odd
//! row hold up the others.

mod odd;
mod slow;
mod waits;

use crate::FIXTURE;
use fleet::{Context, Decide, JobError, Look, Pipeline, Spec, deciding};
use jiff::Timestamp;
use policy::decision::Decision;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use store::jobs::{Closing, Doorbell};
use tests::desk::Desk;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, DECIDE, SWEEP};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Far less than the five seconds for which a session waits for a lock.
const MOMENTS: Duration = Duration::from_secs(3);

async fn ids(rig: &Rig) -> Vec<Uuid> {
    let rows = rig
        .owner
        .query("select id from relink.jobs order by id", &[])
        .await;
    let rows = rows.expect("read the jobs");
    rows.iter().map(|row| row.get("id")).collect()
}

fn closed(closing: Closing) -> Vec<Uuid> {
    match closing {
        Closing::Claimed(jobs) => jobs.iter().map(|job| job.id.0).collect(),
        other => panic!("{other:?}"),
    }
}

fn bell(jobs: &[Uuid]) -> Doorbell<'_> {
    Doorbell {
        kind: SWEEP.name,
        version_max: SWEEP.version,
        jobs,
    }
}

/// Writes a pause of one account as a restored database has it: with the number of a transaction that is not its own.
async fn foreign_pause(rig: &Rig, xid: &str) {
    rig.sql(&format!(
        "alter table relink.pauses disable trigger guard;
         insert into relink.pauses (id, scope, target, mode, paused_by, why, xid)
         values (gen_random_uuid(), 'account', '{}', 'hold', 'ada', 'before the dump', '{xid}');
         alter table relink.pauses enable always trigger guard;",
        Uuid::now_v7()
    ))
    .await;
}

#[tokio::test]
async fn r_q_1_a_claim_waits_for_no_row_and_a_pause_takes_moments() {
    let mut rig = Rig::shared(FIXTURE).await;
    let desk = Desk::of(&rig.site, "ada", &[store::operators::Scope::Operate]).await;
    rig.ask(SWEEP, Act::Effect, 3).await;
    let jobs = ids(&rig).await;
    // As a long set holds it: others see it waiting.
    let set = rig.site.owner().await;
    set.batch_execute(&format!(
        "begin; update relink.jobs set state = 'done', attempt = 1, finished_at = relink.clock() where id = '{}'",
        jobs[0]
    ))
    .await
    .expect("claim as a set does");
    let store = Store::new(rig.site.database("relink_worker")).expect("a store");
    let leasing = async {
        let tx = store.begin().await.expect("begin");
        let began = Instant::now();
        let claimed = tx
            .claim_leasing(&bell(&jobs[..2]), "a test", Duration::from_mins(1))
            .await;
        let took = began.elapsed();
        tx.finish().await.expect("commit");
        (claimed.expect("claim"), took)
    };
    let began = Instant::now();
    let pausing = async {
        desk.does(&["pause", "queue", "confirmations"]).await;
        began.elapsed()
    };
    let ((leased, took), paused) = tokio::join!(leasing, pausing);
    let leased: Vec<Uuid> = leased.iter().map(|job| job.id.0).collect();
    assert_eq!(leased, jobs[1..2], "what is free is leased");
    assert!(took < MOMENTS, "a claim that leases waited {took:?}");
    assert!(
        paused < MOMENTS,
        "a pause of something else took {paused:?}"
    );
    let tx = store.begin().await.expect("begin");
    let began = Instant::now();
    let met = tx.claim_closing(&bell(&jobs)).await.expect("claim");
    assert!(matches!(met, Closing::Locked), "{met:?}");
    tx.abandon().await;
    let tx = store.begin().await.expect("begin");
    let free = tx.claim_closing_free(&bell(&jobs)).await;
    let took = began.elapsed();
    assert_eq!(
        closed(free.expect("claim")),
        jobs[2..],
        "what is free is closed"
    );
    assert!(took < MOMENTS, "a claim that closes waited {took:?}");
    // What it does from now on waits as any work does.
    tx.abandon().await;
}

#[tokio::test]
async fn r_q_1_numbers_of_another_server_in_pauses_stop_no_set() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.ask(SWEEP, Act::Effect, 60).await;
    // A dump of a server that counted further.
    foreign_pause(&rig, "1099511627776").await;
    let store = Store::new(rig.site.database("relink_worker")).expect("a store");
    let jobs = ids(&rig).await;
    let tx = store.begin().await.expect("begin");
    let claimed = tx.claim_closing(&bell(&jobs)).await.expect("claim");
    assert_eq!(
        closed(claimed).len(),
        60,
        "the pause is older than the claim"
    );
    tx.abandon().await;
    // And one whose number is that of a transaction which is open here: each look says that the pause has just come.
    let open = rig.site.owner().await;
    let row = open.batch_execute("begin").await;
    row.expect("begin");
    let row = open
        .query_one("select pg_current_xact_id()::text", &[])
        .await;
    let number: String = row.expect("a number").get(0);
    foreign_pause(&rig, &number).await;
    rig.scheduler();
    rig.worker(&["sweeps"]);
    rig.done(60, PATIENCE).await;
    let failures = rig.count("select count(*) from relink.job_failures").await;
    assert_eq!(failures, 0);
}

#[tokio::test]
async fn r_job_3_claims_that_the_database_refuses_are_paced_and_named() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.sql("revoke update on relink.jobs from relink_worker")
        .await;
    rig.ask(SWEEP, Act::Effect, 20).await;
    rig.ask(DECIDE, Act::Effect, 20).await;
    rig.scheduler();
    let worker = rig.worker(&["sweeps", "watches"]);
    let began = Instant::now();
    let alerts =
        "select count(distinct subject) from relink.admin_alerts where code = 'claims_refused'";
    rig.until_count(alerts, PATIENCE, |it| it == 2).await;
    let took = began.elapsed();
    let log = rig.process(worker).log();
    let said = log
        .lines()
        .filter(|line| line.contains("permission denied"));
    let said = said.count();
    assert!(said <= 16, "{said} lines in {took:?}");
    assert!(!log.contains("the database is away"), "it is not");
    rig.sql("grant update on relink.jobs to relink_worker")
        .await;
    rig.done(40, PATIENCE).await;
    let failures = rig.count("select count(*) from relink.job_failures").await;
    assert_eq!(failures, 0);
}

struct Patient;

impl Decide for Patient {
    const SPEC: Spec = Spec::new(DECIDE, "A test's deciding job.").batch(10);
    type Payload = Act;
    type Facts = ();

    async fn gather(_look: &Look, _act: Act) -> Result<(), JobError> {
        Ok(())
    }

    fn decide((): (), now: Timestamp) -> Decision {
        Decision::nothing(now)
    }
}

/// The first two jobs that end hold their connections for longer than anybody waits for one, the next three lose them.
const BROWN_OUT: &str = "
    create sequence public.ended;
    create function public.brown_out() returns trigger language plpgsql security definer as
        $$ declare n bigint := nextval('public.ended'); begin
            if n <= 2 then perform pg_sleep(11); end if;
            if n between 3 and 5 then perform pg_terminate_backend(pg_backend_pid()), pg_sleep(1); end if;
            return new;
        end $$;
    create trigger brown_out before update on relink.jobs for each row
        when (old.state = 'leased' and new.state = 'done') execute function public.brown_out();";

#[tokio::test]
async fn r_q_2_jobs_that_get_no_connection_wait_again_without_a_failure() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.sql(BROWN_OUT).await;
    rig.ask(DECIDE, Act::Effect, 20).await;
    let jobs = ids(&rig).await;
    let mut config = rig.site.database("relink_worker");
    config.connections_max = 2;
    let provider = provider::Config::new("http://127.0.0.1:9".to_owned(), "no-key".into());
    let provider = Arc::new(provider::Unipile::new(provider).expect("a client"));
    let store = Store::new(config).expect("a store");
    let context = Context::new(
        store,
        provider,
        "a test".to_owned(),
        CancellationToken::new(),
    );
    let pipeline = Pipeline::new(Arc::new(context), vec![deciding::<Patient>()]);
    let (one, other) = jobs.split_at(10);
    tokio::join!(
        pipeline.ring(DECIDE.name, one),
        pipeline.ring(DECIDE.name, other)
    );
    let again = async || {
        pipeline.ring(DECIDE.name, &jobs).await;
        let tally = rig.tally().await;
        assert_eq!(tally.dead, 0, "nobody's failure");
        tally.done == 20
    };
    tests::eventually::eventually("all done", PATIENCE, || async {
        again().await.then_some(())
    })
    .await;
    let ended = rig.count("select last_value from public.ended").await;
    assert!(20 < ended, "connections were lost");
    let failures = "select (select count(*) from relink.job_failures) + sum(j.failures)::bigint from relink.jobs j";
    assert_eq!(rig.count(failures).await, 0, "nobody's failure");
}

/// The runbook's way, between two servers: run by name only, for it needs a second one.
#[tokio::test]
async fn r_q_1_a_dump_with_an_open_pause_works_at_once_on_a_fresh_server() {
    if !tests::size::is_full() {
        return;
    }
    let mut from = Rig::shared(FIXTURE).await;
    from.ask(SWEEP, Act::Effect, 60).await;
    from.sql(
        "do $$ begin for n in 1..20000 loop perform pg_current_xact_id(); commit; end loop; end $$",
    )
    .await;
    let desk = Desk::of(&from.site, "ada", &[store::operators::Scope::Operate]).await;
    desk.does(&["pause", "queue", "confirmations"]).await;
    let mut rig = Rig::durable(FIXTURE).await;
    let ahead =
        "select count(*) from relink.pauses where xid > pg_snapshot_xmax(pg_current_snapshot())";
    rig.sql("drop schema relink cascade").await;
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().to_str().expect("a path");
    let role = tests::database::SUPERUSER;
    let (source, target) = (from.site.database_url(role), rig.site.database_url(role));
    run(
        "pg_dump",
        &[
            "--format=custom",
            "--schema=relink",
            "--file",
            path,
            &source,
        ],
    )
    .await;
    run(
        "pg_restore",
        &["--exit-on-error", "--dbname", &target, path],
    )
    .await;
    assert_eq!(
        rig.count(ahead).await,
        1,
        "the pause bears a number to come"
    );
    rig.scheduler();
    rig.worker(&["sweeps"]);
    rig.done(60, Duration::from_secs(20)).await;
}

async fn run(program: &str, arguments: &[&str]) {
    let mut command = tokio::process::Command::new(program);
    let output = command.args(arguments).kill_on_drop(true).output().await;
    let output = output.expect("run it");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {said}");
}
