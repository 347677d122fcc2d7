//! What the referee was told to allow, and since when.

use crate::control::{Action, Cap};
use jiff::Timestamp;
use std::collections::HashMap;

/// Daily and weekly allowance, from an instant on.
#[derive(Clone, Copy, Debug)]
struct Since {
    at: Timestamp,
    day: Option<u64>,
    week: Option<u64>,
}

/// Everything that was ever said, so that each effect is judged by what held when it happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caps {
    everybody: HashMap<Action, Vec<Since>>,
    /// By the session's index in the fleet.
    own: HashMap<(usize, Action), Vec<Since>>,
}

impl Caps {
    /// `session` is the index of the one that the cap names.
    pub(crate) fn set(&mut self, session: Option<usize>, cap: &Cap, at: Timestamp) {
        let since = Since {
            at,
            day: cap.day,
            week: cap.week,
        };
        let history = match session {
            Some(session) => self.own.entry((session, cap.action)).or_default(),
            None => self.everybody.entry(cap.action).or_default(),
        };
        history.push(since);
    }

    /// The daily and the weekly cap on an effect of this instant.
    pub(crate) fn at(
        &self,
        session: usize,
        action: Action,
        at: Timestamp,
    ) -> (Option<u64>, Option<u64>) {
        let own = self.own.get(&(session, action));
        let everybody = self.everybody.get(&action);
        let held =
            |history: &Vec<Since>| history.iter().rev().find(|since| since.at <= at).copied();
        let first = |history: &Vec<Since>| history.first().copied();
        own.and_then(held)
            .or_else(|| everybody.and_then(held))
            .or_else(|| own.and_then(first))
            .or_else(|| everybody.and_then(first))
            .map_or((None, None), |since| (since.day, since.week))
    }
}
