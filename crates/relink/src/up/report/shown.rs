//! The report as a person reads it.

use super::Report;
use std::collections::BTreeMap;
use std::fmt;

/// Most answers of the operator that are listed; the report's JSON has all.
const ANSWERS_SHOWN: usize = 6;
/// Most lines of what speaks against one thing that must hold.
const AGAINST_SHOWN: usize = 20;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nWhat happened")?;
        for (what, value) in self
            .fleet()
            .into_iter()
            .chain(self.operator())
            .chain(self.links.lines())
            .chain(self.sent())
        {
            writeln!(f, "  {what:<20} {value}")?;
        }
        writeln!(
            f,
            "Fullest rolling windows (most of its cap; the provider's own count)"
        )?;
        for (action, one) in &self.rolling_max {
            writeln!(
                f,
                "  {action:<20} 24 h: {} of {}; {}   7 days: {} of {}; {}",
                one.day, one.day_cap, one.provider_day, one.week, one.week_cap, one.provider_week
            )?;
        }
        if !self.is_judged() {
            let off = self.provider_clock_off_s;
            return writeln!(f, "Not judged: the provider's clock was {off} s from ours");
        }
        writeln!(f, "What must hold")?;
        for check in self.checks() {
            let word = if check.holds() { "yes" } else { "NO " };
            writeln!(f, "  {word}  {}", check.what)?;
            for line in check.against.iter().take(AGAINST_SHOWN) {
                writeln!(f, "         {line}")?;
            }
            if let Some(more) = check
                .against
                .len()
                .checked_sub(AGAINST_SHOWN)
                .filter(|it| *it > 0)
            {
                writeln!(f, "         and {more} lines more, which `--report` has")?;
            }
        }
        Ok(())
    }
}

impl Report {
    fn fleet(&self) -> [(&'static str, String); 11] {
        let totals = &self.totals;
        [
            (
                "flips, audit rows",
                format!("{}, {}", totals.flips, totals.flip_audit_rows),
            ),
            (
                "losses, reconnects",
                format!("{}, {}", totals.losses, totals.reconnects),
            ),
            (
                "lost at once",
                format!("{} sessions of one workspace", self.lost_at_once),
            ),
            ("accounts held", by_reason(&self.held)),
            ("campaigns paused", by_reason(&self.paused)),
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
                    "{}, {} of them deletes, {} struck by a fault",
                    self.provider_requests, self.provider_deletes, self.provider_faults
                ),
            ),
            (
                "open alerts",
                format!("{} {}", totals.alerts, self.alert_codes.join(", ")),
            ),
        ]
    }

    /// A line for each answer to what was stopped.
    fn operator(&self) -> Vec<(&'static str, String)> {
        let answers = self.operator_answers.iter().take(ANSWERS_SHOWN);
        let lines: Vec<_> = answers.map(|said| ("operator", said.clone())).collect();
        if lines.is_empty() {
            return vec![("operator", "nothing was stopped".to_owned())];
        }
        lines
    }

    fn sent(&self) -> [(&'static str, String); 4] {
        let sends = &self.sends;
        [
            (
                "sends settled",
                format!(
                    "{}: {} sent, {} refused, {} failed; {} audit rows",
                    sends.sends_settled,
                    sends.sends_sent,
                    sends.sends_refused,
                    sends.sends_failed,
                    sends.send_audit_rows
                ),
            ),
            (
                "sends not made",
                format!(
                    "{} planned or on their way, {} taken back before any call",
                    sends.sends_open, sends.sends_cancelled
                ),
            ),
            (
                "outcomes unknown",
                format!(
                    "{}: {} resolved, {} looked for ({} profile views, which leave no trace), {} given up and alerted",
                    sends.sends_unknown,
                    sends.sends_unknown_resolved,
                    sends.sends_unknown_looked_for,
                    sends.sends_unknown_traceless,
                    sends.sends_unknown_alerted
                ),
            ),
            (
                "provider's log",
                format!(
                    "{} effects, {} duplicates, {} windows over a cap",
                    self.provider_effects,
                    self.sends_duplicated_provider,
                    self.cap_violations_provider
                ),
            ),
        ]
    }
}

/// `2 restricted, 1 protective`.
fn by_reason(counted: &BTreeMap<String, u64>) -> String {
    let counted = counted.iter();
    let all: Vec<String> = counted
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(", ")
    }
}
