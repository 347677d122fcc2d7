//! The fleet of sessions: created in an order that never changes, found by id, listed page by page.

use crate::chance::{Chance, Topic};
use crate::control::{Change, NewSession};
use crate::people;
use crate::session::{Health, Person, Presence, Session, Word};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// How many sessions one simulator holds, those gone and deleted included.
pub(crate) const SESSIONS_MAX: usize = 250_000;

/// Sessions are never removed, so that an index stays the same session for ever: cursors and scripts rely on it.
pub(crate) struct Fleet {
    chance: Chance,
    sessions: Vec<Session>,
    by_id: HashMap<String, usize>,
    live: BTreeSet<usize>,
}

/// Why a session could not be created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("a session with the id {0} is there already")]
    Taken(String),
    #[error("the simulator holds at most {SESSIONS_MAX} sessions")]
    Full,
}

/// What a change came to: what is told about it, and what the referee counts.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Effect {
    pub(crate) message: Option<Word>,
    pub(crate) lost: bool,
    pub(crate) reconnected: bool,
    pub(crate) gone: bool,
}

impl Fleet {
    pub(crate) fn new(chance: Chance) -> Self {
        Self {
            chance,
            sessions: Vec::new(),
            by_id: HashMap::new(),
            live: BTreeSet::new(),
        }
    }

    pub(crate) fn create(&mut self, new: NewSession, now: Timestamp) -> Result<&Session, Refusal> {
        let index = self.sessions.len();
        let number = u64::try_from(index).unwrap_or(u64::MAX);
        let id = new
            .id
            .unwrap_or_else(|| people::identifier(self.chance, Topic::Identifier, number));
        if index == SESSIONS_MAX {
            return Err(Refusal::Full);
        }
        if self.by_id.contains_key(&id) {
            return Err(Refusal::Taken(id));
        }
        let made_up = people::person(self.chance, number, new.kind);
        self.by_id.insert(id.clone(), index);
        self.live.insert(index);
        self.sessions.push(Session {
            id,
            kind: new.kind,
            tier: new.tier,
            name: new.name.unwrap_or(made_up.name),
            identity: new.identity.unwrap_or(made_up.identity),
            handle: new.handle.unwrap_or(made_up.handle),
            taken_from: None,
            created_at: new.created_at.unwrap_or(now),
            words: vec![Cow::Borrowed(new.health.word()); new.kind.services().len()],
            presence: Presence::Live,
            well_since: (new.health == Health::Ok).then_some(now),
            restricted: new.restricted,
            mail: new.mail,
            workspace: new.workspace.map(String::into_boxed_str),
            luck: self.chance.draw(Topic::Content, number),
        });
        Ok(&self.sessions[index])
    }

    /// Any session that ever was.
    pub(crate) fn any(&self, id: &str) -> Option<&Session> {
        self.by_id.get(id).map(|&index| &self.sessions[index])
    }

    /// Every session that ever was, in the order of creation.
    pub(crate) fn every(&self) -> impl Iterator<Item = &Session> {
        self.sessions.iter()
    }

    /// A session that the provider answers for.
    pub(crate) fn live(&self, id: &str) -> Option<&Session> {
        self.any(id).filter(|session| session.is_live())
    }

    pub(crate) fn live_count(&self) -> usize {
        self.live.len()
    }

    /// Up to `limit` live sessions after the index, before `end`; and the index to go on after, if there are more.
    pub(crate) fn page(
        &self,
        after: Option<usize>,
        end: usize,
        limit: usize,
    ) -> (Vec<&Session>, Option<usize>) {
        let start = after.map_or(0, |index| index.saturating_add(1));
        let mut ahead = self.live.range(start.min(end)..end).copied();
        let indexes: Vec<usize> = ahead.by_ref().take(limit).collect();
        let next = ahead.next().and_then(|_| indexes.last().copied());
        (
            indexes
                .into_iter()
                .map(|index| &self.sessions[index])
                .collect(),
            next,
        )
    }

    /// The index before which the older half of the live sessions stands.
    pub(crate) fn half(&self) -> usize {
        self.live
            .iter()
            .nth(self.live.len() / 2)
            .copied()
            .unwrap_or(0)
    }

