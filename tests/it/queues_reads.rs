//! Looks that count work read a bounded number of rows, and say what pauses_over says (R-JOB-6, R-Q-1).

mod laps;
mod named;
mod semantics;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tests::database::Database;
use tokio_postgres::Client;

/// How a statement over the table of jobs stays bounded.
enum Bound {
    /// Measured here, called with these arguments.
    Measured(&'static str),
    /// Reads jobs that somebody names, by key, cause or account.
    Named,
    /// Takes a batch that has a limit.
    Batch,
    /// The relay's own looks; its tests count their rows.
    Relay,
    /// Counts a demonstration from first to last, once at its start or end, or on its own screen.
    Demonstration,
}
use Bound::{Batch, Demonstration, Measured, Named, Relay};

/// Every statement of the store that reads jobs. A look takes 40 rows of each count and 25 lanes here, a small part of what is
/// planted.
const STATEMENTS: &[(&str, Bound)] = &[
    (
        "queues/list",
        Measured(
            "'{sweeps,watches}', relink.clock(), relink.clock() - interval '1 minute', 25, 40",
        ),
    ),
    (
        "queues/lanes",
        Measured("'confirmations', null, null, relink.clock(), 25, 40"),
    ),
    ("queues/names", Measured("")),
    ("queues/age", Measured("'sends'")),
    ("census/running", Measured("40")),
    ("census/schedules", Measured("")),
    ("census/snapshots", Measured("")),
    ("jobs/left_behind", Measured("relink.clock(), 40")),
    (
        "pauses/running",
        Measured("'everything', '', '{sweeps,watches}', 40"),
    ),
    (
        "scheduler/state",
        Measured("'{campaigns.heal}', relink.clock()"),
    ),
    ("views/schedules", Measured("relink.clock()")),
    ("duties/observe", Measured("relink.clock(), null")),
    (
        "dead/list",
        Measured("null, null, null, null, null, 'no such error', 100, 40"),
    ),
    ("dead/row", Named),
    ("dead/failures", Named),
    ("jobs/claim_closing", Named),
    ("jobs/claim_closing_free", Named),
    ("jobs/claim_leasing", Named),
    ("jobs/enqueue", Named),
    ("jobs/fail", Named),
    ("jobs/hand_back", Named),
    ("jobs/close", Named),
    ("jobs/close_settled", Named),
    ("jobs/bury_settled", Named),
    ("jobs/bury_unclaimable", Named),
    ("jobs/leave", Named),
    ("cases/unpolled", Named),
    ("orphans/page", Named),
    ("links/waiting", Named),
    ("restarts/missed", Named),
    ("sends/unknown_due", Named),
    ("sends/abandoned", Named),
    ("accounts/appearance", Named),
    ("jobs/put_back", Named),
    ("jobs/open", Named),
    ("jobs/paused", Named),
    ("jobs/suspect", Named),
    ("jobs/rescue", Batch),
    ("jobs/extend", Batch),
    ("jobs/shorten", Batch),
    ("jobs/bring_back", Batch),
    ("jobs/over", Measured("relink.clock(), 60")),
    ("scheduler/ahead", Measured("relink.clock()")),
    ("workers/list", Measured("relink.clock()")),
    ("jobs/lanes", Relay),
    ("jobs/due", Relay),
    ("jobs/next_due", Relay),
    ("report/landings", Demonstration),
    ("report/totals", Demonstration),
    ("report/odd_jobs", Demonstration),
    ("report/queues", Demonstration),
    ("report/send_totals", Demonstration),
    ("clock/last_seen", Demonstration),
];

/// Due, future, paused, left, started, dead and done jobs, from the first number to the last of two thousand workspaces; 200
/// accounts' pauses and one of a kind beside them.
const PLANT: &str = "
    insert into relink.jobs (id, queue, kind, version, cause, workspace_id, account_id, payload, state, run_at, attempt,
                             failures, finished_at, left_at)
    select gen_random_uuid(), queue, kind, 1, kind || state || n, md5('w' || n % 2000)::uuid, md5('a' || n)::uuid, '{}',
           state::relink.job_state, relink.clock() + due + n * interval '1 ms', started, started,
           case when state in ('dead', 'done') then relink.clock() - n * interval '100 ms' end,
           case when is_left then relink.clock() - interval '1 hour' end
      from generate_series($1::integer, $2::integer) n
     cross join (values ('confirmations', 'confirm.poll', 'waiting', interval '-1 hour', 0, false),
                        ('sends', 'sends.execute', 'waiting', interval '1 day', 0, false),
                        ('watches', 'account.verify', 'waiting', interval '-1 hour', 0, false),
                        ('sweeps', 'campaigns.heal', 'waiting', interval '-1 hour', 1, true),
                        ('sweeps', 'campaigns.heal', 'dead', interval '-1 hour', 1, false),
                        ('watches', 'status.watch', 'done', interval '-1 hour', 1, false))
           as j(queue, kind, state, due, started, is_left)";

const PAUSES: &str = "
    insert into relink.schedules (name, every_s) values ('campaigns.heal', 300);
    insert into relink.duties (duty, every_s, queues, kinds, counted_from)
    values ('confirm.poll', 60, '{confirmations}', '{confirm.poll}', relink.clock());
    insert into relink.pauses (id, scope, target, mode, paused_by, why)
    select gen_random_uuid(), 'account', md5('a' || n)::uuid::text, 'hold', 'a test', 'a test' from generate_series(1, 200) n
    union all select gen_random_uuid(), 'kind', 'account.verify', 'hold', 'a test', 'a test'";

/// Pages that a look may read, however much waits: most belong to the rows that it counts, in tables this wide.
const PAGES_MAX: i64 = 6_000;

#[tokio::test]
async fn r_job_6_looks_at_the_queues_do_not_grow_with_the_backlog() {
    let database = Database::fresh().await;
    let owner = database.owner().await;
    owner.batch_execute(PAUSES).await.expect("pauses");
    let mut read: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (first, last) in [(1_i32, 4_000_i32), (4_001, 16_000)] {
        owner.execute(PLANT, &[&first, &last]).await.expect("plant");
        // As autovacuum would, sooner or later.
        owner
            .batch_execute("vacuum (analyze) relink.jobs")
            .await
            .expect("vacuum");
        for (name, bound) in STATEMENTS {
            if let Measured(arguments) = bound {
                read.entry(name)
                    .or_default()
                    .push(pages(&owner, name, arguments).await);
            }
        }
    }
    let grown: Vec<_> = read
        .iter()
        .filter(|(_, pages)| pages[0] + pages[0] / 4 + 60 < pages[1] || PAGES_MAX < pages[1])
        .collect();
    assert!(
        grown.is_empty(),
        "pages of 24,000 and of 96,000 jobs: {grown:?} of {read:?}"
    );
}

/// Pages that one statement of the store reads; what it writes is rolled back.
async fn pages(owner: &Client, name: &str, arguments: &str) -> i64 {
    let call = match arguments {
        "" => String::new(),
        arguments => format!("({arguments})"),
    };
    let text = text_of(name);
    let prepare = format!("deallocate all; begin; prepare look as {text}");
    owner
        .batch_execute(&prepare)
        .await
        .unwrap_or_else(|error| panic!("{name}: {error:?}"));
    // Once to read the catalogue and to make the plans of functions.
    owner
        .batch_execute(&format!("execute look{call}"))
        .await
        .unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let explain = format!("explain (analyze, buffers, format json) execute look{call}");
    let row = owner
        .query_one(&explain, &[])
        .await
        .unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let plan: serde_json::Value = row.get(0);
    owner.batch_execute("rollback").await.expect("roll back");
    let of = |what: &str| plan[0]["Plan"][what].as_i64().unwrap_or(0);
    of("Shared Hit Blocks") + of("Shared Read Blocks")
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store/sql")
}

fn text_of(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.sql"))).expect("a query")
}

/// A new statement that reads jobs says here how it stays bounded.
#[test]
fn r_job_6_every_statement_over_jobs_says_how_it_is_bounded() {
    let known: BTreeSet<String> = STATEMENTS
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let mut found = BTreeSet::new();
    for area in std::fs::read_dir(folder()).expect("the areas") {
        let area = area.expect("an area").path();
        for file in std::fs::read_dir(&area).expect("the queries") {
            let file = file.expect("a query").path();
            let text = std::fs::read_to_string(&file).expect("read a query");
            let reads = [
                "relink.jobs",
                "relink.job_failures",
                "relink.look_at_lanes",
                "relink.autoscaler_age",
            ];
            if reads.iter().any(|it| text.contains(it)) {
                let name = file.with_extension("");
                let name = name
                    .strip_prefix(folder())
                    .expect("below")
                    .display()
                    .to_string();
                found.insert(name);
            }
        }
    }
    let missing: Vec<_> = found.difference(&known).collect();
    assert!(
        missing.is_empty(),
        "say in STATEMENTS how these stay bounded: {missing:?}"
    );
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(
        gone.is_empty(),
        "in STATEMENTS, and not in the store: {gone:?}"
    );
}
