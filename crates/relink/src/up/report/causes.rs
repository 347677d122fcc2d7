//! Holds of accounts and pauses of campaigns without a true cause: rows held against what the provider knew (R-CAP-8).
//!
//! Nothing that our own sends were answered is a cause here. An account is restricted where the provider restricted it, a
//! session was lost where the provider had lost it, and no campaign of ours says what is refused.

use super::pace::Pace;
use crate::up::witness::Witness;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use store::report::{HoldLine, PauseLine};

/// Heals come that long after a sender is back, at the latest.
const HEALED_MAX: SignedDuration = SignedDuration::from_mins(5);
/// Time in which losses make a loop (R-HEAL-3), and how many of them.
const LOOP: (SignedDuration, usize) = (SignedDuration::from_hours(1), 3);

/// What began in this run, and what the provider knew meanwhile.
pub(crate) struct Causes {
    pub(crate) holds: Vec<HoldLine>,
    pub(crate) pauses: Vec<PauseLine>,
    pub(crate) witness: Witness,
    /// Sessions that the provider restricted, each with the instant.
    pub(crate) restricted: BTreeMap<String, Timestamp>,
}

impl Causes {
    /// Holds and pauses that nothing of the provider's explains, in words.
    pub(crate) fn unfounded(&self, pace: &Pace) -> Vec<String> {
        let holds = self.holds.iter();
        let holds = holds.filter(|it| !self.is_held_rightly(it, pace));
        let holds = holds.map(|it| {
            let HoldLine {
                name, reason, note, ..
            } = it;
            format!("{name}: held {reason} since {}, {note}", it.since)
        });
        let pauses = self.pauses.iter();
        let pauses = pauses.filter(|it| !self.is_paused_rightly(it, pace));
        let pauses = pauses.map(|it| {
            let PauseLine {
                campaign,
                reason,
                note,
                ..
            } = it;
            format!("{campaign}: paused {reason} since {}, {note}", it.paused_at)
        });
        holds.chain(pauses).collect()
    }

    /// How many there were of each reason.
    pub(crate) fn counted(&self) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
        let holds = self.holds.iter().map(|it| it.reason.as_str());
        let pauses = self.pauses.iter().map(|it| it.reason.as_str());
        (count(holds), count(pauses))
    }

    fn is_held_rightly(&self, hold: &HoldLine, pace: &Pace) -> bool {
        let HoldLine {
            name: _,
            session,
            reason,
            since,
            note: _,
            is_in_force: _,
            is_asked_for,
        } = hold;
        let session = session.as_deref().unwrap_or_default();
        let restricted = self.restricted.get(session);
        let is_restricted = restricted.is_some_and(|at| at <= since);
        match reason.as_str() {
            "restricted" => is_restricted,
            "protective" => is_restricted || self.was_lost(session, *since, pace),
            "wrong_account" => self.witness.changed_hands(session),
            "session_gone" => self.witness.was_gone(session),
            _ => *is_asked_for,
        }
    }

    fn is_paused_rightly(&self, pause: &PauseLine, pace: &Pace) -> bool {
        let PauseLine {
            campaign: _,
            sessions,
            reason,
            paused_at,
            note: _,
            is_in_force,
            is_asked_for,
        } = pause;
        // What is younger than the next heal may stand, also where it began while the fleet was stopped.
        let healed_at = pace.at.checked_sub(HEALED_MAX).unwrap_or(pace.at);
        let healed_at = healed_at.max(*paused_at);
        let was_lost = |at: Timestamp| sessions.iter().any(|it| self.was_lost(it, at, pace));
        match reason.as_str() {
            "account_disconnected" => was_lost(*paused_at) && (!is_in_force || was_lost(healed_at)),
            "stuck_loop" => {
                let (span, losses) = LOOP;
                let from = paused_at.checked_sub(span + pace.lag());
                let from = from.unwrap_or(Timestamp::MIN);
                let breaks = sessions
                    .iter()
                    .map(|it| self.witness.breaks(it, from, *paused_at));
                breaks.sum::<usize>() >= losses
            }
            // No campaign that is planted says what is refused, nor does it write to people of whom half refuse.
            _ => *is_asked_for,
        }
    }

    /// Whether a session was lost at `at`, or so short a while before that its return could not be known here.
    fn was_lost(&self, session: &str, at: Timestamp, pace: &Pace) -> bool {
        let from = at.checked_sub(pace.lag()).unwrap_or(Timestamp::MIN);
        self.witness.breaks(session, from, at) > 0
    }
}

fn count<'a>(reasons: impl Iterator<Item = &'a str>) -> BTreeMap<String, u64> {
    let mut counted = BTreeMap::new();
    for reason in reasons {
        *counted.entry(reason.to_owned()).or_default() += 1;
    }
    counted
}

#[cfg(test)]
mod tests;
