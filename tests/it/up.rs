//! `relink up`, as a newcomer meets it: the real binary, its own servers, its own processes.

mod planted;
mod said;

use said::{text, why};
use serde_json::Value;
use servers::Identity;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tests::eventually::eventually;
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
    // PostgreSQL, RabbitMQ and its name service; simulator, API, scheduler and two workers.
    eventually(
        "the whole fleet runs",
        // Each server and the API may take a minute or two on a machine with much to do.
        Duration::from_mins(5),
        move || async move {
            let found = processes(dir, parent);
            (dir.join("logs/worker-2.log").exists() && found.len() >= 8).then_some(found)
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
        // Long enough on a slow machine too for an outcome that is unknown, looked for and found.
        "90s",
        "--speed",
        "150",
        "--report",
        file.to_str().expect("a path"),
    ];
    let output = up(dir.path(), &options).output().await.expect("run it");
    assert!(output.status.success(), "{}", why(&output));
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
    stops_are_true(&report, dir.path());
    let known = count("sends_unknown_resolved")
        + count("sends_unknown_looked_for")
        + count("sends_unknown_alerted");
    assert_eq!(count("sends_unknown"), known);
    // A cap is reached, and neither log holds more than it.
    let fullest = report["rolling_max"].as_object().expect("by action");
    let reached = |it: &Value| it["day"].as_i64() == it["day_cap"].as_i64();
    assert!(fullest.values().any(reached), "{report}");
    println!(
        "relink up for 90 s at 150x: {} flips with {} audit rows, {} jobs, 0 lost, {} sends settled, {} of {} unknown resolved",
        count("flips"),
        count("flip_audit_rows"),
        count("jobs_enqueued"),
        count("sends_settled"),
        count("sends_unknown_resolved"),
        count("sends_unknown")
    );
}

/// The loss that must be stopped was, nobody else was, and owners linked accounts meanwhile.
fn stops_are_true(report: &Value, dir: &Path) {
    loss_at_once_was_answered(report, dir);
    everyday_refusals_stopped_nobody(report);
    owners_came_and_went(report, dir);
}

/// Owners linked accounts in every way that a minute has room for, each end of an attempt is one of them, and the mail of a
/// loss was answered.
fn owners_came_and_went(report: &Value, dir: &Path) {
    let count = |of: &str, word: &str| report[of][word].as_i64().unwrap_or(0);
    let ends = [
        "linked",
        "refused",
        "failed",
        "superseded",
        "cancelled",
        "mint_failed",
    ];
    for end in ends {
        assert!(1 <= count("attempts", end), "{end}: {report}");
    }
    for way in ["callback", "look"] {
        assert!(1 <= count("landed_by", way), "{way}: {report}");
    }
    let deeds = [
        "answered a mail",
        "took an attempt back",
        "had a mailbox connected",
    ];
    for deed in deeds {
        assert!(1 <= count("owners", deed), "{deed}: {report}");
    }
    assert_eq!(count("owners", "met trouble"), 0, "{report}");
    let sent = report["notices"]["first"]["sent"].as_i64();
    assert!(sent.is_some_and(|sent| 1 <= sent), "{report}");
    let mails = std::fs::read_dir(dir.join("mail")).expect("the mailbox");
    assert_eq!(Some(mails.count() as u64), report["mails"].as_u64());
    for none in ["accounts_unproven", "notices_twice"] {
        assert_eq!(report[none].as_array().map(Vec::len), Some(0), "{report}");
    }
    let never = ["attempts_overdue", "links_used_twice"];
    assert_eq!(
        never.map(|it| report[it].as_u64()),
        [Some(0); 2],
        "{report}"
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

/// People refuse what they refuse on an ordinary day, and only the account that the network restricted is held for it.
fn everyday_refusals_stopped_nobody(report: &Value) {
    let count = |value: &Value| value.as_u64().unwrap_or(0);
    assert!(count(&report["sends_refused"]) >= 20, "{report}");
    assert_eq!(count(&report["held"]["restricted"]), 1, "{report}");
    assert_eq!(count(&report["held"]["protective"]), 0, "{report}");
    assert_eq!(count(&report["paused"]["failure_rate"]), 0, "{report}");
    let without_cause = report["stopped_without_cause"].as_array();
    assert_eq!(without_cause.map(Vec::len), Some(0), "{report}");
}

#[tokio::test]
async fn fault_a_second_up_says_that_one_is_running_and_ctrl_c_leaves_no_process() {
    let dir = TempDir::new().expect("a directory");
    // As slow as the machine's own clock, so that nothing mends what is planted before it is seen.
    let mut first = up(dir.path(), &["--speed", "1"]).spawn().expect("start it");
    let processes = is_up(dir.path(), &mut first).await;
    let second = up(dir.path(), &[]).output().await.expect("run it");
    assert!(!second.status.success());
    assert!(
        text(&second).contains("running already"),
        "{}",
        text(&second)
    );
    planted::faults_of_ours(dir.path()).await;
    signal(&first, "-INT");
    let output = first.wait_with_output().await.expect("it ends");
    // Nothing but what was planted is wrong.
    let said = text(&output);
    let wrong = said.lines().filter(|line| line.starts_with("  NO "));
    let wrong: Vec<&str> = wrong
        .map(|line| line.trim_start_matches("  NO ").trim())
        .collect();
    assert_eq!(
        wrong,
        [
            "every connected account has a live session of its own person",
            "no attempt to sign in is open past its end",
            "nobody was told twice of one thing",
            "no account held and no campaign paused without a true cause"
        ],
        "{said}"
    );
    for named in [
        "held protective since",
        "the provider never had its session",
        "mail <planted@example.com>: 2 times",
    ] {
        assert!(said.contains(named), "{said}");
    }
    assert_eq!(output.status.code(), Some(1), "{said}");
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
    assert!(again.status.success(), "{}", why(&again));
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
