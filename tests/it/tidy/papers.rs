//! Comments refer to what a reader of this repository has: pages that exist, at anchors that exist, and no other papers.

use super::{read, root, show, sources};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Papers that are not in the tree, by how a comment would name them. A number follows each of the last two.
const ABSENT: [&str; 3] = ["SPEC §", "SPEC.md", "DESIGN"];
const ABSENT_NUMBERED: [&str; 2] = ["STYLE ", "inding E"];

/// Scripts and settings that a maintainer reads like sources.
const OTHERS: [&str; 6] = [
    "tests/run",
    "tests/rules",
    "clippy.toml",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
];

#[test]
fn no_source_refers_to_a_paper_that_is_not_here() {
    let wrong: Vec<String> = texts()
        .flat_map(|(name, text)| {
            let lines: Vec<String> = text
                .lines()
                .enumerate()
                .filter(|(_, line)| names_an_absent_paper(line))
                .map(|(at, line)| format!("{name}:{}: {}", at + 1, line.trim()))
                .collect();
            lines
        })
        .collect();
    assert_eq!(
        wrong,
        [] as [String; 0],
        "name a page under docs/ or a rule"
    );
}

#[test]
fn pages_that_sources_name_exist_with_their_anchors() {
    let mut wrong = vec![];
    for (name, text) in texts() {
        for link in links(&text) {
            let (page, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = root().join(page);
            if !file.is_file() {
                wrong.push(format!("{name}: there is no {page}"));
            } else if !anchor.is_empty() && !anchors(&read(&file)).contains(anchor) {
                wrong.push(format!("{name}: {page} has no #{anchor}"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn each_finding_says_which_code_heeds_it() {
    let page = read(&root().join("docs/findings.md"));
    let found = page.split("\n## ").skip(1);
    let idle: Vec<&str> = found
        .filter(|entry| !entry.contains("/src/"))
        .map(|entry| entry.lines().next().unwrap_or_default())
        .collect();
    assert_eq!(idle, [] as [&str; 0]);
}

/// Names and contents of all that is looked at. Migrations are left out: one that was released is never edited.
fn texts() -> impl Iterator<Item = (String, String)> {
    let folders = [("crates", "rs"), ("tests", "rs"), ("crates", "sql")];
    let others = OTHERS.map(|name| root().join(name));
    let files = folders
        .into_iter()
        .flat_map(|(folder, ending)| sources(folder, ending))
        .chain(others)
        .collect::<Vec<PathBuf>>();
    let names = files.into_iter().map(|file| (show(&file), file));
    // This file speaks of papers and pages that are none.
    let read_others = names.filter(|(name, _)| name != "tests/it/tidy/papers.rs");
    read_others.map(|(name, file)| (name, read(&file)))
}

fn names_an_absent_paper(line: &str) -> bool {
    let digit_follows = |word: &&str| {
        line.match_indices(*word).any(|(at, word)| {
            let rest = &line[at + word.len()..];
            rest.trim_start_matches('§')
                .starts_with(|it: char| it.is_ascii_digit())
        })
    };
    ABSENT.iter().any(|word| line.contains(word)) || ABSENT_NUMBERED.iter().any(digit_follows)
}

/// What a text names like `docs/page.md` or `docs/page.md#anchor`.
fn links(text: &str) -> Vec<&str> {
    let starts = text.match_indices("docs/").map(|(at, _)| &text[at..]);
    let is_part = |it: char| it.is_ascii_alphanumeric() || "/.-_#".contains(it);
    let words = starts.map(|rest| rest.split(|it| !is_part(it)).next().unwrap_or_default());
    let words = words.map(|word| word.trim_end_matches('.'));
    let is_page = |word: &&str| {
        let page = word.split('#').next().unwrap_or_default();
        Path::new(page).extension().is_some_and(|it| it == "md")
    };
    words.filter(is_page).collect()
}

/// Anchors of a page's titles, as the usual renderers make them.
fn anchors(page: &str) -> BTreeSet<String> {
    let titles = page.lines().filter(|line| line.starts_with('#'));
    titles
        .map(|title| {
            let title = title.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|it| it.is_alphanumeric() || *it == ' ' || *it == '-' || *it == '_');
            kept.map(|it| if it == ' ' { '-' } else { it }).collect()
        })
        .collect()
}

#[test]
fn papers_links_and_anchors_are_read_as_they_are_written() {
    for (line, absent) in [
        ("the gates (SPEC §7)", true),
        ("as STYLE 7 says", true),
        ("clippy (STYLE §3)", true),
        ("Finding E10", true),
        ("const SPEC: Spec = Spec::new(", false),
        ("the style 7 days ago", false),
        ("R-DEL-1 in docs/rules.md", false),
    ] {
        assert_eq!(names_an_absent_paper(line), absent, "{line}");
    }
    let text = "see docs/a.md, (docs/b-c.md#d-e). `docs/runbooks` and docs/f/g.md.";
    assert_eq!(links(text), ["docs/a.md", "docs/b-c.md#d-e", "docs/f/g.md"]);
    let page = "# The page\n## A queue\n### `relink pause`: how";
    let expected = ["the-page", "a-queue", "relink-pause-how"].map(str::to_owned);
    assert_eq!(anchors(page), BTreeSet::from(expected));
}
