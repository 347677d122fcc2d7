//! Runbooks: a page for each alert, an alert for each page, and only commands that there are.

use super::files::{files, name_of, read, rules};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use tests::prometheus::repository;

/// Parts that every page has, in this order.
const PARTS: [&str; 4] = ["## Look first", "## Do", "## Do not", "## Over when"];

#[test]
fn every_alert_has_its_page_and_every_page_its_alert() {
    let index = read(&repository().join("docs/runbooks/README.md"));
    let mut pages: BTreeMap<String, String> = files("docs/runbooks", ".md")
        .iter()
        .map(|path| (name_of(path), read(path)))
        .collect();
    pages.remove("README.md");
    let names: BTreeSet<String> = pages.keys().cloned().collect();
    let mut wrong = vec![];
    for alert in rules().into_iter().filter(|rule| rule.is_alert) {
        let page = alert.runbook();
        let Some(text) = pages.remove(&page) else {
            wrong.push(format!("{} has no page {page}", alert.name));
            continue;
        };
        let mut check = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{page}: {what}"));
            }
        };
        check(
            text.starts_with(&format!("# {}\n", alert.name)),
            "its title",
        );
        let severity = format!("*{}*, ", alert.severity());
        check(text.contains(&severity), "its severity");
        check(text.contains(&format!("/{})", alert.file)), "its rule");
        let places: Vec<_> = PARTS
            .iter()
            .map(|part| text.find(&format!("\n{part}\n")))
            .collect();
        check(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "its parts",
        );
        let row = format!("[{}]({page}) | {} |", alert.name, alert.severity());
        check(index.contains(&row), "its line in the index");
        for link in text.split("](relink-").skip(1) {
            let link = format!("relink-{}", link.split(')').next().unwrap_or(""));
            check(names.contains(&link), &format!("leads to {link}"));
        }
    }
    wrong.extend(pages.keys().map(|page| format!("{page} has no alert")));
    assert_eq!(wrong, [] as [String; 0]);
    println!("runbooks {}", names.len());
}

#[test]
fn runbooks_name_only_commands_that_there_are() {
    let mut commands: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files("docs/runbooks", ".md") {
        let text = read(&path);
        for span in text.split('`').skip(1).step_by(2) {
            let Some(words) = span.strip_prefix("relink ") else {
                continue;
            };
            let is_word = |word: &&str| word.chars().all(|it| it.is_ascii_lowercase());
            let words: Vec<&str> = words.split(' ').collect();
            let command: Vec<&str> = words.iter().copied().take_while(is_word).collect();
            let options = words.iter().filter(|word| word.starts_with("--"));
            let known = commands.entry(command.join(" ")).or_default();
            known.extend(options.map(|option| (*option).to_owned()));
        }
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/run says where the program is"
    )]
    let program = std::env::var("RELINK_BIN").expect("RELINK_BIN");
    let mut wrong = vec![];
    for (command, options) in &commands {
        let asked = Command::new(&program)
            .args(command.split(' '))
            .arg("--help")
            .output()
            .expect("ask for help");
        let help = String::from_utf8_lossy(&asked.stdout);
        if !asked.status.success() {
            wrong.push(format!("there is no relink {command}"));
            continue;
        }
        let foreign = options.iter().filter(|it| !help.contains(it.as_str()));
        wrong.extend(foreign.map(|option| format!("relink {command} has no {option}")));
    }
    assert_eq!(wrong, [] as [String; 0]);
    println!("commands in runbooks {}", commands.len());
}
