//! What stands below a pill: the hold that matters most, sources that it sends without, and since when nobody looked.

use super::{Hold, PillFacts, RestartsShown};
use crate::account::Status;
use crate::holds::{COPY, HoldReason};
use crate::session::Health;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// News older than this are called old (R-ST-4).
const CHECKED_WITHIN: SignedDuration = SignedDuration::from_mins(15);

pub(super) fn of(facts: &PillFacts, now: Timestamp) -> Option<String> {
    let parts = [
        hold(facts, now),
        restarts(facts, now),
        side(facts),
        unchecked(facts, now),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// Of several the one that its owner can end, else the one that ends last; an endless one ends after all others.
fn hold(facts: &PillFacts, now: Timestamp) -> Option<String> {
    let in_force = facts.holds.iter().filter(|hold| hold.is_in_force(now));
    let first = in_force.max_by_key(|hold| {
        let owners = HoldReason::parse(&hold.reason) == Some(HoldReason::WrongAccount);
        (owners, hold.until.unwrap_or(Timestamp::MAX))
    });
    first.map(|hold| hold_text(hold, &facts.zone, now))
}

fn hold_text(hold: &Hold, zone: &TimeZone, now: Timestamp) -> String {
    let what = match HoldReason::parse(&hold.reason) {
        Some(HoldReason::Protective) => "Paused for safety".to_owned(),
        Some(HoldReason::Restricted) => "Restricted by the network".to_owned(),
        Some(HoldReason::Subscription) => "Paused, subscription ended".to_owned(),
        Some(HoldReason::WrongAccount) => "Another person is signed in".to_owned(),
        Some(HoldReason::SessionGone) => "Session not found, being confirmed".to_owned(),
        Some(HoldReason::Operator) => "Paused by support".to_owned(),
        None if hold.reason == COPY => "Paused, this is a restored copy".to_owned(),
        None => format!("Paused ({})", hold.reason),
    };
    match hold.until {
        Some(until) => format!("{what} until {}", clock_time(until, zone, now)),
        None => what,
    }
}

/// What was done for a session that stopped, and when it goes on (R-LNK-8).
fn restarts(facts: &PillFacts, now: Timestamp) -> Option<String> {
    let RestartsShown { made, next } = facts.restarts;
    if facts.status != Status::Recovering {
        return None;
    }
    let made = match made {
        0 => None,
        1 => Some("Restarted once".to_owned()),
        many => Some(format!("Restarted {many} times")),
    };
    let next = next.map(|at| {
        if at <= now {
            "now".to_owned()
        } else {
            format!("at {}", clock_time(at, &facts.zone, now))
        }
    });
    match (made, next) {
        (made, None) => made,
        (None, Some(next)) => Some(format!("Next try {next}")),
        (Some(made), Some(next)) => Some(format!("{made}, next try {next}")),
    }
}

/// A calendar that is lost keeps no mailbox from sending (R-ST-3); where the account itself is lost, that says more.
fn side(facts: &PillFacts) -> Option<String> {
    let is_lost = match facts.side? {
        Health::Ok | Health::Unknown => false,
        Health::Connecting
        | Health::Stopped
        | Health::Error
        | Health::Permissions
        | Health::Credentials => facts.status == Status::Connected,
    };
    is_lost.then(|| "Calendar not connected".to_owned())
}

/// Nothing while it is linked, when no session is watched, and once its owner disconnected it.
fn unchecked(facts: &PillFacts, now: Timestamp) -> Option<String> {
    let is_watched = !matches!(facts.status, Status::Connecting | Status::Disconnected);
    let checked = facts.checked.filter(|_| is_watched)?;
    (now.duration_since(checked) > CHECKED_WITHIN).then(|| {
        format!(
            "Not checked since {}",
            clock_time(checked, &facts.zone, now)
        )
    })
}

fn clock_time(at: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
    let local = at.to_zoned(zone.clone());
    let today = local.date() == now.to_zoned(zone.clone()).date();
    let pattern = if today { "%H:%M" } else { "%-d %b %H:%M" };
    let shown = local.strftime(pattern).to_string();
    // R-CAP-3: where nobody knows the owner's zone, the hour is not read as theirs.
    match zone.iana_name() {
        Some("UTC") => shown + " UTC",
        _ => shown,
    }
}
