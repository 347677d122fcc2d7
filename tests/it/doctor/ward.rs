//! One set-up, broken in one place at a time.

use super::patient::{Patient, Report, examine, text};
use std::collections::{BTreeMap, BTreeSet};

/// No password, key or token stands in what the doctor says.
pub(super) fn silent(patient: &Patient, report: &Report) {
    let password = |url: &str| {
        let user = url
            .split_once("//")
            .and_then(|(_, rest)| rest.split_once('@'));
        let password = user.and_then(|(user, _)| user.split_once(':'));
        password.map(|(_, password)| password.to_owned())
    };
    let settings = patient.settings.values();
    let mut secrets: Vec<String> = settings.filter_map(|value| password(value)).collect();
    let tokens = [
        "RELINK_PROVIDER_API_KEY",
        "RELINK_OPERATOR_TOKEN",
        "RELINK_WEBHOOK_SECRET",
    ];
    secrets.extend(
        tokens
            .iter()
            .filter_map(|name| patient.settings.get(*name).cloned()),
    );
    secrets.push("hush-hush".to_owned());
    for secret in secrets {
        assert!(!report.text.contains(&secret), "a secret was printed");
    }
}

/// Breaks one thing, asks, and holds what is newly wrong against what must be.
pub(super) struct Ward {
    pub(super) patient: Patient,
    pub(super) before: BTreeSet<String>,
}

impl Ward {
    pub(super) async fn of(patient: Patient) -> Self {
        let before = failing(&examine(&patient.settings).await);
        Self { patient, before }
    }

    /// The only new failure is `name`, which saw and advises so.
    pub(super) async fn diagnose(
        &self,
        what: &str,
        settings: &BTreeMap<String, String>,
        expected: [&str; 3],
    ) {
        let [name, saw, todo] = expected;
        let report = examine(settings).await;
        let new: Vec<String> = failing(&report).difference(&self.before).cloned().collect();
        let found = report
            .bad(name)
            .unwrap_or_else(|| panic!("{what}: no {name} in {}", report.text));
        let (said, advised) = (text(found, "saw"), text(found, "todo"));
        assert!(said.contains(saw), "{what}: {said}");
        assert!(advised.contains(todo), "{what}: {advised}");
        assert_eq!(new, [name], "{what}");
        assert_eq!(report.code, Some(1), "{what}");
        silent(&self.patient, &report);
        println!("| {what} | `{name}` | {said} | {advised} |");
    }

    /// Broken by one statement, mended by another.
    pub(super) async fn broken_by(
        &self,
        what: &str,
        (breaks, mends): (&str, &str),
        expected: [&str; 3],
    ) {
        self.patient.sql(breaks).await;
        self.diagnose(what, &self.patient.settings, expected).await;
        self.patient.sql(mends).await;
    }
}

pub(super) fn failing(report: &Report) -> BTreeSet<String> {
    let failing = report.findings.iter().filter(|one| one["state"] == "fail");
    failing.map(|one| text(one, "name").to_owned()).collect()
}
