//! What a run did: counted from the database's rows and the simulator's log, never from a process's own counters.

mod causes;
mod checks;
mod links;
mod pace;
mod particulars;
mod proven;
mod shown;
mod standing;

pub(crate) use causes::Causes;
pub(crate) use links::Links;
pub(crate) use pace::Pace;
pub(crate) use standing::Standings;

use crate::up::children::UncleanEnd;
use checks::Check;
use links::LinksReport;
use particulars::Particulars;
use proven::Truth;
use serde::Serialize;
use simulator::control::{Action, Counts, Verdict};
use std::collections::BTreeMap;
use store::audit::Verification;
use store::report::{AlertLine, OddJob, SendTotals, Totals, Windows};

/// What the database's rows tell.
pub(crate) struct Rows {
    pub(crate) totals: Totals,
    pub(crate) alerts: Vec<AlertLine>,
    pub(crate) sends: SendTotals,
    pub(crate) windows: Vec<Windows>,
    /// Jobs that are lost or failed for good, as far as they are listed.
    pub(crate) odd_jobs: Vec<OddJob>,
}

/// What the provider tells: its counters, the referee's judgement, and how far its clock is from ours.
pub(crate) struct Provider {
    pub(crate) counts: Counts,
    pub(crate) verdict: Verdict,
    /// Farthest that it was seen in the run, in seconds of the fleet's clock.
    pub(crate) clock_off_s: i64,
    /// Sessions that the one planned loss took.
    pub(crate) lost_at_once: usize,
}

/// How far two clocks may be apart, in seconds, before nothing that one says is held against the other.
const CLOCK_OFF_MAX_S: i64 = 60;

/// Whether clocks that are so many seconds apart say nothing about each other.
pub(crate) fn are_too_far(off_s: i64) -> bool {
    off_s.abs() > CLOCK_OFF_MAX_S
}

/// What the provider's truth is held against.
pub(crate) struct Judged {
    pub(crate) standings: Standings,
    pub(crate) causes: Causes,
    pub(crate) pace: Pace,
    pub(crate) links: Links,
}

/// The final report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    totals: Totals,
    #[serde(flatten)]
    sends: SendTotals,
    /// Every hash, chain and pairing recomputed.
    audit_chain_ok: bool,
    audit_wrong: u64,
    /// Rolling windows that hold more than a cap: in the database's rows and in the provider's own log.
    cap_violations: u64,
    cap_violations_database: u64,
    cap_violations_provider: u64,
    /// What happened, or may have, more than once: by the database's rows and by the provider's own log.
    sends_duplicated: u64,
    sends_duplicated_provider: u64,
    /// The fullest rolling windows of each action, in both.
    rolling_max: BTreeMap<String, Fullest>,
    /// What the provider's log says that this run did to people.
    provider_effects: u64,
    /// `DELETE`s of sessions in the simulator's log.
    provider_deletes: u64,
    /// Requests in the simulator's log.
    provider_requests: u64,
    /// Requests that a fault befell.
    provider_faults: u64,
    /// Farthest that the provider's clock was seen from ours, in seconds of the fleet's.
    provider_clock_off_s: i64,
    /// Longest run of the status watch, in seconds of this machine.
    watch_longest_s: f64,
    /// Holds and pauses that began in this run, by their reasons.
    held: BTreeMap<String, u64>,
    paused: BTreeMap<String, u64>,
    /// Those of them that nothing of the provider's explains (R-CAP-8).
    stopped_without_cause: Vec<String>,
    /// Accounts that are not connected though their session is well for longer than it takes to be seen (R-ST-5).
    accounts_astray: Vec<String>,
    /// Connected accounts that have no live session of their own person.
    accounts_unproven: Vec<String>,
    #[serde(flatten)]
    links: LinksReport,
    /// Sessions of one workspace that were lost at one instant, by plan.
    lost_at_once: usize,
    /// Answers to what the mass-change breaker stopped, each with what the operator's command printed.
    operator_answers: Vec<String>,
    /// Every process ended with exit code 0.
    clean_stop: bool,
    /// Those that did not.
    unclean_ends: Vec<UncleanEnd>,
    #[serde(flatten)]
    particulars: Particulars,
    /// Codes of the open alerts.
    alert_codes: Vec<String>,
}

