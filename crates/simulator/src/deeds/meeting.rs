//! What was between a session and a person before any call: drawn when they first meet, and written down once.

use super::perform::Doer;
use super::{Deeds, Invitation, Relation};
use crate::chance::Topic;
use crate::clock::later;
use crate::control::{Action, Everyday};
use crate::people;
use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Age of an invitation by hand that is pending when the two first meet.
const INVITED_BEFORE: SignedDuration = SignedDuration::from_hours(10 * 24);
/// Age of a withdrawal by hand when the two first meet.
const WITHDRAWN_BEFORE: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Age of a connection when the two first meet.
const CONNECTED_BEFORE: SignedDuration = SignedDuration::from_hours(300 * 24);

/// Who somebody is to a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum History {
    Connected,
    Invited,
    Withdrawn,
    Unreachable,
    Nothing,
}

impl Deeds {
    /// Looks who the person is; whom the session cannot reach refuses it.
    pub(super) fn meet(
        &mut self,
        who: Doer<'_>,
        action: Action,
        target: &str,
    ) -> Result<(), Problem> {
        let number = pair(who.session, target);
        match (history(self.manners.everyday, self.unit(number)), action) {
            (History::Unreachable, Action::Email) => Err(Problem::recipient_rejected()),
            (History::Unreachable, _) => {
                let draw = self.chance.draw(Topic::Prospect, number.rotate_left(1));
                let problem = Problem::unreachable(draw);
                // The profile of whoever exists can be looked at.
                let is_seen = action == Action::ProfileView && problem.status != 404;
                if is_seen { Ok(()) } else { Err(problem) }
            }
            (History::Nothing, _) | (_, Action::Email) => Ok(()),
            (history, _) => {
                self.remember(who, target, history);
                Ok(())
            }
        }
    }

    fn unit(&self, number: u64) -> f64 {
        self.chance.unit(Topic::Prospect, number)
    }

    fn remember(&mut self, who: Doer<'_>, target: &str, history: History) {
        self.old_serial -= 1;
        let serial = self.old_serial;
        let id = self.invitation_id(serial);
        let desk = self.desks.entry(who.session).or_default();
        if desk.knows(target) || desk.invited(target).is_some() || !desk.met.insert(target.into()) {
            return;
        }
        let before = |age| who.now.checked_sub(age).unwrap_or(who.now);
        match history {
            History::Connected => {
                let (member, at) = (target.to_owned(), before(CONNECTED_BEFORE));
                desk.connect(serial, Relation { member, at });
            }
            History::Invited => {
                let invitation = Invitation {
                    id,
                    target: target.to_owned(),
                    note: None,
                    at: before(INVITED_BEFORE),
                    accepted_at: None,
                    by_hand: true,
                };
                desk.invite(serial, invitation);
            }
            History::Withdrawn => desk.withdrew(target.to_owned(), before(WITHDRAWN_BEFORE)),
            History::Unreachable | History::Nothing => {}
        }
    }

    /// Instant at which a new invitation will be accepted, if it will.
    pub(super) fn accepted_at(&self, serial: u64, now: Timestamp) -> Option<Timestamp> {
        let acceptance = self.manners.acceptance?;
        let happens = self
            .chance
            .happens(Topic::Acceptance, serial, acceptance.rate.0);
        let span = acceptance.after_seconds;
        let seconds = self
            .chance
            .between(Topic::AcceptanceLength, serial, span.min, span.max);
        happens.then(|| later(now, Duration::from_secs(seconds)))
    }

    /// Makes relations of those who have accepted by now.
    pub(crate) fn ripen(&mut self, session: usize, now: Timestamp) {
        while let Some(desk) = self.desks.get_mut(&session)
            && let Some(relation) = desk.take_accepted(now)
        {
            self.serial += 1;
            desk.connect(self.serial, relation);
        }
    }

    /// What the owner does beside whatever the API does.
    pub(crate) fn invite_by_hand(
        &mut self,
        session: usize,
        people: Vec<String>,
        count: u64,
        note: Option<&str>,
        now: Timestamp,
    ) {
        let made_up = (0..count).map(|_| {
            let serial = self.next_serial();
            people::member_id(self.chance, Topic::HandPerson, serial)
        });
        let made_up: Vec<String> = made_up.collect();
        for target in people.into_iter().chain(made_up) {
            let serial = self.next_serial();
            let invitation = Invitation {
                id: self.invitation_id(serial),
                target,
                note: note.map(ToOwned::to_owned),
                at: now,
                accepted_at: self.accepted_at(serial, now),
                by_hand: true,
            };
            let desk = self.desks.entry(session).or_default();
            let may = desk.may_invite(&invitation.target, self.manners, now);
            if may.is_ok() {
                desk.invite(serial, invitation);
                self.limits.note(session, Action::Invite, now);
            }
        }
    }
}

/// The part of the people to which the draw belongs.
fn history(everyday: Everyday, unit: f64) -> History {
    let Everyday {
        connected,
        invited,
        withdrawn,
        unreachable,
    } = everyday;
    let parts = [
        (connected, History::Connected),
        (invited, History::Invited),
        (withdrawn, History::Withdrawn),
        (unreachable, History::Unreachable),
    ];
    let mut end = 0.0;
    let found = parts.into_iter().find(|(rate, _)| {
        end += rate.0;
        unit < end
    });
    found.map_or(History::Nothing, |(_, history)| history)
}

/// A number of the two that is theirs for ever.
fn pair(session: usize, target: &str) -> u64 {
    let digest = Sha256::new()
        .chain_update(session.to_be_bytes())
        .chain_update(target)
        .finalize();
    digest
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Rate;

    #[test]
    fn a_draw_belongs_to_the_part_in_which_it_lies() {
        let everyday = Everyday {
            connected: Rate(0.1),
            invited: Rate(0.2),
            withdrawn: Rate(0.0),
            unreachable: Rate(0.3),
        };
        for (unit, wanted) in [
            (0.0, History::Connected),
            (0.1, History::Invited),
            (0.29, History::Invited),
            (0.31, History::Unreachable),
            (0.61, History::Nothing),
            (0.99, History::Nothing),
        ] {
            assert_eq!(history(everyday, unit), wanted, "{unit}");
        }
        assert_eq!(history(Everyday::default(), 0.0), History::Nothing);
    }
}
