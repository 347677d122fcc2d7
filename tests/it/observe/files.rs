//! The files of `deploy/grafana`, `deploy/prometheus` and `docs/runbooks`, read.

use serde_json::Value;
use std::path::{Path, PathBuf};
use tests::prometheus::repository;

/// A panel of a dashboard.
pub(super) struct Panel {
    /// The dashboard's and its own title.
    pub(super) name: String,
    /// As Grafana has it.
    pub(super) json: Value,
    /// Each with its legend.
    pub(super) queries: Vec<(String, String)>,
}

/// A rule as its file writes it.
#[derive(Default)]
pub(super) struct Rule {
    pub(super) file: String,
    pub(super) name: String,
    pub(super) is_alert: bool,
    pub(super) expr: String,
    /// Whatever else it says, line by line.
    pub(super) rest: String,
}

impl Rule {
    /// What stands behind `key:`.
    pub(super) fn says(&self, key: &str) -> &str {
        let key = format!("{key}: ");
        let mut lines = self.rest.lines();
        lines
            .find_map(|line| line.strip_prefix(&key))
            .unwrap_or("")
            .trim_matches('"')
    }

    /// `page` or `ticket`.
    pub(super) fn severity(&self) -> &str {
        self.says("labels")
            .trim_start_matches("{severity: ")
            .trim_end_matches('}')
    }

    /// The name of its runbook: `RelinkNoLeader` has `relink-no-leader.md`.
    pub(super) fn runbook(&self) -> String {
        let mut name = String::new();
        for letter in self.name.chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name + ".md"
    }
}

/// Files of a folder of the repository, by their end.
pub(super) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(repository().join(folder)).expect("list a folder");
    let mut found: Vec<PathBuf> = listed
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{folder} has files");
    found
}

/// The last part of a path.
pub(super) fn name_of(path: &Path) -> String {
    let name = path.file_name().expect("a name");
    name.to_string_lossy().into_owned()
}

/// The text of a file.
pub(super) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The dashboards.
pub(super) fn boards() -> Vec<Value> {
    let texts = files("deploy/grafana/dashboards", ".json");
    let parse = |path: &PathBuf| serde_json::from_str(&read(path)).expect("JSON");
    texts.iter().map(parse).collect()
}

/// Every panel of every dashboard.
pub(super) fn panels() -> Vec<Panel> {
    let mut found = vec![];
    for board in boards() {
        for json in board["panels"].as_array().expect("panels") {
            if json["type"] == "row" {
                continue;
            }
            let targets = json["targets"].as_array().expect("targets");
            let word = |value: &Value| value.as_str().unwrap_or("").to_owned();
            found.push(Panel {
                name: format!("{}: {}", word(&board["title"]), word(&json["title"])),
                json: json.clone(),
                queries: targets
                    .iter()
                    .map(|it| (word(&it["expr"]), word(&it["legendFormat"])))
                    .collect(),
            });
        }
    }
    found
}

/// Every rule.
pub(super) fn rules() -> Vec<Rule> {
    let mut found: Vec<Rule> = vec![];
    for path in files("deploy/prometheus", ".rules.yaml") {
        let text = read(&path);
        let mut block = None;
        for line in text.lines() {
            let indent = line.len() - line.trim_start().len();
            let line = line.trim_start();
            for (start, is_alert) in [("- alert: ", true), ("- record: ", false)] {
                if let Some(name) = line.strip_prefix(start) {
                    found.push(Rule {
                        file: name_of(&path),
                        name: name.to_owned(),
                        is_alert,
                        ..Rule::default()
                    });
                }
            }
            let Some(rule) = found.last_mut() else {
                continue;
            };
            if block.is_some_and(|from| indent > from) {
                rule.expr += line;
                rule.expr.push('\n');
                continue;
            }
            block = None;
            match line.strip_prefix("expr: ") {
                Some("|") => block = Some(indent),
                Some(expr) => expr.clone_into(&mut rule.expr),
                None => rule.rest = format!("{}{line}\n", rule.rest),
            }
        }
    }
    found
}
