//! How many sends of one action a day, while an account is new or comes back from an outage (R-CAP-3, R-HEAL-4).

use super::sender::{Outage, Sender};
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// A shorter outage is none. Sessions blink: the provider restarts daily, and a proxy's hiccup says nothing about how
/// the account looks to LinkedIn. Halving a week's sends for that would be a harm of its own.
const OUTAGE_MIN: SignedDuration = SignedDuration::from_hours(1);
/// An outage longer than this restarts lower and returns more slowly.
const OUTAGE_LONG: SignedDuration = SignedDuration::from_hours(14 * 24);
/// However low the cap, this much is left of it after an outage.
const OUTAGE_LEAVES: u32 = 1;

/// How an allowance returns after an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Recovery {
    /// Percent of the cap on the first day.
    percent: u32,
    /// Days until all of it, in equal steps.
    days: u32,
}

const AFTER_SHORT: Recovery = Recovery {
    percent: 50,
    days: 7,
};
const AFTER_LONG: Recovery = Recovery {
    percent: 25,
    days: 14,
};

/// What bounds an allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The cap itself.
    Cap,
    /// The account is new.
    Ramp,
    /// The account comes back from an outage.
    Outage,
}

/// Sends of one action that any 24 hours may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How many.
    pub day: u32,
    /// What bounds it; the cap where several agree, the first ramp before an outage's.
    pub bound: Bound,
}

/// The allowance at an instant under a daily cap: the lowest of cap, first ramp and an outage's, rounded down (R-CAP-3,
/// R-HEAL-4). An outage leaves something; a ramp that starts at 0 allows nothing until its first step.
pub fn allowance(cap: u32, sender: &Sender, at: Timestamp) -> Allowance {
    let first = first_ramp(sender, at);
    let outage = of_outage(cap, sender.outage, at).max(OUTAGE_LEAVES);
    let day = cap.min(first).min(outage);
    let bound = match day {
        day if day == cap => Bound::Cap,
        day if day == first => Bound::Ramp,
        _ => Bound::Outage,
    };
    Allowance { day, bound }
}

/// The first instant after `now` at which [`allowance`] is higher than now; none if it stays.
pub fn next_rise(cap: u32, sender: &Sender, now: Timestamp) -> Option<Timestamp> {
    let today = allowance(cap, sender, now).day;
    if today >= cap {
        return None;
    }
    // Both bounds only ever rise, so that the allowance rises when the later of them is above today's.
    let first = first_above(sender, today)?;
    let outage = outage_above(cap, sender.outage, today);
    Some(first.max(outage)).filter(|it| *it > now)
}

/// Which outage to remember when an account comes back: the one that allows less then, the latest if both allow the
/// same. So a blink in the middle of a recovery neither ends that nor begins it anew (R-HEAL-4).
pub fn remembered(before: Option<Outage>, latest: Outage) -> Outage {
    let permille = |outage| of_outage(1000, Some(outage), latest.until);
    let lower = before.filter(|before| permille(*before) < permille(latest));
    lower.unwrap_or(latest)
}

/// Full days of 24 hours; none before `since`.
fn full_days(since: Timestamp, at: Timestamp) -> u32 {
    let seconds = at.duration_since(since).as_secs().max(0);
    u32::try_from(seconds / DAY.as_secs()).unwrap_or(u32::MAX)
}

fn days_after(since: Timestamp, days: u32) -> Timestamp {
    let later = SignedDuration::from_hours(24_i64.saturating_mul(i64::from(days)));
    since.checked_add(later).unwrap_or(Timestamp::MAX)
}

/// An account that was never connected has not begun its ramp.
fn first_ramp(sender: &Sender, at: Timestamp) -> u32 {
    let days = sender
        .first_connected_at
        .map_or(0, |since| full_days(since, at));
    let rules = &sender.rules;
    rules
        .ramp_start
        .saturating_add(rules.ramp_step.saturating_mul(days))
}

/// When the first ramp is above `today`; none if it never is.
fn first_above(sender: &Sender, today: u32) -> Option<Timestamp> {
    let rules = &sender.rules;
    let Some(lacking) = today.checked_sub(rules.ramp_start) else {
        return Some(Timestamp::MIN);
    };
    let days = lacking.checked_div(rules.ramp_step)?.checked_add(1)?;
    Some(days_after(sender.first_connected_at?, days))
}

fn recovery(outage: Outage) -> Option<Recovery> {
    let length = outage.until.duration_since(outage.from);
    match length {
        length if length < OUTAGE_MIN => None,
        length if length <= OUTAGE_LONG => Some(AFTER_SHORT),
        _ => Some(AFTER_LONG),
    }
}

impl Recovery {
    /// Of `cap` after so many full days, rounded down.
    fn of(self, cap: u32, days: u32) -> u32 {
        let days = days.min(self.days);
        // In parts of a hundred times the days, so that nothing is rounded before the end.
        let parts = u64::from(self.percent * self.days + (100 - self.percent) * days);
        let whole = u64::from(100 * self.days);
        u32::try_from(u64::from(cap) * parts / whole).unwrap_or(cap)
    }
}

fn of_outage(cap: u32, outage: Option<Outage>, at: Timestamp) -> u32 {
    let Some((outage, recovery)) = outage.and_then(|it| Some((it, recovery(it)?))) else {
        return cap;
    };
    recovery.of(cap, full_days(outage.until, at))
}

/// When an outage's bound is above `today`, which is below the cap.
fn outage_above(cap: u32, outage: Option<Outage>, today: u32) -> Timestamp {
    let Some((outage, recovery)) = outage.and_then(|it| Some((it, recovery(it)?))) else {
        return Timestamp::MIN;
    };
    let bound = |days| recovery.of(cap, days).max(OUTAGE_LEAVES);
    let above = (0..recovery.days).find(|days| bound(*days) > today);
    match above {
        Some(0) => Timestamp::MIN,
        days => days_after(outage.until, days.unwrap_or(recovery.days)),
    }
}

#[cfg(test)]
mod tests;
