//! Window, weekdays, ramp, recovery and spacing, each by a few lines of its own.

use super::caps::windows;
use super::history::{History, Local, Outage, Send};
use super::{Broken, Violation};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use uuid::Uuid;

const DAY_S: i64 = 86_400;
const GAP_INVITE: SignedDuration = SignedDuration::from_secs(120);
const GAP_OTHER: SignedDuration = SignedDuration::from_secs(45);
/// A shorter outage is none.
const OUTAGE_MIN: SignedDuration = SignedDuration::from_hours(1);
const OUTAGE_LONG: SignedDuration = SignedDuration::from_hours(14 * 24);

pub(super) fn violations(history: &History) -> Vec<Violation> {
    let mut found: Vec<Violation> = history.locals.iter().filter_map(outside).collect();
    found.extend(above(history));
    found.extend(close(history));
    found
}

/// Every intent, also of what was given back, lies in the window that its account had then.
fn outside(local: &Local) -> Option<Violation> {
    let clock = format!(
        "weekday {}, {:02}:{:02} in {}",
        local.weekday,
        local.minute / 60,
        local.minute % 60,
        local.zone
    );
    let window = (local.start, local.end);
    (!is_open(window, local.days, (local.weekday, local.minute))).then(|| Violation {
        of: Broken::Window,
        what: format!("send {} at {}: {clock}", local.send, local.at),
    })
}

/// Whether a window of minutes on weekdays, bits from Monday on, is open on a weekday of 1 to 7 at a minute. One that ends before
/// it starts is open over midnight, and belongs to the day on which it opens.
pub fn is_open((start, end): (i16, i16), days: i16, (weekday, minute): (i32, i32)) -> bool {
    let (start, end) = (i32::from(start), i32::from(end));
    let (has_opened, is_before_end) = (start <= minute, minute < end);
    let yesterday = (weekday + 5) % 7 + 1;
    let opened = match (has_opened, is_before_end) {
        (true, true) => Some(weekday),
        (true, false) if end < start => Some(weekday),
        (false, true) if end < start => Some(yesterday),
        _ => None,
    };
    opened.is_some_and(|opened| i32::from(days) >> (opened - 1) & 1 == 1)
}

/// Where a reservation that still counts was made, its 24 hours held no more than ramp and recovery allow.
fn above(history: &History) -> Vec<Violation> {
    let locals: HashMap<(Uuid, Timestamp), &Local> = history
        .locals
        .iter()
        .map(|local| ((local.send, local.at), local))
        .collect();
    let mut lines: HashMap<(Uuid, &str), Vec<(Timestamp, &Send)>> = HashMap::new();
    for send in &history.sends {
        if let Some(at) = send.counted_at {
            lines
                .entry((send.account, &send.action))
                .or_default()
                .push((at, send));
        }
    }
    let mut found = vec![];
    for ((account, action), mut line) in lines {
        line.sort_unstable_by_key(|one| one.0);
        let instants: Vec<Timestamp> = line.iter().map(|one| one.0).collect();
        for ((at, send), (_, day, _)) in line.into_iter().zip(windows(&instants)) {
            let Some(local) = locals.get(&(send.id, at)) else {
                continue;
            };
            let (allowed, why) = allowance(history, account, action, local);
            if allowed < i64::try_from(day).unwrap_or(i64::MAX) {
                let what = format!(
                    "{} {action} at {at}: {day} in 24 h, {why} allows {allowed}",
                    history.name(account)
                );
                found.push(Violation {
                    of: Broken::Allowance,
                    what,
                });
            }
        }
    }
    found
}

/// Of ramp and recoveries the least, and which that is. The cap itself is another check's.
fn allowance(history: &History, account: Uuid, action: &str, local: &Local) -> (i64, &'static str) {
    let days = |since: Timestamp| local.at.duration_since(since).as_secs() / DAY_S;
    let ramp = history.first_connected.get(&account).map_or(0, |since| {
        i64::from(local.ramp_start) + i64::from(local.ramp_step) * days(*since)
    });
    let cap = i64::from(history.caps(account, action, local.at, local.at).0);
    let outages = history.outages.get(&account).map_or(&[][..], Vec::as_slice);
    let past = outages.iter().filter(|outage| outage.until <= local.at);
    let recovery = past
        .map(|outage| recovering(cap, outage, days(outage.until)))
        .min();
    match recovery {
        Some(recovery) if recovery < ramp => (recovery.max(1), "the recovery"),
        _ => (ramp.max(1), "the ramp"),
    }
}

/// Half of the cap (a quarter after more than 14 days), and back in equal steps over 7 (14) days; see R-HEAL-4.
pub(super) fn recovering(cap: i64, outage: &Outage, days: i64) -> i64 {
    let (percent, steps) = match outage.length {
        length if length < OUTAGE_MIN => return i64::MAX,
        length if length <= OUTAGE_LONG => (50, 7),
        _ => (25, 14),
    };
    // In hundredths of a step, so that only the end is rounded.
    cap * (percent * steps + (100 - percent) * days.min(steps)) / (100 * steps)
}

/// Whatever an account does, a pause is before it.
fn close(history: &History) -> Vec<Violation> {
    let mut lines: HashMap<Uuid, Vec<(Timestamp, &Send)>> = HashMap::new();
    for send in &history.sends {
        if let Some(at) = send.counted_at {
            lines.entry(send.account).or_default().push((at, send));
        }
    }
    let mut found = vec![];
    for (account, mut line) in lines {
        line.sort_unstable_by_key(|one| one.0);
        for pair in line.windows(2) {
            let (gap, next) = (pair[1].0.duration_since(pair[0].0), &pair[1].1);
            let least = if next.action == "invite" {
                GAP_INVITE
            } else {
                GAP_OTHER
            };
            if gap < least {
                let what = format!(
                    "{} {} at {}: {gap:#} after the one before",
                    history.name(account),
                    next.action,
                    pair[1].0
                );
                found.push(Violation {
                    of: Broken::Gap,
                    what,
                });
            }
        }
    }
    found
}
