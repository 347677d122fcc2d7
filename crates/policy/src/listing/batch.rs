//! Sessions between the list and the database.

use crate::ids::SessionId;
use crate::session::Session;
use std::collections::HashMap;

/// Sessions that were read and are not written yet, each once, in the list's order.
#[derive(Debug, Default)]
pub struct Batch {
    sessions: Vec<Session>,
    places: HashMap<SessionId, usize>,
    /// Those of the batch before.
    earlier: HashMap<SessionId, usize>,
}

impl Batch {
    /// Takes in a page. Where a session stands twice, as on pages that shift while they are read, what was read last counts;
    /// but what could be read at all counts more. True if neither this batch nor the one before had one of them.
    pub fn take(&mut self, page: Vec<Session>) -> bool {
        let mut is_news = false;
        for session in page {
            let Some(place) = self.places.get(&session.id) else {
                is_news |= !self.earlier.contains_key(&session.id);
                self.places.insert(session.id.clone(), self.sessions.len());
                self.sessions.push(session);
                continue;
            };
            let known = &mut self.sessions[*place];
            if session.is_readable() || !known.is_readable() {
                *known = session;
            }
        }
        is_news
    }

    /// How many sessions are in it.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Takes them out to be written; their names are remembered until the next time.
    pub fn turn(&mut self) -> Vec<Session> {
        self.earlier = std::mem::take(&mut self.places);
        std::mem::take(&mut self.sessions)
    }
}
