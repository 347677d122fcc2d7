//! What names its jobs reads these and no others.

use super::text_of;
use tests::database::Database;
use tokio_postgres::Client;

/// Statements that are given the ids of jobs, as they are called; and the plan of each is made before anybody has counted
/// the table, when what waits seems to be one row.
const NAMED: [(&str, &str); 8] = [
    (
        "jobs/claim_closing",
        "'{}', 'test.sweep', 1, relink.clock()",
    ),
    (
        "jobs/claim_closing_free",
        "'{}', 'test.sweep', 1, relink.clock()",
    ),
    (
        "jobs/claim_leasing",
        "'{}', 'test.sweep', 1, relink.clock(), relink.clock(), 'a test'",
    ),
    (
        "jobs/bury_unclaimable",
        "gen_random_uuid(), relink.clock(), 'odd', 'a test', false",
    ),
    ("jobs/leave", "'{}', relink.clock(), '{}', '{}'"),
    ("jobs/open", "'{}'"),
    ("jobs/paused", "'{}', relink.clock()"),
    ("jobs/suspect", "'{}', 'sweeps', relink.clock()"),
];

#[tokio::test]
async fn r_job_6_what_names_its_jobs_never_reads_the_index_of_the_waiting() {
    let database = Database::fresh().await;
    let owner = database.owner().await;
    let mut wrong = vec![];
    for mode in ["force_custom_plan", "force_generic_plan"] {
        let set = format!("set plan_cache_mode = {mode}");
        owner.batch_execute(&set).await.expect("a mode");
        for (name, arguments) in NAMED {
            let plan = plan(&owner, name, arguments).await;
            if plan.contains("jobs_waiting") {
                wrong.push(format!("{name}, {mode}: {plan}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

async fn plan(owner: &Client, name: &str, arguments: &str) -> String {
    let prepare = format!("deallocate all; prepare named as {}", text_of(name));
    owner.batch_execute(&prepare).await.expect(name);
    let explain = format!("explain execute named({arguments})");
    let rows = owner.query(&explain, &[]).await.expect(name);
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    lines.join("\n")
}
