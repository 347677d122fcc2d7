//! The spine runs jobs of any kind and knows no duty: what it needs of one, the duty's own file hands it as a value.

use super::circles::leaves;
use super::show;
use super::sources;
use super::without;

/// Crates of the spine.
const SPINE: [&str; 2] = ["crates/fleet/src", "crates/scheduler/src"];

/// Items of the pure core that are no duty's.
const OF_NO_DUTY: &[&str] = &[
    "policy::chain::Step",
    "policy::alerts",
    "policy::decision::Alert",
    "policy::decision::Decision",
    "policy::decision::NewJob",
    "policy::duties",
    "policy::ids::JobId",
    "policy::jobs::Kind",
    "policy::jobs::Queue",
    "policy::jobs::TickShards",
    "policy::schedule",
    "policy::settled::Settled",
    "policy::trace",
    "policy::witness",
];

/// Modules of the store that are no duty's.
const STORES: &[&str] = &[
    "census",
    "chair",
    "depths",
    "jobs",
    "lane",
    "listen",
    "relay",
    "rescue",
    "scheduler",
    "trace",
    "witness",
    "workers",
    "written",
];

/// Files that name a duty's types, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "crates/scheduler/src/census/told.rs",
        "writes the gates of removals, which the census reads with the rest",
    ),
    (
        "crates/fleet/src/traced.rs",
        "passes every call of the provider on",
    ),
    (
        "crates/fleet/src/settings.rs",
        "is the table of every process's settings",
    ),
];

#[test]
fn no_file_of_the_spine_names_a_duty() {
    let kinds = kinds();
    let mut wrong = vec![];
    for file in SPINE.iter().flat_map(|folder| sources(folder, "rs")) {
        let (name, text) = (show(&file), without("//", &file));
        if EXCEPTIONS.iter().any(|(exempt, _)| *exempt == name) {
            continue;
        }
        let named = |word: &&String| text.contains(word.as_str());
        let kinds = kinds.iter().filter(named);
        wrong.extend(kinds.map(|kind| format!("{name} names {kind}")));
        for path in paths(&text).iter().filter(|path| is_a_duty_s(path)) {
            wrong.push(format!("{name} names {}", path.join("::")));
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn a_duty_is_recognised_by_its_types_and_by_its_kinds() {
    let planted = "use policy::decision::{Alert, RunStep}; fn f(_: store::removals::Removal) {} use store::{Store, Tx};";
    let found: Vec<String> = paths(planted)
        .iter()
        .filter(|path| is_a_duty_s(path))
        .map(|path| path.join("::"))
        .collect();
    assert_eq!(
        found,
        ["policy::decision::RunStep", "store::removals::Removal"]
    );
    let kinds = kinds();
    for named in ["STATUS_WATCH", "\"status.watch\""] {
        assert!(kinds.iter().any(|kind| kind == named), "{named}");
    }
}

/// Constants of kinds, and their names in quotes.
fn kinds() -> Vec<String> {
    let [jobs] = sources("crates/policy/src", "rs")
        .into_iter()
        .filter(|file| show(file) == "crates/policy/src/jobs.rs")
        .collect::<Vec<_>>()
        .try_into()
        .expect("the file of kinds");
    let text = without("//", &jobs);
    let constants = text.lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("pub const ")?.split_once(": Kind =")?;
        Some(name.to_owned())
    });
    let names = text.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("name: ")?.trim_end_matches(',');
        name.starts_with('"').then(|| name.to_owned())
    });
    constants.chain(names).collect()
}

/// Paths into the pure core and the store that a source names.
fn paths(text: &str) -> Vec<Vec<&str>> {
    let begins = ["policy::", "store::"]
        .into_iter()
        .flat_map(|word| text.match_indices(word));
    begins
        .filter(|(at, _)| {
            let before = text[..*at].chars().next_back();
            !before.is_some_and(|it| it.is_alphanumeric() || matches!(it, '_' | ':' | '.'))
        })
        .flat_map(|(at, _)| leaves(&text[at..]))
        .collect()
}

fn is_a_duty_s(path: &[&str]) -> bool {
    let is_module = |part: &str| part.starts_with(|it: char| it.is_ascii_lowercase());
    match path {
        ["policy", ..] => !OF_NO_DUTY
            .iter()
            .any(|allowed| path.join("::").starts_with(allowed)),
        ["store", module, _, ..] if is_module(module) => !STORES.contains(module),
        _ => false,
    }
}
