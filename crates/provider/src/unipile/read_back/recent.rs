//! How far back a list of dated things must be read.

use jiff::{SignedDuration, Timestamp};
use policy::sends::call::ReadBack;

/// How far the provider's clock may be behind ours.
const SLACK: SignedDuration = SignedDuration::from_mins(2);

/// The times of a list that should begin with the newest.
pub(super) struct Recent {
    since: Timestamp,
    last: Option<Timestamp>,
    in_order: bool,
}

impl Recent {
    pub(super) fn new(asked: &ReadBack) -> Self {
        Self {
            since: asked
                .started_at
                .checked_sub(SLACK)
                .unwrap_or(Timestamp::MIN),
            last: None,
            in_order: true,
        }
    }

    /// Notes the next item's time; whether the item may be the one that is looked for.
    pub(super) fn note(&mut self, at: Timestamp) -> bool {
        self.in_order &= self.last.is_none_or(|last| at <= last);
        self.last = Some(at);
        self.since <= at
    }

    /// Whether all that follows is too old. A list that has once been out of order is read to its end.
    pub(super) fn is_past(&self) -> bool {
        self.in_order && self.last.is_some_and(|last| last < self.since)
    }
}
