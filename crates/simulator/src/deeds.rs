//! Outward actions: whether they happen, what they change, and the log of them that the referee judges by.

mod caps;
mod deed;
mod desk;
mod effects;
mod limits;
mod meeting;
mod perform;
mod refusals;
mod verdict;

use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};

pub(crate) use caps::Caps;
pub(crate) use deed::{Deed, Done};
pub(crate) use desk::{Attendee, Desk, Email, Invitation, Invited, RELATIONS_MAX, Relation};
pub(crate) use effects::{Effects, line};
pub(crate) use limits::Limits;
pub(crate) use perform::Doer;
pub(crate) use refusals::Refusals;
pub(crate) use verdict::judge;

use crate::chance::{Chance, Topic};
use crate::control::Manners;
use crate::people;

/// The name of a connection, which is what removing it asks for.
pub(crate) fn connection_urn(member: &str) -> String {
    format!("{CONNECTION_URN}{member}")
}

/// What the name of a connection begins with.
pub(crate) const CONNECTION_URN: &str = "urn:li:fsd_connection:";

/// Serial numbers grow from here for what is new, and fall from here for what was before.
const SERIAL_START: u64 = 1 << 32;

/// One message that a session wrote.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) at: Timestamp,
}

/// The messages between a session and somebody.
#[derive(Debug)]
pub(crate) struct Chat {
    /// The session's index in the fleet.
    pub(crate) session: usize,
    /// Several, in a chat of more than two, are joined by `,`.
    pub(crate) attendee: String,
    pub(crate) messages: BTreeMap<u64, Message>,
}

/// Everything that was done and that bounds what is done. Nothing is kept for a session that did nothing.
pub(crate) struct Deeds {
    chance: Chance,
    serial: u64,
    /// Serial numbers of what was before; counted down, so that it is listed behind everything that came since.
    old_serial: u64,
    desks: HashMap<usize, Desk>,
    pub(crate) chats: HashMap<String, Chat>,
    pub(crate) effects: Effects,
    pub(crate) manners: Manners,
    pub(crate) limits: Limits,
    pub(crate) refusals: Refusals,
    pub(crate) caps: Caps,
    /// Invitations refused because the person had been invited or is connected.
    pub(crate) repeats_refused: u64,
}

impl Deeds {
    pub(crate) fn new(chance: Chance, effects_max: usize) -> Self {
        Self {
            chance,
            serial: SERIAL_START,
            old_serial: SERIAL_START,
            desks: HashMap::new(),
            chats: HashMap::new(),
            effects: Effects::new(effects_max),
            manners: Manners::default(),
            limits: Limits::default(),
            refusals: Refusals::default(),
            caps: Caps::default(),
            repeats_refused: 0,
        }
    }

    /// What is known of a session that did something.
    pub(crate) fn desk(&self, session: usize) -> Option<&Desk> {
        self.desks.get(&session)
    }

    /// Connects a session to people; how many relations it has then. None when they are too many.
    pub(crate) fn connect(
        &mut self,
        session: usize,
        members: Vec<String>,
        now: Timestamp,
    ) -> Option<usize> {
        let desk = self.desks.entry(session).or_default();
        if desk.relations.len().saturating_add(members.len()) > RELATIONS_MAX {
            return None;
        }
        for member in members {
            self.serial += 1;
            desk.connect(self.serial, Relation { member, at: now });
        }
        Some(desk.relations.len())
    }

    fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// An id for what got this serial number.
    fn name(&self, topic: Topic, serial: u64) -> String {
        people::identifier(self.chance, topic, serial)
    }

    /// Nineteen digits, as LinkedIn names invitations.
    fn invitation_id(&self, serial: u64) -> String {
        let draw = self.chance.draw(Topic::InvitationId, serial);
        format!("7{:018}", draw % 1_000_000_000_000_000_000)
    }
}

/// Up to `limit` of a list before a serial number, newest first; and the number to go on before, if there are more.
pub(crate) fn page<T>(
    list: &BTreeMap<u64, T>,
    before: Option<u64>,
    limit: usize,
    wanted: impl Fn(&T) -> bool,
) -> (Vec<&T>, Option<u64>) {
    let ahead = list.range(..before.unwrap_or(u64::MAX)).rev();
    let mut ahead = ahead.filter(|(_, item)| wanted(item));
    let mut lowest = None;
    let mut items = Vec::new();
    for (&serial, item) in ahead.by_ref().take(limit) {
        lowest = Some(serial);
        items.push(item);
    }
    (items, ahead.next().and(lowest))
}
