//! Queues are listed once (`Queue`, `duties`); what else lists them is printed, and held to be.

use super::{root, show, sources};
use policy::jobs::Queue;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Files that may list the queues, with what holds them.
const LISTS: &[(&str, &str)] = &[
    ("crates/policy/src/jobs.rs", "the list"),
    ("crates/duties/Cargo.toml", "the compiler"),
    ("crates/duties/src/lib.rs", "the compiler"),
    ("docs/jobs.md", "tests/it/catalogue.rs"),
    ("deploy/kubernetes/queues", "refuses a size without a queue"),
    ("deploy/docker/compose.yaml", "deploy/kubernetes/queues"),
    (
        "deploy/prometheus/prometheus.yaml",
        "deploy/kubernetes/queues",
    ),
];
/// Lines that a list may be spread over.
const SPREAD_MAX: usize = 24;

/// Files that people write, except for the lock file and what other tools made.
fn written() -> Vec<PathBuf> {
    let mut files = vec![];
    for ending in ["rs", "toml", "md", "sql", "yaml", "py"] {
        for folder in ["crates", "deploy", "docs", "migrations", "tests"] {
            files.extend(sources(folder, ending));
        }
    }
    let top = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "Cargo.toml",
    ];
    let programs = [
        "deploy/kubernetes/queues",
        "tests/run",
        "tests/deploy",
        "tests/newer",
    ];
    files.extend(
        top.into_iter()
            .chain(programs)
            .map(|file| root().join(file)),
    );
    files
}

/// Whether each queue is named within [`SPREAD_MAX`] lines.
fn lists_queues(text: &str) -> bool {
    if !Queue::ALL.iter().all(|queue| text.contains(queue.as_str())) {
        return false;
    }
    let mut seen_at: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        for queue in Queue::ALL.map(Queue::as_str) {
            let mut words = line.split(|letter: char| !letter.is_ascii_lowercase());
            if line.contains(queue) && words.any(|word| word == queue) {
                seen_at.insert(queue, number);
            }
        }
        let near = |at: &&usize| number - **at < SPREAD_MAX;
        if seen_at.values().filter(near).count() == Queue::ALL.len() {
            return true;
        }
    }
    false
}

#[test]
fn no_file_lists_the_queues_by_hand() {
    let found: Vec<String> = written()
        .iter()
        .filter(|file| lists_queues(&super::read(file)))
        .map(|file| show(file))
        .filter(|name| !LISTS.iter().any(|(file, _)| file == name))
        .collect();
    let hint = "read `Queue::ALL`, or be printed from it";
    assert_eq!(found, [] as [String; 0], "{hint}");
}
