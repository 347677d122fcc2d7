//! Instants of the steps, in the hours of their owner's day.

use super::NoticeStep;
use crate::sends::window::Window;
use jiff::{SignedDuration, Timestamp};
use std::ops::Range;

/// Hours of the owner's day in which later steps are sent, the last one excluded.
pub const HOURS: Range<u16> = 8..18;

/// Instant at which a step of an episode is due: the first at once, the others so many days later, in daytime. Null for
/// the step that follows the episode.
pub fn due_at(step: NoticeStep, began_at: Timestamp, zone: Option<&str>) -> Option<Timestamp> {
    let days = step.days()?;
    let after = SignedDuration::from_hours(24 * days);
    let due = began_at.checked_add(after).unwrap_or(Timestamp::MAX);
    Some(if days == 0 { due } else { next_open(due, zone) })
}

/// Earliest instant of daytime from `at` on, `at` included; of UTC where the zone is unknown.
pub fn next_open(at: Timestamp, zone: Option<&str>) -> Timestamp {
    let day = || HOURS.start * 60..HOURS.end * 60;
    let window =
        Window::daily(zone.unwrap_or("UTC"), day()).or_else(|| Window::daily("UTC", day()));
    let opens = window.and_then(|window| window.opens(at));
    opens.unwrap_or(at)
}

/// Latest step of an episode that is due by `now`, not before `step`.
pub fn latest_due(
    step: NoticeStep,
    began_at: Timestamp,
    zone: Option<&str>,
    now: Timestamp,
) -> NoticeStep {
    let mut latest = step;
    while let Some(next) = latest.next() {
        let due = due_at(next, began_at, zone);
        if due.is_none_or(|due| now < due) {
            break;
        }
        latest = next;
    }
    latest
}
