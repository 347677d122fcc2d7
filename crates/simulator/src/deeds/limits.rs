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
    /// The mark that stood at the session's last answer.
    told: HashMap<(usize, Action), u64>,
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

    /// Counts one.
    pub(crate) fn note(&mut self, session: usize, action: Action, now: Timestamp) {
        let times = self.recent.entry((session, action)).or_default();
        while times.front().is_some_and(|&at| !in_window(at, now, WEEK)) {
            times.pop_front();
        }
        times.push_back(now);
    }

    /// Counts one that is answered; the highest mark, if it was passed since the last answer: by this one, or by hand.
    pub(crate) fn answer(&mut self, session: usize, action: Action, now: Timestamp) -> Option<u64> {
        let before = self.standing(session, action, now);
        self.note(session, action, now);
        let mark = self.standing(session, action, now);
        let told = self.told.insert((session, action), mark).unwrap_or(0);
        // What has left the windows since can be passed again.
        (mark > told.min(before)).then_some(mark)
    }

    /// The highest mark that is reached; 0 below all of them.
    fn standing(&self, session: usize, action: Action, now: Timestamp) -> u64 {
        let Some(limit) = self.limits.get(&action) else {
            return 0;
        };
        let reached = |span, most: Option<u64>| {
            most.map_or(0, |most| mark(self.count(session, action, now, span), most))
        };
        reached(DAY, limit.day).max(reached(WEEK, limit.week))
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

/// The highest mark that so many of at most `most` reach; 0 below all of them.
fn mark(count: u64, most: u64) -> u64 {
    let reached = |mark: &u64| count.saturating_mul(100) >= most.saturating_mul(*mark);
    let marks = MARKS.into_iter().filter(|_| count > 0 && most > 0);
    marks.into_iter().find(reached).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(day: u64) -> Limits {
        let mut limits = Limits::default();
        limits.set(Limit {
            action: Action::Invite,
            day: Some(day),
            week: None,
        });
        limits
    }

    #[test]
    fn each_mark_is_told_once_and_the_highest_of_several() {
        let mut limits = limited(20);
        let mut answer = || limits.answer(0, Action::Invite, Timestamp::UNIX_EPOCH);
        let told: Vec<_> = (1..=20)
            .filter_map(|count| answer().map(|mark| (count, mark)))
            .collect();
        assert_eq!(told, [(10, 50), (15, 75), (18, 90), (19, 95)]);
        assert_eq!((mark(1, 1), mark(1, 0), mark(0, 5)), (95, 0, 0));
    }

    #[test]
    fn what_passes_a_mark_by_hand_is_told_with_the_next_answer() {
        let mut limits = limited(10);
        let start = Timestamp::UNIX_EPOCH;
        assert_eq!(limits.answer(0, Action::Invite, start), None);
        for _ in 0..7 {
            limits.note(0, Action::Invite, start);
        }
        assert_eq!(limits.answer(0, Action::Invite, start), Some(90));
        assert_eq!(limits.answer(0, Action::Invite, start), Some(95));
        let later = start + DAY;
        for count in 1..=5 {
            let told = limits.answer(0, Action::Invite, later);
            assert_eq!(told, (count == 5).then_some(50), "{count}");
        }
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
