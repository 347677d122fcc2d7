//! R-JOB-5: this build's worker beside a later one's, on the later one's schema. Each leaves what it does not know.
//! `tests/newer` makes the later build.

use policy::campaigns::OnSenderLoss;
use std::path::Path;
use std::time::{Duration, Instant};
use tests::database::SUPERUSER;
use tests::fleet_run::FleetRun;
use tests::process::Process;
use tests::site::Site;

/// A job that one build left waits ten seconds, and may meet the same build again: half of them do, each time.
const PATIENCE: Duration = Duration::from_mins(4);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// Jobs of each sort.
const JOBS: i64 = 200;

/// Puts in jobs of the three sorts: what both builds know, a payload that only the later one reads, and a kind that only
/// this one knows.
async fn ask(run: &FleetRun, round: i32) {
    let sql = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
               select gen_random_uuid(), 'sweeps', k.kind, k.version, k.sort || '/' || $1::int || '/' || n,
                      '00000000-0000-0000-0000-000000000000',
                      jsonb_build_object('slot', relink.clock(), 'shards', jsonb_build_object('first', 0, 'last', 0)), relink.clock()
                 from (values ('known', 'holds.release', 1), ('newer', 'holds.release', 2), ('retired', 'subscriptions.grace', 1))
                      as k (sort, kind, version), generate_series(1, $2::int) n";
    run.owner
        .execute(sql, &[&round, &i32::try_from(JOBS).expect("few")])
        .await
        .expect("ask for jobs");
}

/// Jobs by sort and state, as `known done 200`.
async fn tally(run: &FleetRun) -> String {
    let sql = "select split_part(cause, '/', 1) || ' ' || state || ' ' || count(*) from relink.jobs
                where cause ~ '^(known|newer|retired)/'
                group by split_part(cause, '/', 1), state order by split_part(cause, '/', 1), state";
    run.words(sql, &[]).await.join(", ")
}

/// The settings of a process that logs in as `role`.
fn settings_as(run: &mut FleetRun, role: &str) -> Vec<(String, String)> {
    let mut settings = run.settings();
    settings.retain(|(name, _)| name != "RELINK_DATABASE_URL");
    let url = run.site().database_url(role);
    settings.push(("RELINK_DATABASE_URL".to_owned(), url));
    settings
}

async fn until(run: &FleetRun, what: &str, wanted: &str) {
    let ended = Instant::now() + PATIENCE;
    let mut found = String::new();
    while found != wanted {
        assert!(
            Instant::now() < ended,
            "{what}: wanted {wanted}, found {found}"
        );
        tokio::time::sleep_until((Instant::now() + LOOK).into()).await;
        found = tally(run).await;
    }
    println!("{what}: {wanted}");
}

#[tokio::test]
#[ignore = "needs a later build, which tests/run rolling makes"]
async fn r_job_5_this_build_beside_a_later_one_each_leaves_what_it_does_not_know() {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/run says where the program is"
    )]
    let newer =
        std::env::var("RELINK_TEST_NEWER_BIN").expect("RELINK_TEST_NEWER_BIN: see tests/newer");
    let newer = Path::new(&newer);
    let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
        let ada = cast.connected("ada");
        cast.campaign(OnSenderLoss::default(), &[ada]);
    })
    .await;
    let mut migrated = Process::start(
        "migrate",
        newer,
        &["migrate"],
        &settings_as(&mut run, SUPERUSER),
    );
    let status = migrated.ended(PATIENCE).await;
    assert_eq!(status.code(), Some(0), "{}", migrated.log());
    let later = "select count(*) from relink.schema_history where version = 9000";
    assert_eq!(run.number(later, &[]).await, 1, "the later build's schema");
    ask(&run, 1).await;
    let mut scheduling = settings_as(&mut run, "relink_scheduler");
    // What one build left is rung for again soon.
    scheduling.push(("RELINK_RELAY_PATIENCE_SECONDS".to_owned(), "2".to_owned()));
    let _scheduler = Process::relink("scheduler", &["scheduler"], &scheduling);
    let (settings, sweeps) = (run.settings(), ["worker", "sweeps"]);

    let mut old = Process::relink("old", &sweeps, &settings);
    let left = "known done 200, newer waiting 200, retired done 200";
    until(&run, "this build alone, on the later schema", left).await;
    old.terminate();
    assert_eq!(old.ended(PATIENCE).await.code(), Some(0), "{}", old.log());

    let _new = Process::start("new", newer, &sweeps, &settings);
    ask(&run, 2).await;
    let left = "known done 400, newer done 400, retired waiting 200, retired done 200";
    until(&run, "the later build alone", left).await;

    let _old = Process::relink("old again", &sweeps, &settings);
    ask(&run, 3).await;
    let all = "known done 600, newer done 600, retired done 600";
    until(&run, "both", all).await;
    for none in [
        "select count(*) from relink.job_failures",
        "select count(*) from relink.jobs where state = 'dead'",
        "select count(*) from relink.jobs where attempt > 1 and cause ~ '^(known|newer|retired)/'",
    ] {
        assert_eq!(run.number(none, &[]).await, 0, "{none}");
    }
}