    pub(crate) fn id_at(&self, index: usize) -> &str {
        &self.sessions[index].id
    }

    pub(crate) fn index_of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Live sessions whose every source runs, with their places.
    pub(crate) fn healthy(&self) -> impl Iterator<Item = (usize, &Session)> {
        let live = self.live.iter();
        live.map(|&index| (index, &self.sessions[index]))
            .filter(|(_, session)| session.is_well())
    }

    /// A well session, as evenly chosen as the draw is; the number of tries is bounded.
    pub(crate) fn some_well(&self, draw: u64) -> Option<&Session> {
        const TRIES: usize = 64;
        let count = u64::try_from(self.sessions.len())
            .ok()
            .filter(|&count| count > 0)?;
        let start = usize::try_from(draw % count).ok()?;
        let around = self.live.range(start..).chain(self.live.range(..start));
        around
            .take(TRIES)
            .map(|&index| &self.sessions[index])
            .find(|session| session.is_well())
    }

    /// Applies a change; `None` when there never was such a session. A deleted one stays as it is.
    pub(crate) fn change(&mut self, id: &str, change: &Change, now: Timestamp) -> Option<Effect> {
        let index = self.index_of(id)?;
        let session = &mut self.sessions[index];
        if session.presence == Presence::Deleted {
            return Some(Effect::default());
        }
        let (was_well, was_live, words_before) =
            (session.is_well(), session.is_live(), session.words.clone());
        let person_before = session.identity.clone();
        rewrite(session, change);
        session.well_since = match session.well_since {
            _ if !session.is_well() => None,
            Some(since) if session.identity == person_before => Some(since),
            _ => Some(now),
        };
        if session.is_live() {
            self.live.insert(index);
        } else {
            self.live.remove(&index);
        }
        let told = session.is_live() && !change.quiet && session.words != words_before;
        Some(Effect {
            message: told.then(|| session.worst()),
            lost: was_well && !session.is_well(),
            reconnected: !was_well && session.is_well(),
            gone: was_live && !session.is_live(),
        })
    }

    /// Notes whose a session is, before somebody signs in to it as another person.
    pub(crate) fn note_owner(&mut self, id: &str) {
        if let Some(index) = self.index_of(id) {
            let session = &mut self.sessions[index];
            let owner = Person {
                name: session.name.clone(),
                identity: session.identity.clone(),
                handle: session.handle.clone(),
            };
            session.taken_from.get_or_insert_with(|| Box::new(owner));
        }
    }

    /// Whom a session was taken from; it is theirs again from now on.
    pub(crate) fn return_to_owner(&mut self, id: &str) -> Option<Person> {
        let index = self.index_of(id)?;
        self.sessions[index].taken_from.take().map(|owner| *owner)
    }

    /// Deletes a live session through the API; whether there was one.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        let Some(index) = self
            .index_of(id)
            .filter(|&index| self.sessions[index].is_live())
        else {
            return false;
        };
        self.sessions[index].presence = Presence::Deleted;
        self.live.remove(&index)
    }
}

fn rewrite(session: &mut Session, change: &Change) {
    if change.gone {
        session.presence = Presence::Gone;
    }
    if change.back {
        session.presence = Presence::Live;
    }
    session.restricted = change.restricted.unwrap_or(session.restricted);
    session.mail = change.mail.unwrap_or(session.mail);
    if let Some(health) = change.health {
        session.words.fill(Cow::Borrowed(health.word()));
    }
    for (word, told) in session.words.iter_mut().zip(change.words.iter().flatten()) {
        *word = Cow::Owned(told.clone());
    }
    let texts = [
        (&mut session.name, &change.name),
        (&mut session.identity, &change.identity),
        (&mut session.handle, &change.handle),
    ];
    for (text, told) in texts {
        if let Some(told) = told {
            text.clone_from(told);
        }
    }
}

/// The change that puts every source into this state.
pub(crate) fn into_health(health: Health) -> Change {
    Change {
        health: Some(health),
        ..Change::default()
    }
}

#[cfg(test)]
mod tests;
