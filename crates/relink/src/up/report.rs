//! What a run did: counted from the database's rows and the simulator's log, never from a process's own counters.

mod causes;
mod pace;
mod shown;
mod standing;

pub(crate) use causes::Causes;
pub(crate) use pace::Pace;
pub(crate) use standing::Standings;

use serde::Serialize;
use simulator::control::{Action, Counts, Verdict};
use std::collections::BTreeMap;
use store::audit::Verification;
use store::report::{AlertLine, SendTotals, Totals, Windows};

/// What the database's rows tell.
pub(crate) struct Rows {
    pub(crate) totals: Totals,
    pub(crate) alerts: Vec<AlertLine>,
    pub(crate) sends: SendTotals,
    pub(crate) windows: Vec<Windows>,
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

/// The final report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    totals: Totals,
    #[serde(flatten)]
    sends: SendTotals,
    /// Every hash, chain and pairing recomputed.
    audit_chain_ok: bool,
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
    /// Sessions of one workspace that were lost at one instant, by plan.
    lost_at_once: usize,
    /// Answers to what the mass-change breaker stopped, each with what the operator's command printed.
    operator_answers: Vec<String>,
    /// Every process ended with exit code 0.
    clean_stop: bool,
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
        (standings, causes, pace): (&Standings, &Causes, &Pace),
        clean_stop: bool,
    ) -> Self {
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
            lost_at_once: *lost_at_once,
            operator_answers: vec![],
            clean_stop,
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
        self.is_judged() && self.checks().iter().all(|(_, holds)| *holds)
    }

    /// Whether the two clocks agree well enough for the provider's log to be held against our rows.
    fn is_judged(&self) -> bool {
        !are_too_far(self.provider_clock_off_s)
    }

    fn checks(&self) -> [(&'static str, bool); 16] {
        let (totals, sends) = (&self.totals, &self.sends);
        let accounted = totals.jobs_finished + totals.jobs_waiting + totals.dead_letters;
        let known = sends.sends_unknown_resolved
            + sends.sends_unknown_looked_for
            + sends.sends_unknown_alerted;
        // What was called and did not say that it happened, may have.
        let (least, most) = (
            count(sends.sends_sent_in_run),
            count(sends.sends_sent_in_run + sends.sends_open_in_run),
        );
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
            (
                "no cap is broken (database)",
                self.cap_violations_database == 0,
            ),
            (
                "no cap is broken (provider's log)",
                self.cap_violations_provider == 0,
            ),
            ("nothing was sent twice", self.sends_duplicated == 0),
            (
                "every outcome is known, looked for, or alerted",
                sends.sends_unknown == known && sends.sends_adrift == 0,
            ),
            ("every send has its audit rows", sends.sends_unaudited == 0),
            (
                "the provider did what the rows say",
                (least..=most).contains(&self.provider_effects),
            ),
            ("nothing was deleted", self.provider_deletes == 0),
            (
                "every account whose session is well is connected",
                self.accounts_astray.is_empty(),
            ),
            (
                "no account held and no campaign paused without a true cause",
                self.stopped_without_cause.is_empty(),
            ),
            ("every process ended cleanly", self.clean_stop),
        ]
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