/// The fullest rolling windows of one action: by the rows that caps are counted from, against the cap of their account,
/// and by the provider's log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Fullest {
    day: i64,
    day_cap: i64,
    week: i64,
    week_cap: i64,
    /// The most that any one session did, whatever its cap; the verdict holds each against its own.
    provider_day: u64,
    provider_week: u64,
}

impl Report {
    pub(crate) fn new(
        rows: &Rows,
        audit: &Verification,
        provider: &Provider,
        judged: &Judged,
        unclean_ends: Vec<UncleanEnd>,
    ) -> Self {
        let Judged {
            standings,
            causes,
            pace,
            links,
        } = judged;
        let truth = Truth {
            witness: &causes.witness,
            signed_in: &links.owners.signed_in,
        };
        let Provider {
            counts,
            verdict,
            clock_off_s,
            lost_at_once,
        } = provider;
        let (held, paused) = causes.counted();
        let in_rows = rows.windows.iter().map(|one| count(one.violations)).sum();
        Self {
            audit_chain_ok: audit.wrong == 0,
            audit_wrong: audit.wrong,
            particulars: Particulars::of(rows, audit, verdict),
            cap_violations: in_rows + verdict.violated,
            cap_violations_database: in_rows,
            cap_violations_provider: verdict.violated,
            sends_duplicated: count(rows.sends.duplicated) + verdict.duplicated,
            sends_duplicated_provider: verdict.duplicated,
            rolling_max: fullest(&rows.windows, verdict),
            provider_effects: verdict.effects,
            provider_deletes: counts.delete_requests,
            provider_requests: counts.requests,
            provider_faults: counts.faults.values().sum(),
            provider_clock_off_s: *clock_off_s,
            watch_longest_s: pace.longest_run().as_secs_f64() / pace.speed,
            held,
            paused,
            stopped_without_cause: causes.unfounded(pace),
            accounts_astray: standings.strays(pace),
            accounts_unproven: standings.unproven(&truth, pace),
            links: links.into(),
            lost_at_once: *lost_at_once,
            operator_answers: vec![],
            clean_stop: unclean_ends.is_empty(),
            unclean_ends,
            alert_codes: rows
                .alerts
                .iter()
                .map(|alert| format!("{} ({}×)", alert.code, alert.times))
                .collect(),
            totals: rows.totals,
            sends: rows.sends,
        }
    }

    /// The same, with what an operator answered.
    pub(crate) fn with_answers(self, operator_answers: Vec<String>) -> Self {
        Self {
            operator_answers,
            ..self
        }
    }

    /// Whether everything that must hold, holds.
    pub(crate) fn is_good(&self) -> bool {
        self.is_judged() && self.checks().iter().all(Check::holds)
    }

    /// Whether the two clocks agree well enough for the provider's log to be held against our rows.
    fn is_judged(&self) -> bool {
        !are_too_far(self.provider_clock_off_s)
    }
}

fn fullest(windows: &[Windows], verdict: &Verdict) -> BTreeMap<String, Fullest> {
    let mut all: BTreeMap<String, Fullest> = BTreeMap::new();
    for one in windows {
        let fullest = all.entry(one.action.clone()).or_default();
        (fullest.day, fullest.day_cap) = (one.day_most, one.day_cap);
        (fullest.week, fullest.week_cap) = (one.week_most, one.week_cap);
    }
    for action in Action::ALL {
        let Some(judged) = verdict.actions.get(&action).filter(|it| it.total > 0) else {
            continue;
        };
        let fullest = all.entry(action.name().to_owned()).or_default();
        fullest.provider_day = judged.day.as_ref().map_or(0, |peak| peak.count);
        fullest.provider_week = judged.week.as_ref().map_or(0, |peak| peak.count);
    }
    all
}

/// A count is never below zero.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests;
