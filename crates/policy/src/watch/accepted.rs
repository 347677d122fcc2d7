//! Losses that an operator accepted, applied at once (R-WAT-3).

use super::apply::lose;
use super::{Proposed, ProposedClass, RunStep};
use crate::decision::{Decision, NewJob};
use crate::jobs::{AcceptedLosses, LOSSES_APPLY};
use jiff::Timestamp;
use serde_json::json;

/// Some accepted losses, in the order of accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct AcceptedPage {
    /// What the job was asked.
    pub asked: AcceptedLosses,
    /// Losses whose newest sight is no older than a period, each with the run that saw it.
    pub rows: Vec<(Timestamp, Proposed)>,
    /// Whether nothing is left after these.
    pub is_last: bool,
}

/// Applies what was accepted and was seen within the last period; the next run applies the rest, on its own sight.
pub fn apply_accepted(page: AcceptedPage, now: Timestamp) -> Decision {
    let AcceptedPage {
        asked,
        rows,
        is_last,
    } = page;
    let mut decision = Decision::nothing(now);
    for (run, row) in &rows {
        if let ProposedClass::Loss { to, cause } = row.class {
            lose(&mut decision, *run, row, to, cause);
        }
    }
    let last = rows.last().map(|(_, row)| row.account);
    if let Some(after) = last.filter(|_| !is_last) {
        let next = AcceptedLosses {
            after: Some(after),
            ..asked
        };
        decision.jobs.push(next.job(now));
    }
    let accounts = rows.iter().map(|(_, row)| row.account).collect();
    decision.run = Some(RunStep::Accepted { accounts });
    decision
}

impl AcceptedLosses {
    /// The job of this page; the same page of the same act is the same job.
    pub fn job(&self, now: Timestamp) -> NewJob {
        let page = self.after.map_or_else(String::new, |it| format!("/{it}"));
        NewJob {
            kind: LOSSES_APPLY,
            cause: format!("{}@{}{page}", LOSSES_APPLY.name, self.audit),
            workspace: None,
            account: None,
            run_at: now,
            payload: json!(self),
        }
    }
}
