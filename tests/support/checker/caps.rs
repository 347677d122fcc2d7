//! Rolling caps, in the database's rows and in the referee's log.

use super::history::History;
use super::{Broken, Violation};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use uuid::Uuid;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A request may reach the provider so long after its reservation; the cap in force is the reservation's.
const CALL_MAX: SignedDuration = SignedDuration::from_secs(120);
/// Between an instant that a statement took and the instant that another noted.
const MOMENT: SignedDuration = SignedDuration::from_secs(1);

/// The fullest rolling windows of one action, over all accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peak {
    /// In any 24 hours, and the cap then.
    pub day: (usize, i32),
    /// In any 7 × 24 hours, and the cap then.
    pub week: (usize, i32),
}

/// Instants of one account and action, oldest first.
type Lines<'a> = BTreeMap<(Uuid, &'a str), Vec<Timestamp>>;

impl History {
    fn counted(&self) -> Lines<'_> {
        let rows = self
            .sends
            .iter()
            .filter_map(|send| Some((send.account, send.action.as_str(), send.counted_at?)));
        lines(rows)
    }

    fn witnessed(&self) -> Lines<'_> {
        let seen = self.effects.iter().filter_map(|effect| {
            let account = self.accounts_of.get(&effect.session)?;
            Some((*account, effect.action.name(), effect.at))
        });
        lines(seen)
    }

    /// The fullest windows by action: of the database's rows, of the referee's log.
    pub fn peaks(&self) -> BTreeMap<String, (Peak, Peak)> {
        let mut peaks: BTreeMap<String, (Peak, Peak)> = BTreeMap::new();
        for (lines, early, at_referee) in [
            (self.counted(), MOMENT, false),
            (self.witnessed(), CALL_MAX, true),
        ] {
            for ((account, action), instants) in lines {
                let both = peaks.entry(action.to_owned()).or_default();
                let peak = if at_referee { &mut both.1 } else { &mut both.0 };
                for (until, day, week) in windows(&instants) {
                    let caps = self.caps(account, action, back(until, early), until);
                    peak.day = peak.day.max((day, caps.0));
                    peak.week = peak.week.max((week, caps.1));
                }
            }
        }
        peaks
    }
}

pub(super) fn violations(history: &History) -> Vec<Violation> {
    let mut found = over(history, &history.counted(), Broken::CapInDatabase, MOMENT);
    found.extend(over(
        history,
        &history.witnessed(),
        Broken::CapAtReferee,
        CALL_MAX,
    ));
    found
}

fn over(history: &History, lines: &Lines<'_>, of: Broken, early: SignedDuration) -> Vec<Violation> {
    let mut found = vec![];
    for ((account, action), instants) in lines {
        for (until, day, week) in windows(instants) {
            let later = until.checked_add(MOMENT).unwrap_or(until);
            let caps = history.caps(*account, action, back(until, early), later);
            for (count, cap, name) in [(day, caps.0, "24 h"), (week, caps.1, "7 d")] {
                if usize::try_from(cap).unwrap_or(0) < count {
                    let name = format!("{name} to {until}: {count} of {cap}");
                    let what = format!("{} {action}, {name}", history.name(*account));
                    found.push(Violation { of, what });
                }
            }
        }
    }
    found
}

/// For each instant, how many lie within the day and within the week that end with it. A window holds its end and not
/// its beginning.
pub(super) fn windows(
    instants: &[Timestamp],
) -> impl Iterator<Item = (Timestamp, usize, usize)> + '_ {
    instants.iter().enumerate().map(|(place, until)| {
        let inside = |width| {
            let from = back(*until, width);
            place + 1 - instants.partition_point(|at| *at <= from)
        };
        (*until, inside(DAY), inside(WEEK))
    })
}

fn back(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

fn lines<'a>(of: impl Iterator<Item = (Uuid, &'a str, Timestamp)>) -> Lines<'a> {
    let mut lines = Lines::new();
    for (account, action, at) in of {
        lines.entry((account, action)).or_default().push(at);
    }
    for instants in lines.values_mut() {
        instants.sort_unstable();
    }
    lines
}
