//! `relink up`, as a newcomer meets it: the real binary, its own servers, its own processes.

use serde_json::Value;
use servers::Identity;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tests::eventually::eventually;
use tests::sends::Ground;
use tokio::process::{Child, Command};

#[expect(
    clippy::disallowed_methods,
    reason = "tests/run says where the program is"
)]
fn relink_bin() -> String {
    std::env::var("RELINK_BIN")
        .expect("RELINK_BIN: build `-p relink` and name its program, as tests/run does")
}

fn up(dir: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(relink_bin());
    command.arg("up").arg("--dir").arg(dir).args(options);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Every process of a fleet: its servers, named by their pid files, and its own, found by their parent.
fn processes(dir: &Path, parent: u32) -> Vec<Identity> {
    let mut found = servers::recorded(dir);
    let entries = std::fs::read_dir("/proc").expect("list processes");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let children = pids.filter(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        after_name.split_whitespace().nth(1) == Some(parent.to_string().as_str())
    });
    found.extend(children.filter_map(Identity::of));
    found
}

async fn is_up(dir: &Path, child: &mut Child) -> Vec<Identity> {
    let parent = child.id().expect("it runs");
    // PostgreSQL, RabbitMQ and its name service; simulator, scheduler and two workers.
    eventually(
        "the whole fleet runs",
        Duration::from_secs(90),
        move || async move {
            let found = processes(dir, parent);
            (dir.join("logs/worker-2.log").exists() && found.len() >= 7).then_some(found)
        },
    )
    .await
}

async fn all_gone(processes: &[Identity]) {
    eventually(
        "no process is left",
        Duration::from_secs(40),
        move || async move {
            processes
                .iter()
                .all(|process| !process.is_alive())
                .then_some(())
        },
    )
    .await;
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().expect("it runs").to_string();
    let sent = std::process::Command::new("kill")
        .args([name, &pid])
        .status()
        .expect("run kill");
    assert!(sent.success());
}

#[tokio::test]
async fn fault_up_runs_the_whole_fleet_and_its_report_adds_up() {
    let dir = TempDir::new().expect("a directory");
    let file = dir.path().join("report.json");
    let options = [
        "--for",
        "45s",
        "--speed",
        "150",
        "--report",
        file.to_str().expect("a path"),
    ];
    let output = up(dir.path(), &options).output().await.expect("run it");
    assert!(output.status.success(), "{}", text(&output));
    let report: Value =
        serde_json::from_slice(&std::fs::read(&file).expect("a report")).expect("JSON");
    let count = |key: &str| {
        report[key]
            .as_i64()
            .unwrap_or_else(|| panic!("{key} is missing: {report}"))
    };
    for key in [
        "losses",
        "reconnects",
        "campaigns_healed",
        "orphans_linked",
        "cases_confirmed",
        "lost_at_once",
        "sends_settled",
        "sends_unknown",
        "sends_unknown_resolved",
        "provider_effects",
    ] {
        assert!(count(key) >= 1, "{key}: {report}");
    }
    for key in [
        "dead_letters",
        "jobs_lost",
        "effects_duplicated",
        "cap_violations",
        "cap_violations_database",
        "cap_violations_provider",
        "sends_duplicated",
        "sends_adrift",
        "sends_unaudited",
        "provider_deletes",
    ] {
        assert_eq!(count(key), 0, "{key}: {report}");
    }
    assert_eq!(count("flips"), count("flip_audit_rows"));
    assert_eq!(
        count("jobs_enqueued"),
        count("jobs_finished") + count("jobs_waiting")
    );
    assert_eq!(report["audit_chain_ok"], true);
    loss_at_once_was_answered(&report, dir.path());
    let known = count("sends_unknown_resolved")
        + count("sends_unknown_looked_for")
        + count("sends_unknown_alerted");
    assert_eq!(count("sends_unknown"), known);
    // A cap is reached, and neither log holds more than it.
    let fullest = report["rolling_max"].as_object().expect("by action");
    let reached = |it: &Value| it["day"].as_i64() == it["day_cap"].as_i64();
    assert!(fullest.values().any(reached), "{report}");
    println!(
        "relink up for 45 s at 150x: {} flips with {} audit rows, {} jobs, 0 lost, {} sends settled, {} of {} unknown resolved",
        count("flips"),
        count("flip_audit_rows"),
        count("jobs_enqueued"),
        count("sends_settled"),
        count("sends_unknown_resolved"),
        count("sends_unknown")
    );
}

/// The planted loss was stopped, an operator answered it, and the provider's truth has it.
fn loss_at_once_was_answered(report: &Value, dir: &Path) {
    let answers = report["operator_answers"].as_array().expect("a list");
    assert!(!answers.is_empty(), "no loss was stopped: {report}");
    let lives = std::fs::read_to_string(dir.join("lives.jsonl")).expect("the truth");
    assert!(
        lives
            .lines()
            .any(|life| life.contains("signed_out_everywhere"))
    );
}

