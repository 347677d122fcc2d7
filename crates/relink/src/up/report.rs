//! What a run did: counted from the database's rows and the simulator's log, never from a process's own counters.

use serde::Serialize;
use simulator::control::Counts;
use std::fmt;
use store::audit::Verification;
use store::report::{AlertLine, Totals};

/// Routes that only look, or that start and stop nothing outward.
const INWARD: [&str; 3] = [
    "GET ",
    "POST /accounts/{id}/restart",
    "POST /hosted/accounts/link",
];

/// The final report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    totals: Totals,
    /// Every hash, chain and pairing recomputed.
    audit_chain_ok: bool,
    /// Outward actions in the simulator's log that no `sends` row allowed; without sends, every one would be.
    cap_violations: u64,
    /// `DELETE`s in the simulator's log.
    provider_deletes: u64,
    /// Requests in the simulator's log.
    provider_requests: u64,
    /// Every process ended with exit code 0.
    clean_stop: bool,
    /// Codes of the open alerts.
    alert_codes: Vec<String>,
}

impl Report {
    pub(crate) fn new(
        totals: Totals,
        audit: &Verification,
        counts: &Counts,
        alerts: &[AlertLine],
        clean_stop: bool,
    ) -> Self {
        let outward = counts
            .by_route
            .iter()
            .filter(|(route, _)| !INWARD.iter().any(|inward| route.starts_with(inward)));
        Self {
            totals,
            audit_chain_ok: audit.wrong == 0,
            cap_violations: outward.flat_map(|(_, by_status)| by_status.values()).sum(),
            provider_deletes: counts.delete_requests,
            provider_requests: counts.requests,
            clean_stop,
            alert_codes: alerts
                .iter()
                .map(|alert| format!("{} ({}×)", alert.code, alert.times))
                .collect(),
        }
    }

    /// Whether everything that must hold, holds.
    pub(crate) fn is_good(&self) -> bool {
        self.checks().iter().all(|(_, holds)| *holds)
    }

    fn checks(&self) -> [(&'static str, bool); 9] {
        let totals = &self.totals;
        let accounted = totals.jobs_finished + totals.jobs_waiting + totals.dead_letters;
        [
            (
                "every flip has its audit row",
                totals.flips == totals.flip_audit_rows,
            ),
            ("the audit's chain is intact", self.audit_chain_ok),
            (
                "every job is finished or waiting",
                totals.jobs_enqueued == accounted,
            ),
            ("no job is lost", totals.jobs_lost == 0),
            ("no effect happened twice", totals.effects_duplicated == 0),
            ("no dead letter", totals.dead_letters == 0),
            ("no cap is broken", self.cap_violations == 0),
            ("nothing was deleted", self.provider_deletes == 0),
            ("every process ended cleanly", self.clean_stop),
        ]
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = &self.totals;
        writeln!(f, "\nWhat happened")?;
        let lines = [
            (
                "flips, audit rows",
                format!("{}, {}", totals.flips, totals.flip_audit_rows),
            ),
            (
                "losses, reconnects",
                format!("{}, {}", totals.losses, totals.reconnects),
            ),
            ("campaigns healed", totals.campaigns_healed.to_string()),
            ("orphans linked", totals.orphans_linked.to_string()),
            ("cases confirmed", totals.cases_confirmed.to_string()),
            (
                "jobs",
                format!(
                    "{} enqueued, {} finished, {} waiting, {} dead letters",
                    totals.jobs_enqueued,
                    totals.jobs_finished,
                    totals.jobs_waiting,
                    totals.dead_letters
                ),
            ),
            (
                "provider requests",
                format!(
                    "{}, {} of them deletes",
                    self.provider_requests, self.provider_deletes
                ),
            ),
            (
                "open alerts",
                format!("{} {}", totals.alerts, self.alert_codes.join(", ")),
            ),
        ];
        for (what, value) in lines {
            writeln!(f, "  {what:<20} {value}")?;
        }
        writeln!(f, "What must hold")?;
        for (what, holds) in self.checks() {
            writeln!(f, "  {}  {what}", if holds { "yes" } else { "NO " })?;
        }
        Ok(())
    }
}
