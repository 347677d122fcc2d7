//! When a session is restarted, counted from when its account became `recovering` (R-LNK-8).

use crate::session::Health;
use jiff::{SignedDuration, Timestamp};

/// First rungs; from the last one on another follows every [`LATER`].
const STEPS: [SignedDuration; 7] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(3),
    SignedDuration::from_hours(4),
];
/// Between two rungs after the last of [`STEPS`].
const LATER: SignedDuration = SignedDuration::from_hours(6);
/// Least time between two restarts of one session: the provider needs as long to start it.
pub const GAP: SignedDuration = SignedDuration::from_mins(1);
/// How long a session that says CONNECTING is left alone: it mostly starts by itself. One that says so for longer is as
/// stuck as one that says ERROR.
pub const CONNECTING_PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// Step of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Number of it, from 1.
    pub number: u32,
    /// Instant from which on the session may be restarted for it.
    pub at: Timestamp,
}

/// Rung of that number of an account that is `recovering` since `since`; the first for 0 as well.
pub fn rung(number: u32, since: Timestamp) -> Rung {
    let number = number.max(1);
    let index = usize::try_from(number - 1).unwrap_or(usize::MAX);
    let beyond = number.saturating_sub(count());
    let wait = match STEPS.get(index) {
        Some(step) => *step,
        None => STEPS[STEPS.len() - 1].saturating_add(times(LATER, beyond)),
    };
    let at = since.checked_add(wait).unwrap_or(Timestamp::MAX);
    Rung { number, at }
}

/// First rung that is not before `from`. Those that were missed are not made up for.
pub fn next_rung(since: Timestamp, from: Timestamp) -> Rung {
    let is_due_later = |number: &u32| rung(*number, since).at >= from;
    if let Some(number) = (1..=count()).find(is_due_later) {
        return rung(number, since);
    }
    let last = rung(count(), since);
    let late = from.duration_since(last.at).as_secs();
    let beyond = u32::try_from(late.div_euclid(LATER.as_secs())).unwrap_or(u32::MAX);
    let near = count().saturating_add(beyond);
    let found = rung(near, since);
    if found.at >= from {
        return found;
    }
    rung(near.saturating_add(1), since)
}

/// Whether a session in that state, `None` for one that was never listed, is restarted `age` after its account became
/// `recovering`. Credentials, permissions and confirmations are its owner's to give: no restart mends them.
pub fn wants_restart(health: Option<Health>, age: SignedDuration) -> bool {
    match health {
        Some(Health::Stopped | Health::Error) => true,
        Some(Health::Connecting) => CONNECTING_PATIENCE <= age,
        Some(Health::Ok | Health::Permissions | Health::Credentials | Health::Unknown) | None => {
            false
        }
    }
}

fn count() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

fn times(wait: SignedDuration, number: u32) -> SignedDuration {
    wait.checked_mul(i32::try_from(number).unwrap_or(i32::MAX))
        .unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests;
