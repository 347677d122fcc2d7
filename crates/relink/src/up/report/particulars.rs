//! What stands behind the counts of what must not be, by name.

use super::Rows;
use serde::Serialize;
use simulator::control::{Duplicate, Verdict, Violation};
use std::fmt::Display;
use store::audit::Verification;
use store::report::OddJob;

/// Most of one kind that are named; the counts have all.
const NAMED_MAX: usize = 20;

/// The first of each kind, in words.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Particulars {
    pub(super) audit_findings: Vec<String>,
    pub(super) jobs_lost_named: Vec<String>,
    pub(super) dead_letters_named: Vec<String>,
    pub(super) caps_broken_database: Vec<String>,
    pub(super) caps_broken_provider: Vec<String>,
    pub(super) duplicates_provider: Vec<String>,
}

impl Particulars {
    pub(super) fn of(rows: &Rows, audit: &Verification, verdict: &Verdict) -> Self {
        let jobs = || rows.odd_jobs.iter();
        let broken = rows.windows.iter().filter(|it| it.violations > 0);
        let broken = broken.map(|it| format!("{}: {} windows", it.action, it.violations));
        Self {
            audit_findings: named(audit.findings.iter()),
            jobs_lost_named: named(jobs().filter(|it| !it.is_dead())),
            dead_letters_named: named(jobs().filter(|it: &&OddJob| it.is_dead())),
            caps_broken_database: broken.collect(),
            caps_broken_provider: named(verdict.violations.iter().map(violation)),
            duplicates_provider: named(verdict.duplicates.iter().map(duplicate)),
        }
    }
}

fn named<T: Display>(all: impl Iterator<Item = T>) -> Vec<String> {
    all.take(NAMED_MAX).map(|it| it.to_string()).collect()
}

fn violation(found: &Violation) -> String {
    let Violation {
        session,
        action,
        window,
        cap,
        count,
        until,
    } = found;
    let action = action.name();
    format!("session {session}: {count} {action} in the {window:?} until {until}, cap {cap}")
}

/// Whom it was done to is not told.
fn duplicate(found: &Duplicate) -> String {
    let Duplicate {
        session,
        action,
        target: _,
        text_digest: _,
        seqs,
        while_pending: _,
    } = found;
    let action = action.name();
    format!("session {session}: {action} by the requests {seqs:?}")
}
