//! The effects log: what was done, by whom, to whom. Nothing falls out of it; when it is full, nothing more is done.

use crate::control::{Action, EffectLine};
use crate::gate::hex;
use crate::state::Fleet;
use jiff::Timestamp;
use std::sync::Arc;

/// One effect, as it is kept: a million of them are held.
#[derive(Debug)]
pub(crate) struct Effect {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    /// The session's index in the fleet, which never changes.
    pub(crate) session: usize,
    pub(crate) action: Action,
    pub(crate) target: Box<str>,
    pub(crate) reference: Option<Box<str>>,
    pub(crate) text_digest: Option<[u8; 32]>,
    /// See `EffectLine::is_raw`.
    pub(crate) is_raw: bool,
}

impl Effect {
    pub(crate) fn digest(&self) -> Option<String> {
        self.text_digest.as_ref().map(|digest| hex(digest))
    }
}

/// The log. Shared effects, so that a verdict can be found without holding anybody up.
pub(crate) struct Effects {
    lines: Vec<Arc<Effect>>,
    room: usize,
}

impl Effects {
    pub(crate) fn new(room: usize) -> Self {
        Self {
            lines: Vec::new(),
            room,
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.lines.len() >= self.room
    }

    /// Whoever writes has asked [`Effects::is_full`] under the same lock.
    pub(crate) fn push(&mut self, effect: Effect) {
        self.lines.push(Arc::new(effect));
        if self.is_full() {
            tracing::error!(
                room = self.room,
                "the effects log is full; outward actions are refused from now on"
            );
        }
    }

    /// All of them, in the order of happening.
    pub(crate) fn all(&self) -> Vec<Arc<Effect>> {
        self.lines.clone()
    }

    /// Up to `limit` effects after number `since`, each with its number.
    pub(crate) fn since(&self, since: u64, limit: usize) -> Vec<(u64, Arc<Effect>)> {
        let start = usize::try_from(since).unwrap_or(usize::MAX);
        let ahead = self.lines.get(start..).unwrap_or_default();
        (since.saturating_add(1)..)
            .zip(ahead.iter().take(limit).cloned())
            .collect()
    }
}

/// The line that the control API tells.
pub(crate) fn line(number: u64, effect: &Effect, fleet: &Fleet) -> EffectLine {
    EffectLine {
        number,
        seq: effect.seq,
        at: effect.at,
        session: fleet.id_at(effect.session).to_owned(),
        action: effect.action,
        target: effect.target.to_string(),
        reference: effect.reference.as_deref().map(ToOwned::to_owned),
        text_digest: effect.digest(),
        is_raw: effect.is_raw,
    }
}
