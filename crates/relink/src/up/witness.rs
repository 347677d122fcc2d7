//! What the provider knew of its sessions while the fleet ran, noted at each look: neither our rows nor its own state at the
//! end tell what was true in between.

use jiff::{SignedDuration, Timestamp};
use simulator::control::{Presence, SessionView};
use std::collections::BTreeMap;

/// Everything that was noted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness {
    sessions: BTreeMap<String, History>,
    noted_at: Option<Timestamp>,
    clock_off: SignedDuration,
}

/// One session, as far as it was seen.
#[derive(Clone, Debug, Default)]
struct History {
    /// Oldest first; only the last one may be open.
    breaks: Vec<Break>,
    well_since: Option<Timestamp>,
    /// People seen behind it: the first is its own.
    people: Vec<String>,
    was_gone: bool,
}

/// Time in which a session did not run for the same person, as tightly as the looks tell.
#[derive(Clone, Copy, Debug)]
struct Break {
    from: Timestamp,
    until: Option<Timestamp>,
}

impl Witness {
    /// Notes what the provider shows at `at`, by its clock or ours: they agree, or nothing is judged.
    pub(crate) fn note(&mut self, at: Timestamp, sessions: &[SessionView]) {
        let before = self.noted_at.replace(at).unwrap_or(at);
        for session in sessions {
            let known = self.sessions.entry(session.id.clone()).or_default();
            known.note(before, session);
        }
    }

    /// Keeps the farthest that the two clocks were seen apart.
    pub(crate) fn note_clock(&mut self, off: SignedDuration) {
        if off.abs() > self.clock_off.abs() {
            self.clock_off = off;
        }
    }

    /// Farthest that the provider's clock was seen from ours; ahead, when above zero.
    pub(crate) fn clock_off(&self) -> SignedDuration {
        self.clock_off
    }

    /// How many breaks of a session touch the time between the two instants.
    pub(crate) fn breaks(&self, session: &str, from: Timestamp, until: Timestamp) -> usize {
        let known = self.sessions.get(session);
        let breaks = known.map_or(&[][..], |it| &it.breaks);
        let touches = |one: &&Break| one.from <= until && one.until.is_none_or(|end| from <= end);
        breaks.iter().filter(touches).count()
    }

    /// Instant since which a session does not run for its own person; null while it does, and of one that was never seen.
    pub(crate) fn broken_since(&self, session: &str) -> Option<Timestamp> {
        let last = self.sessions.get(session)?.breaks.last()?;
        last.until.is_none().then_some(last.from)
    }

    /// Whether several people were seen behind a session.
    pub(crate) fn changed_hands(&self, session: &str) -> bool {
        self.sessions
            .get(session)
            .is_some_and(|it| it.people.len() > 1)
    }

    /// Whether the provider was seen without a session that it had once.
    pub(crate) fn was_gone(&self, session: &str) -> bool {
        self.sessions.get(session).is_some_and(|it| it.was_gone)
    }
}

impl History {
    fn note(&mut self, before: Timestamp, session: &SessionView) {
        if !self.people.contains(&session.identity) {
            self.people.push(session.identity.clone());
        }
        self.was_gone |= session.presence != Presence::Live;
        let is_its_own = self.people.first() == Some(&session.identity);
        let well_since = session.well_since.filter(|_| is_its_own);
        let open = self.breaks.last_mut().filter(|it| it.until.is_none());
        match (well_since, open) {
            (None, None) => self.breaks.push(Break {
                from: before,
                until: None,
            }),
            (Some(since), Some(open)) => open.until = Some(since),
            // Lost and back between two looks.
            (Some(since), None) if self.well_since.is_some_and(|known| known < since) => {
                self.breaks.push(Break {
                    from: before.min(since),
                    until: Some(since),
                });
            }
            (None, Some(_)) | (Some(_), None) => {}
        }
        self.well_since = well_since.or(self.well_since);
    }
}

#[cfg(test)]
mod tests;
