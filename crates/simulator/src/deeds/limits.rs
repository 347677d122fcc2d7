//! The provider's own limits: rolling counts of what each session did, and the marks at which it tells of them.

use crate::control::{Action, Limit};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, VecDeque};

pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);
pub(crate) const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The percentages that the provider tells when they are passed.
const MARKS: [u64; 4] = [95, 90, 75, 50];

/// What was done in the last week, by session and action, and how much of it is allowed.
#[derive(Default)]
pub(crate) struct Limits {
    limits: HashMap<Action, Limit>,
    recent: HashMap<(usize, Action), VecDeque<Timestamp>>,
}

impl Limits {
    pub(crate) fn set(&mut self, limit: Limit) {
        self.limits.insert(limit.action, limit);
    }

    pub(crate) fn all(&self) -> Vec<Limit> {
        let mut limits: Vec<Limit> = self.limits.values().copied().collect();
        limits.sort_by_key(|limit| limit.action);
        limits
    }

    /// Whether one more is within the limits.
    pub(crate) fn allow(&self, session: usize, action: Action, now: Timestamp) -> bool {
        let Some(limit) = self.limits.get(&action) else {
            return true;
        };
        let within = |span, most: Option<u64>| {
            most.is_none_or(|most| self.count(session, action, now, span) < most)
        };
        within(DAY, limit.day) && within(WEEK, limit.week)
    }

    /// Notes one, and tells the highest mark that it has just passed.
    pub(crate) fn note(&mut self, session: usize, action: Action, now: Timestamp) -> Option<u64> {
        let times = self.recent.entry((session, action)).or_default();
        while times.front().is_some_and(|&at| !in_window(at, now, WEEK)) {
            times.pop_front();
        }
        times.push_back(now);
        let limit = self.limits.get(&action)?;
        let passed = |span, most: Option<u64>| {
            let count = self.count(session, action, now, span);
            most.and_then(|most| mark(count, most))
        };
        passed(DAY, limit.day).max(passed(WEEK, limit.week))
    }

    fn count(&self, session: usize, action: Action, now: Timestamp, span: SignedDuration) -> u64 {
        let Some(times) = self.recent.get(&(session, action)) else {
            return 0;
        };
        let inside = times
            .iter()
            .rev()
            .take_while(|&&at| in_window(at, now, span));
        u64::try_from(inside.count()).unwrap_or(u64::MAX)
    }
}

/// Whether `at` is in the window that ends with `now`; its other end is not.
pub(crate) fn in_window(at: Timestamp, now: Timestamp, span: SignedDuration) -> bool {
    now.duration_since(at) < span
}

/// The highest mark that the `count`-th of at most `most` passes.
fn mark(count: u64, most: u64) -> Option<u64> {
    MARKS.into_iter().find(|mark| {
        let reached = |count: u64| count.saturating_mul(100) >= most.saturating_mul(*mark);
        count > 0 && reached(count) && !reached(count - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_is_told_once_and_the_highest_of_several() {
        let told: Vec<_> = (1..=20)
            .filter_map(|count| mark(count, 20).map(|mark| (count, mark)))
            .collect();
        assert_eq!(told, [(10, 50), (15, 75), (18, 90), (19, 95)]);
        assert_eq!(mark(1, 1), Some(95));
        assert_eq!((mark(1, 0), mark(0, 5)), (None, None));
    }

    #[test]
    fn a_window_lets_go_of_what_is_exactly_its_length_old() {
        let mut limits = Limits::default();
        limits.set(Limit {
            action: Action::Invite,
            day: Some(1),
            week: Some(2),
        });
        let start = Timestamp::UNIX_EPOCH;
        let allowed = |limits: &Limits, hours| {
            limits.allow(0, Action::Invite, start + SignedDuration::from_hours(hours))
        };
        limits.note(0, Action::Invite, start);
        assert!(!allowed(&limits, 23) && allowed(&limits, 24));
        limits.note(0, Action::Invite, start + DAY);
        assert!(!allowed(&limits, 7 * 24 - 1) && allowed(&limits, 7 * 24));
    }
}