#[tokio::test]
async fn fault_a_second_up_says_that_one_is_running_and_ctrl_c_leaves_no_process() {
    let dir = TempDir::new().expect("a directory");
    let mut first = up(dir.path(), &[]).spawn().expect("start it");
    let processes = is_up(dir.path(), &mut first).await;
    let second = up(dir.path(), &[]).output().await.expect("run it");
    assert!(!second.status.success());
    assert!(
        text(&second).contains("running already"),
        "{}",
        text(&second)
    );
    signal(&first, "-INT");
    let output = first.wait_with_output().await.expect("it ends");
    assert!(output.status.success(), "{}", text(&output));
    all_gone(&processes).await;
    println!("Ctrl-C: {} processes, 0 left", processes.len());
}

#[tokio::test]
async fn fault_up_that_is_killed_takes_every_process_with_it_and_the_next_one_starts() {
    let dir = TempDir::new().expect("a directory");
    let mut first = up(dir.path(), &["--keep"]).spawn().expect("start it");
    let processes = is_up(dir.path(), &mut first).await;
    signal(&first, "-KILL");
    first.wait().await.expect("it ends");
    all_gone(&processes).await;
    let again = up(dir.path(), &["--keep", "--for", "10s"])
        .output()
        .await
        .expect("run it");
    assert!(again.status.success(), "{}", text(&again));
    assert!(
        text(&again).contains("data that was kept"),
        "{}",
        text(&again)
    );
    println!(
        "kill -9 of up: {} processes, 0 left; the next up goes on with its data",
        processes.len()
    );
}

/// Rows as no function of ours would write them; then what the report counts of them.
#[tokio::test]
async fn r_cap_2_r_cap_5_the_report_counts_planted_rows_that_break_a_cap_lack_their_audit_or_are_adrift()
 {
    let ground = Ground::of(1).await;
    let account = ground.accounts[0];
    ground.cap(account, "invite", 3, 5).await;
    let plant = "insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at,
                                           counted_at, sending_at, settled_at, was_unknown)
                 select a.id, gen_random_uuid(), a.workspace_id, 'invite', 'person-' || n, $2, t, t, t, t, t, t, $2 = 'unknown'
                   from relink.accounts a, unnest($3::float8[]) as n,
                        lateral (select '2026-03-01T00:00:00Z'::timestamptz + make_interval(secs => n * 3600) as t) at
                  where a.id = $1";
    // Four within less than 24 hours, one exactly 24 hours after the first, which that window does not hold.
    let hours: &[f64] = &[0.0, 1.0, 2.0, 23.9, 24.0];
    ground
        .owner
        .execute(plant, &[&account.0, &"sent", &hours])
        .await
        .expect("plant sends");
    let store = ground.worker();
    let tx = store.begin().await.expect("look");
    let windows = tx.send_windows().await.expect("count the windows");
    let [invites] = windows.as_slice() else {
        panic!("{windows:?}");
    };
    // The windows that end at 23.9 and at 24 hours hold four each.
    assert_eq!((invites.day_most, invites.day_cap), (4, 3));
    assert_eq!((invites.week_most, invites.week_cap), (5, 5));
    assert_eq!(invites.violations, 2);
    tx.abandon().await;
    let lost: &[f64] = &[200.0];
    ground
        .owner
        .execute(plant, &[&account.0, &"unknown", &lost])
        .await
        .expect("plant an unknown outcome that nobody looks for");
    ground.planned(account, "message", 1).await;
    let tx = store.begin().await.expect("look");
    let since = "2026-03-01T00:00:00Z".parse().expect("an instant");
    let totals = tx.send_totals(since).await.expect("count the sends");
    tx.abandon().await;
    assert_eq!((totals.sends_settled, totals.sends_unaudited), (5, 6));
    assert_eq!(
        (
            totals.sends_unknown,
            totals.sends_unknown_resolved,
            totals.sends_unknown_looked_for
        ),
        (1, 0, 0)
    );
    assert_eq!((totals.sends_open, totals.sends_adrift), (1, 1));
    assert_eq!((totals.sends_sent_in_run, totals.sends_open_in_run), (5, 1));
    // A view that is assumed may have happened, or not: the provider's log may hold it.
    ground
        .owner
        .batch_execute(
            "insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at,
                                       counted_at, sending_at, settled_at, was_unknown, code)
             select a.id, gen_random_uuid(), a.workspace_id, 'profile_view', 'person', 'sent', t, t, t, t, t, t, true, 'assumed'
               from relink.accounts a, lateral (select '2026-03-01T00:00:00Z'::timestamptz as t) at",
        )
        .await
        .expect("plant an assumed view");
    let tx = store.begin().await.expect("look");
    let assumed = tx.send_totals(since).await.expect("count the sends");
    tx.abandon().await;
    let in_run = (assumed.sends_sent_in_run, assumed.sends_open_in_run);
    assert_eq!(in_run, (5, 2));
    println!(
        "planted: 2 windows over a cap, 6 sends without audit rows, 1 unknown and 1 planned adrift: all counted"
    );
}
