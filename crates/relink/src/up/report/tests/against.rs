//! What speaks against a thing that must hold is told below it.

use super::{Report, no, report, rows, verdict};
use crate::up::children::UncleanEnd;
use jiff::Timestamp;
use std::path::Path;
use store::report::OddJob;

fn job(state: &str) -> OddJob {
    OddJob {
        kind: "links.look".to_owned(),
        cause: format!("a {state} one"),
        state: state.to_owned(),
        due_at: Timestamp::UNIX_EPOCH,
        attempts: 2,
        error: (state == "dead").then(|| "no such session".to_owned()),
    }
}

fn says(report: &Report, line: &str) {
    let shown = report.to_string();
    assert!(shown.contains(&format!("\n         {line}\n")), "{shown}");
}

#[test]
fn r_job_4_lost_jobs_and_dead_letters_are_named() {
    let mut found = rows();
    found.odd_jobs = vec![job("leased"), job("dead")];
    found.totals.jobs_lost = 1;
    let lost = report(&found, &verdict());
    assert_eq!(no(&lost), ["no job is lost"]);
    let when = Timestamp::UNIX_EPOCH;
    says(
        &lost,
        &format!("links.look a leased one: leased, due {when}, 2 attempts, no failure"),
    );
    (found.totals.jobs_lost, found.totals.dead_letters) = (0, 1);
    found.totals.jobs_enqueued = 1;
    let dead = report(&found, &verdict());
    assert_eq!(no(&dead), ["no dead letter"]);
    says(
        &dead,
        &format!("links.look a dead one: dead, due {when}, 2 attempts, no such session"),
    );
}

#[test]
fn a_process_that_ends_uncleanly_is_named_with_the_end_of_its_log() {
    let mut report = report(&rows(), &verdict());
    let how = "killed: it ran still".to_owned();
    report.unclean_ends = vec![UncleanEnd::new(
        "worker-2",
        how,
        Path::new("/nowhere/2.log"),
    )];
    assert_eq!(no(&report), ["every process ended cleanly"]);
    says(
        &report,
        "worker-2 killed: it ran still; the end of /nowhere/2.log:",
    );
    let json = serde_json::to_value(&report).expect("JSON");
    assert_eq!(json["unclean_ends"][0]["process"], "worker-2");
}

#[test]
fn of_much_that_speaks_against_it_the_first_lines_are_shown() {
    let mut report = report(&rows(), &verdict());
    report.accounts_astray = (1..=25).map(|it| format!("Ada {it}: missing")).collect();
    says(&report, "Ada 20: missing");
    says(&report, "and 5 lines more, which `--report` has");
    assert!(!report.to_string().contains("Ada 21"));
}
