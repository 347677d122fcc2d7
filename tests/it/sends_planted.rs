//! The history checker must be able to fail: bugs planted for real in a database, a provider client or a worker, each
//! run in a race or a short life, and each named by the checker. The same scene without its bug has no violation.

mod in_life;
mod in_races;
mod in_surroundings;
mod resends;
mod twisted;

use tests::checker::{Broken, Violation, summary};
use tests::life::Life;

/// What was planted, what must be found, and how often it was, of how many runs.
struct Line {
    bug: &'static str,
    by: Broken,
    caught: usize,
    runs: usize,
}

impl Line {
    /// Of the violations in each run; those of the same scene without the bug must be none.
    fn of(bug: &'static str, by: Broken, runs: &[Vec<Violation>], without: &[Violation]) -> Self {
        assert_eq!(
            without,
            [],
            "{bug}: the scene without it: {}",
            summary(without)
        );
        let caught = runs
            .iter()
            .filter(|found| found.iter().any(|one| one.of == by))
            .count();
        let line = Self {
            bug,
            by,
            caught,
            runs: runs.len(),
        };
        println!(
            "{:<58} | {:<16} | {}/{} | {}",
            line.bug,
            format!("{:?}", line.by),
            line.caught,
            line.runs,
            summary(&runs[0])
        );
        line
    }
}

fn all_caught(lines: &[Line]) {
    let missed: Vec<&str> = lines
        .iter()
        .filter(|line| line.caught < line.runs)
        .map(|line| line.bug)
        .collect();
    println!(
        "planted bugs caught: {}/{}",
        lines.len() - missed.len(),
        lines.len()
    );
    assert_eq!(missed, [] as [&str; 0], "the checker missed them");
}

/// Replaces parts of a function of the schema; each must be there.
async fn alter(life: &Life, function: &str, changes: &[(&str, &str)]) {
    let sql = "select pg_get_functiondef(oid) from pg_proc where proname = $1 and pronamespace = 'relink'::regnamespace";
    let row = life
        .owner
        .query_one(sql, &[&function])
        .await
        .expect("the function");
    let mut text: String = row.get(0);
    for (from, to) in changes {
        assert!(text.contains(from), "{function} has no {from:?}");
        text = text.replace(from, to);
    }
    life.sql(&text).await;
}
