//! The earliest instant at which an account may do something, and what says so (R-CAP-4).

mod rule;

use super::sender::{ActionFacts, Probe, Sender};
use super::window::{BadRules, Window};
use super::{Action, ramp, spacing};
use crate::account::Status;
use jiff::{SignedDuration, Timestamp};

use rule::{CountedSends, RuleInput};
pub use rule::{Figures, Rule};

/// How often the rules may push in turn before the search is given up. Each window, fall-out and step of a ramp within
/// the longest window pushes once, which stays below a hundred.
const PUSHES_MAX: usize = 1_000;

/// When something may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Then.
    At {
        /// The earliest instant, now or later.
        at: Timestamp,
        /// The rule that moved it there last; none if it is now.
        rule: Option<Rule>,
    },
    /// At no instant that can be told from what is known.
    Never(Reason),
}

/// Why there is no instant: something else must happen first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is not connected.
    Status(Status),
    /// A hold without an end.
    Hold {
        /// The word in our tables.
        reason: String,
    },
    /// The cap is 0.
    NoCap {
        /// The daily cap.
        day: u32,
        /// The weekly cap.
        week: u32,
    },
    /// Its sending rules cannot be obeyed.
    BadRules(BadRules),
    /// Its window does not open within a fortnight.
    NoWindow,
    /// Its first ramp starts at nothing, and stays there.
    NoRamp,
    /// One of its calls is on its way.
    Busy,
    /// The one send that must succeed first is not settled (R-CAP-8).
    Probing,
    /// The rules pushed one another for longer than any history can explain.
    Unsettled,
}

impl Reason {
    /// The word in metrics and tables.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Hold { .. } => "hold",
            Self::NoCap { .. } => "no_cap",
            Self::BadRules(_) => "bad_rules",
            Self::NoWindow => "no_window",
            Self::NoRamp => "no_ramp",
            Self::Busy => "busy",
            Self::Probing => "probing",
            Self::Unsettled => "unsettled",
        }
    }
}

/// The earliest instant, `now` or later, at which every rule allows that action (R-CAP-4).
///
/// Each rule moves the instant to the first that it allows itself, until none moves it: so nothing earlier is allowed
/// by all of them.
pub fn next_instant(sender: &Sender, facts: &ActionFacts, now: Timestamp) -> Slot {
    if let Some(reason) = never(sender, facts) {
        return Slot::Never(reason);
    }
    let window = match Window::of(&sender.rules) {
        Ok(window) => window,
        Err(bad) => return Slot::Never(Reason::BadRules(bad)),
    };
    let asked = RuleInput {
        sender,
        facts,
        window: &window,
    };
    let (mut at, mut last) = (now, None);
    for _ in 0..PUSHES_MAX {
        let Some(pushed) = asked.pushes(at).next() else {
            return Slot::At { at, rule: last };
        };
        let Some(until) = pushed.until else {
            return Slot::Never(match pushed.rule {
                Rule::Ramp(_) => Reason::NoRamp,
                _ => Reason::NoWindow,
            });
        };
        (at, last) = (until, Some(pushed.rule));
    }
    Slot::Never(Reason::Unsettled)
}

/// Every rule that forbids it at `now`, each with the instant until which it does by itself; empty when it may go.
/// What [`next_instant`] calls never, no rule here speaks of.
pub fn blocking(sender: &Sender, facts: &ActionFacts, now: Timestamp) -> Vec<(Rule, Timestamp)> {
    let Ok(window) = Window::of(&sender.rules) else {
        return vec![];
    };
    let asked = RuleInput {
        sender,
        facts,
        window: &window,
    };
    let pushes = asked.pushes(now);
    pushes.filter_map(|it| Some((it.rule, it.until?))).collect()
}

/// When the account's window closes that is open at `now`; none where it does not within a fortnight, or no rules can be
/// obeyed. A call that starts then starts too late (R-CAP-3).
pub fn closes_at(sender: &Sender, now: Timestamp) -> Option<Timestamp> {
    Window::of(&sender.rules).ok()?.closes(now)
}

/// Sends of that action that any 24 hours may hold, as of `now`, whoever made them.
pub fn allowance_now(sender: &Sender, facts: &ActionFacts, now: Timestamp) -> u32 {
    ramp::allowance(facts.caps.day, sender, now).day
}

/// The pause to keep after the sender's newest send before an action; none without one.
pub fn gap(sender: &Sender, action: Action) -> SignedDuration {
    sender
        .last
        .map_or(SignedDuration::ZERO, |last| spacing::gap(last.send, action))
}

/// How many both windows hold at `now`, whether Relink sent them or the account's owner did (R-CAP-10): of the day, of
/// the week.
pub fn used(sender: &Sender, facts: &ActionFacts, now: Timestamp) -> (u32, u32) {
    in_both(sender, |width| CountedSends::within(facts, width, now))
}

/// How many of [`used`] were made by hand: of the day, of the week.
pub fn used_by_hand(sender: &Sender, facts: &ActionFacts, now: Timestamp) -> (u32, u32) {
    in_both(sender, |width| {
        CountedSends::by_hand_within(facts, width, now)
    })
}

/// Sends of ours of that action that 24 hours may hold, as of `now`: what the database, which counts ours alone, bounds
/// the reservation by. What was done by hand leaves less of the day, and of the week where that has less left (R-CAP-10).
pub fn allowance_of_ours(sender: &Sender, facts: &ActionFacts, now: Timestamp) -> u32 {
    let allowance = allowance_now(sender, facts, now);
    let (day, week) = used(sender, facts, now);
    let (day_by_hand, week_by_hand) = used_by_hand(sender, facts, now);
    if week_by_hand == 0 {
        return allowance;
    }
    let left_of_week = facts.caps.week.saturating_sub(week);
    let left = allowance.saturating_sub(day).min(left_of_week);
    (day - day_by_hand).saturating_add(left)
}

fn in_both<'a>(sender: &Sender, held: impl Fn(SignedDuration) -> CountedSends<'a>) -> (u32, u32) {
    let count = |width| u32::try_from(held(width).len()).unwrap_or(u32::MAX);
    (count(rule::day(sender)), count(rule::week(sender)))
}

fn never(sender: &Sender, facts: &ActionFacts) -> Option<Reason> {
    if sender.status != Status::Connected {
        return Some(Reason::Status(sender.status));
    }
    if let Some(hold) = sender.holds.iter().find(|it| it.until.is_none()) {
        let reason = hold.reason.clone();
        return Some(Reason::Hold { reason });
    }
    let (day, week) = (facts.caps.day, facts.caps.week);
    if day == 0 || week == 0 {
        return Some(Reason::NoCap { day, week });
    }
    if sender.is_busy {
        return Some(Reason::Busy);
    }
    (sender.probe == Probe::Pending).then_some(Reason::Probing)
}

#[cfg(test)]
mod tests;
