//! Items of a list that could not be read (R-WAT-4): all counted, some kept to be named.

use crate::decision::Alert;
use crate::ids::SessionId;
use crate::session::Session;
use serde_json::json;

/// Names of odd items that one alert holds.
pub(super) const NAMED_MAX: usize = 20;

/// Items that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OddItems {
    unnamed: u32,
    /// Why, of the first of them.
    items: Vec<String>,
    named: u32,
    /// The first of them, and why.
    sessions: Vec<(SessionId, Option<String>)>,
}

impl OddItems {
    /// Notes an item that could not even be named. It may be anybody's, so absence from the list proves nothing.
    pub fn note_unnamed(&mut self, why: String) {
        self.unnamed = self.unnamed.saturating_add(1);
        if self.items.len() < NAMED_MAX {
            self.items.push(why);
        }
    }

    /// Notes an item that could only be named.
    pub fn note_named(&mut self, session: &Session) {
        self.named = self.named.saturating_add(1);
        if self.sessions.len() < NAMED_MAX {
            let why = session.words.first().cloned();
            self.sessions.push((session.id.clone(), why));
        }
    }

    /// Items that could not be named.
    pub fn unnamed(&self) -> u32 {
        self.unnamed
    }

    /// The alert for them, if there are any.
    pub fn alert(&self) -> Option<Alert> {
        if self.unnamed == 0 && self.named == 0 {
            return None;
        }
        let why = |(id, why): &(SessionId, Option<String>)| json!({ "session": id, "why": why });
        Some(Alert {
            code: "unreadable_list",
            subject: "provider".to_owned(),
            detail: json!({
                "unnamed": self.unnamed,
                "items": self.items,
                "named": self.named,
                "sessions": self.sessions.iter().map(why).collect::<Vec<_>>(),
            }),
        })
    }
}
