//! What one session has done and whom it knows: invitations, relations, e-mails, looks at profiles.

use crate::control::{DeskView, Manners};
use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

/// LinkedIn's own bound.
pub(crate) const RELATIONS_MAX: usize = 30_000;
/// How long after a withdrawal the same person cannot be invited again.
const INVITE_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(21 * 24);

/// In which [`super::Manners::free_notes`] are counted.
const NOTES_SPAN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// An invitation that is pending.
#[derive(Clone, Debug)]
pub(crate) struct Invitation {
    pub(crate) id: String,
    pub(crate) target: String,
    pub(crate) note: Option<String>,
    pub(crate) at: Timestamp,
    /// Instant at which the person accepts it; none when they never do.
    pub(crate) accepted_at: Option<Timestamp>,
    /// Sent by the owner, beside whatever the API does.
    pub(crate) by_hand: bool,
}

/// Somebody whom the session is connected to.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    pub(crate) member: String,
    pub(crate) at: Timestamp,
}

/// An e-mail that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Email {
    pub(crate) id: String,
    pub(crate) tracking_id: String,
    pub(crate) to: Vec<Attendee>,
    pub(crate) subject: String,
    pub(crate) label: Option<String>,
    pub(crate) at: Timestamp,
}

/// One receiver of an e-mail.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub(crate) struct Attendee {
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    pub(crate) identifier: String,
}

/// How the last invitation to somebody stands, unless they are a relation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Invited {
    Pending,
    Withdrawn(Timestamp),
}

/// Everything of one session. Lists are kept under serial numbers that only grow, so that a cursor stays where it is.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) invitations: BTreeMap<u64, Invitation>,
    invited: HashMap<String, Invited>,
    pub(crate) relations: BTreeMap<u64, Relation>,
    relation_of: HashMap<String, u64>,
    pub(crate) chat_of: HashMap<String, String>,
    pub(crate) messages: u64,
    pub(crate) emails: BTreeMap<u64, Email>,
    views: BTreeMap<String, u64>,
    pub(crate) inmails: u64,
    /// Serial numbers of invitations that will be accepted, soonest first.
    ripening: BTreeSet<(Timestamp, u64)>,
    /// Instants of notes in the last 30 days; see `Manners::free_notes`.
    notes: VecDeque<Timestamp>,
    /// People with a history, once it has been written down.
    pub(super) met: HashSet<String>,
}

impl Desk {
    pub(crate) fn knows(&self, member: &str) -> bool {
        self.relation_of.contains_key(member)
    }

    pub(crate) fn invited(&self, target: &str) -> Option<Invited> {
        self.invited.get(target).copied()
    }

    /// Whether this person may be invited now.
    pub(crate) fn may_invite(
        &self,
        target: &str,
        manners: Manners,
        now: Timestamp,
    ) -> Result<(), Problem> {
        if self.knows(target) {
            return Err(Problem::already_connected());
        }
        let too_soon = match self.invited(target) {
            None => false,
            Some(Invited::Pending) => true,
            Some(Invited::Withdrawn(at)) => now.duration_since(at) < INVITE_AGAIN_AFTER,
        };
        if too_soon && !manners.repeated_invites {
            return Err(Problem::already_invited_recently());
        }
        Ok(())
    }

    pub(crate) fn invite(&mut self, serial: u64, invitation: Invitation) {
        self.invited
            .insert(invitation.target.clone(), Invited::Pending);
        if let Some(at) = invitation.accepted_at {
            self.ripening.insert((at, serial));
        }
        if invitation.note.is_some() && !invitation.by_hand {
            self.notes.push_back(invitation.at);
        }
        self.invitations.insert(serial, invitation);
    }

    /// Withdrawn by the owner, and never listed since.
    pub(super) fn withdrew(&mut self, target: String, at: Timestamp) {
        self.invited.insert(target, Invited::Withdrawn(at));
    }

    /// The person behind the next invitation that is accepted by `now`, and since when; it is pending no more.
    pub(super) fn take_accepted(&mut self, now: Timestamp) -> Option<Relation> {
        loop {
            let &(at, serial) = self.ripening.first().filter(|(at, _)| *at <= now)?;
            self.ripening.pop_first();
            // Withdrawn since, where there is none.
            if let Some(invitation) = self.invitations.get(&serial) {
                let member = invitation.target.clone();
                return Some(Relation { member, at });
            }
        }
    }

    /// Notes that were sent in the 30 days before `now`.
    pub(super) fn notes_since(&mut self, now: Timestamp) -> u64 {
        let is_old = |at: &Timestamp| now.duration_since(*at) >= NOTES_SPAN;
        while self.notes.front().is_some_and(is_old) {
            self.notes.pop_front();
        }
        u64::try_from(self.notes.len()).unwrap_or(u64::MAX)
    }

    /// The pending invitation with this id.
    pub(crate) fn invitation(&self, id: &str) -> Option<(u64, &Invitation)> {
        let mut pending = self.invitations.iter();
        pending
            .find(|(_, invitation)| invitation.id == id)
            .map(|(&serial, invitation)| (serial, invitation))
    }

    pub(crate) fn withdraw(&mut self, id: &str, now: Timestamp) {
        let Some((serial, _)) = self.invitation(id) else {
            return;
        };
        if let Some(invitation) = self.invitations.remove(&serial)
            && !self.is_pending(&invitation.target)
        {
            self.invited
                .insert(invitation.target, Invited::Withdrawn(now));
        }
    }

    fn is_pending(&self, target: &str) -> bool {
        let mut pending = self.invitations.values();
        pending.any(|invitation| invitation.target == target)
    }

    /// Connects the two; an invitation between them is thereby accepted.
    pub(crate) fn connect(&mut self, serial: u64, relation: Relation) {
        if self.knows(&relation.member) {
            return;
        }
        if self.invited.remove(&relation.member).is_some() {
            self.invitations
                .retain(|_, invitation| invitation.target != relation.member);
        }
        self.relation_of.insert(relation.member.clone(), serial);
        self.relations.insert(serial, relation);
    }

    pub(crate) fn disconnect(&mut self, member: &str) {
        if let Some(serial) = self.relation_of.remove(member) {
            self.relations.remove(&serial);
        }
    }

    pub(crate) fn look_at(&mut self, target: &str) {
        *self.views.entry(target.to_owned()).or_default() += 1;
    }

    pub(crate) fn view(&self) -> DeskView {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        DeskView {
            invited: self
                .invitations
                .values()
                .map(|invitation| invitation.target.clone())
                .collect(),
            relations: count(self.relations.len()),
            chats: count(self.chat_of.len()),
            messages: self.messages,
            emails: count(self.emails.len()),
            profile_views: self.views.clone(),
            by_hand: count(self.invitations.values().filter(|it| it.by_hand).count()),
            restricted: false,
        }
    }
}
