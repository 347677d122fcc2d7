//! Whether duties decide anything (R-WAT-5). A duty that ran and could decide nothing has not succeeded.
//!
//! A duty is what a schedule asks for, or one of [`UNSCHEDULED`]. Its row says when it was last *conclusive*: its run ended
//! with every job done, and none of its jobs said that it could decide nothing.

mod leader;
mod verdict;

pub use leader::{LEADER_FAILURES_ALERTED, LeaderDuty, is_failure_told};
pub use verdict::{DutyVerdict, Verdict, of_guards, of_look, of_outcome, of_poll};

use crate::decision::Alert;
use crate::jobs::{
    CONFIRM_POLL, DUPLICATES_WATCH, Kind, ORPHANS_WATCH, SENDS_RESOLVE, SENDS_SETTLE, STATUS_APPLY,
    STATUS_COMPARE, STATUS_WATCH,
};
use crate::schedule::Period;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Duties that no schedule asks for, with the period in which they should decide something while they have anything to do.
pub const UNSCHEDULED: [(Kind, Period); 1] = [(CONFIRM_POLL, Period::minutes(1))];

/// Periods without a conclusive run.
const PERIODS_MAX: i32 = 3;
/// Time beyond these periods, for the run that is under way.
const SLACK: SignedDuration = SignedDuration::from_mins(5);
/// Machine time of that slack: under a faster clock it is what a busy machine may need, not 5 minutes of that clock.
const SLACK_OF_MACHINE_S: f64 = 30.0;

/// Kinds of job without which a duty decides nothing. While one of them is paused, nobody expects anything of it.
pub fn needs(duty: Kind) -> Vec<Kind> {
    let others: &[Kind] = match duty {
        STATUS_WATCH => &[STATUS_COMPARE, STATUS_APPLY],
        // They look at what the watch has listed.
        ORPHANS_WATCH | DUPLICATES_WATCH => &[STATUS_WATCH],
        // It asks, they look.
        SENDS_SETTLE => &[SENDS_RESOLVE],
        _ => &[],
    };
    [&[duty], others].concat()
}

/// Where a duty stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyState {
    /// Name of the schedule, or of the kind of job.
    pub duty: String,
    /// Its period.
    pub every: SignedDuration,
    /// Instant before which nobody expected a conclusive run: first declared, last paused, last without anything to do.
    pub counted_from: Timestamp,
    /// End of the last conclusive run; null before the first.
    pub conclusive_at: Option<Timestamp>,
    /// Last time that a job of it said how it went, or a run ended; null before the first.
    pub tried_at: Option<Timestamp>,
    /// Times in a row that it could decide nothing.
    pub inconclusive: i32,
    /// Reason of the last of these.
    pub note: Option<String>,
    /// A pause covers it, its queue, or a kind that it needs.
    pub is_held: bool,
    /// Last time that operators were told.
    pub alerted_at: Option<Timestamp>,
}

impl DutyState {
    /// Instant since when a conclusive run is owed.
    pub fn owed_since(&self) -> Timestamp {
        self.conclusive_at
            .map_or(self.counted_from, |at| at.max(self.counted_from))
    }

    /// Whether nothing conclusive came for 3 periods and the slack, by a clock that runs `rate` times as fast as the
    /// machine's. What a person pauses is not blind.
    pub fn is_blind(&self, now: Timestamp, rate: f64) -> bool {
        let limit = self
            .every
            .saturating_mul(PERIODS_MAX)
            .saturating_add(slack(rate));
        !self.is_held && now.duration_since(self.owed_since()) > limit
    }

    /// Whether its own runs prove it: for 3 periods each that ended could decide nothing. The slack is for a run that is
    /// under way, and operators need not wait for it; but three periods that are shorter are soon over.
    fn is_proved_blind(&self, now: Timestamp) -> bool {
        let limit = self.every.saturating_mul(PERIODS_MAX);
        !self.is_held
            && self.every >= SLACK
            && self.inconclusive >= PERIODS_MAX
            && now.duration_since(self.owed_since()) > limit
    }

    /// Whether operators were told of this blindness a short time ago: they are told of each at once, and again once a
    /// period as long as it lasts.
    fn is_told(&self, now: Timestamp) -> bool {
        let again = self.every.max(SLACK);
        self.alerted_at
            .is_some_and(|at| self.owed_since() <= at && now.duration_since(at) < again)
    }

    fn alert(&self) -> Alert {
        let ran = match (self.inconclusive, &self.note) {
            (0, _) => "no run of it ended with every job done".to_owned(),
            (times, None) => format!("it ran and could decide nothing, {times} times in a row"),
            (times, Some(note)) => {
                format!("it ran and could decide nothing, {times} times in a row: {note}")
            }
        };
        Alert {
            code: "duty_blind",
            subject: self.duty.clone(),
            detail: json!({
                "since": self.owed_since(),
                "conclusive_at": self.conclusive_at,
                "tried_at": self.tried_at,
                "why": ran,
                "look": "relink schedules; relink queues; relink dead list; relink doctor",
            }),
        }
    }
}

/// Alerts about duties that are blind at `now`, of which operators must be told; `rate` is null for a leader so new that
/// only what runs prove is believed.
pub fn blind_alerts(duties: &[DutyState], now: Timestamp, rate: Option<f64>) -> Vec<Alert> {
    let due = duties.iter().filter(|duty| {
        let is_blind = rate.is_some_and(|rate| duty.is_blind(now, rate));
        (is_blind || duty.is_proved_blind(now)) && !duty.is_told(now)
    });
    due.map(DutyState::alert).collect()
}

fn slack(rate: f64) -> SignedDuration {
    let stretched = SLACK_OF_MACHINE_S * rate;
    let stretched = SignedDuration::try_from_secs_f64(stretched).unwrap_or(SignedDuration::MAX);
    SLACK.max(stretched)
}

#[cfg(test)]
mod tests;
