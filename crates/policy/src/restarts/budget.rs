//! How many restarts the whole fleet makes, and whose turn it is (R-LNK-8).
//!
//! A minute has places. Who finds the present one full gets a place of a later one, and its instant with it: nobody asks
//! again until then. The database keeps the counts, and one lock over them (`store/sql/restarts`).

use crate::ids::WorkspaceId;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Least places of a minute: what stops in a small fleet is restarted with its first rung.
const PLACES_MIN: u32 = 10;
/// Most places of a minute, ten a second: each makes the provider sign in at LinkedIn or at a mail server.
const PLACES_MAX: u32 = 600;
/// One place a minute for so many sessions, 0.5 %: a quarter of a fleet, the most that the mass-change breaker lets go in
/// an hour, is through in 50 min.
const SESSIONS_PER_PLACE: i64 = 200;
/// Least and most calls in flight: a provider that hangs must not keep the watch's workers.
const IN_FLIGHT: (u32, u32) = (10, 30);
/// A place may be taken so many minutes ahead; who finds none asks again then.
pub const MINUTES: i64 = 24 * 60;

/// Bounds of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Restarts begun in a minute of the clock.
    pub per_minute: u32,
    /// Those of one workspace: half, rounded up, so that another's first waits behind no queue; all where there is one only.
    pub per_workspace: u32,
    /// Calls that may be on their way at once.
    pub in_flight: u32,
}

/// Bounds of a fleet of so many sessions and workspaces.
pub fn bounds(sessions: i64, workspaces: i64) -> Bounds {
    let share = u32::try_from(sessions.max(0) / SESSIONS_PER_PLACE).unwrap_or(PLACES_MAX);
    let per_minute = share.clamp(PLACES_MIN, PLACES_MAX);
    Bounds {
        per_minute,
        per_workspace: if workspaces > 1 {
            per_minute.div_ceil(2)
        } else {
            per_minute
        },
        in_flight: (per_minute / 20).clamp(IN_FLIGHT.0, IN_FLIGHT.1),
    }
}

/// Counts of the minutes from now on.
#[derive(Clone, Debug)]
pub struct Budget {
    /// The instant, by the database's clock.
    pub now: Timestamp,
    /// Bounds of the fleet.
    pub bounds: Bounds,
    /// Calls on their way.
    pub in_flight: u32,
    /// Places taken, by minute since the epoch; of the fleet under the key without a workspace.
    pub taken: HashMap<(i64, Option<WorkspaceId>), u32>,
    /// Places that were taken here, to be written.
    pub new: Vec<(i64, Option<WorkspaceId>)>,
}

/// Answer to who wants to restart a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Now.
    Now,
    /// At that instant, which is kept for it.
    Kept(Timestamp),
    /// None of the next day's is free: ask again then.
    Full(Timestamp),
}

impl Budget {
    /// The minute of an instant, since the epoch.
    pub fn minute(at: Timestamp) -> i64 {
        at.as_second().div_euclid(60)
    }

    /// Takes the earliest place that the fleet and the workspace have.
    pub fn take(&mut self, workspace: WorkspaceId) -> Place {
        let present = Self::minute(self.now);
        let is_crowded = self.in_flight >= self.bounds.in_flight;
        let first = present + i64::from(is_crowded);
        let free = (first..present + MINUTES).find(|minute| self.has_room(*minute, workspace));
        let Some(minute) = free else {
            return Place::Full(instant(present + MINUTES, 0));
        };
        let nth = self.count(minute, None);
        for key in [None, Some(workspace)] {
            *self.taken.entry((minute, key)).or_default() += 1;
            self.new.push((minute, key));
        }
        if minute == present {
            self.in_flight += 1;
            return Place::Now;
        }
        // Spread in the order in which they were taken, over half the minute: who comes late by less keeps the place.
        let spread = 30_000 * i64::from(nth) / i64::from(self.bounds.per_minute);
        Place::Kept(instant(minute, spread))
    }

    /// Whether a place that was kept is of this very minute; an older one has lapsed, or its minutes would pile up.
    pub fn holds(&mut self, kept: Option<Timestamp>) -> bool {
        let is_crowded = self.in_flight >= self.bounds.in_flight;
        let holds = kept.is_some_and(|at| Self::minute(at) == Self::minute(self.now));
        if holds && !is_crowded {
            self.in_flight += 1;
        }
        holds && !is_crowded
    }

    fn has_room(&self, minute: i64, workspace: WorkspaceId) -> bool {
        self.count(minute, None) < self.bounds.per_minute
            && self.count(minute, Some(workspace)) < self.bounds.per_workspace
    }

    fn count(&self, minute: i64, of: Option<WorkspaceId>) -> u32 {
        self.taken.get(&(minute, of)).copied().unwrap_or(0)
    }
}

fn instant(minute: i64, ms: i64) -> Timestamp {
    let start = Timestamp::from_second(minute.saturating_mul(60)).unwrap_or(Timestamp::MAX);
    start
        .checked_add(SignedDuration::from_millis(ms))
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
