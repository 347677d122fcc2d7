//! How old the things of a dated list are beside a call: told by the provider's clock alone.

use super::walk::Page;
use jiff::{SignedDuration, Timestamp};
use policy::sends::call::ReadBack;
use policy::sends::sight::Age;

/// Messages: the provider itself says when they were said.
pub(super) const MESSAGE: Dates = Dates {
    margin: SignedDuration::from_mins(15),
    depth: 0,
};
/// E-mails: somebody else's machine wrote their `date` into a header.
pub(super) const EMAIL: Dates = Dates {
    margin: SignedDuration::from_hours(48),
    depth: 300,
};
/// Time beyond the margin after which an item is not the send, whatever its text.
const LONG: SignedDuration = SignedDuration::from_hours(24);
/// Most by which the clocks of the machines that answer us may differ.
const MACHINES: SignedDuration = SignedDuration::from_mins(1);

/// Trust in the dates of a list.
#[derive(Clone, Copy)]
pub(super) struct Dates {
    /// Most by which one may differ from the clock of the machine that answers us.
    margin: SignedDuration,
    /// Number of items that are read whatever they say.
    depth: usize,
}

/// The ages of a list that should begin with the newest.
pub(super) struct Ages {
    /// The provider's clock before the call, while it can be trusted.
    called_at: Option<Timestamp>,
    dates: Dates,
    last: Option<Timestamp>,
    newest_first: bool,
    items: usize,
}

impl Ages {
    /// Begins a list, of which nothing is read yet.
    pub(super) fn new(asked: &ReadBack, dates: Dates) -> Self {
        Self {
            called_at: asked.shown_at,
            dates,
            last: None,
            newest_first: true,
            items: 0,
        }
    }

    /// Compares the clock with itself: one that now shows less than before the call, or nothing, tells no age.
    pub(super) fn begin(&mut self, page: &Page) {
        let now = page.answered_at.map(|now| later(now, MACHINES));
        self.called_at = self.called_at.filter(|called_at| Some(*called_at) <= now);
    }

    /// Age of the next item.
    pub(super) fn of(&mut self, at: Option<Timestamp>) -> Age {
        self.items += 1;
        let Some(at) = at else {
            return Age::Untold;
        };
        self.newest_first &= self.last.is_none_or(|last| at <= last);
        self.last = Some(at);
        self.age(at)
    }

    /// Asks whether all that follows is long before the call. A list that was once out of order is read to its end.
    pub(super) fn are_past(&self) -> bool {
        let age = self.last.map(|last| self.age(last));
        self.dates.depth < self.items && self.newest_first && age == Some(Age::LongBefore)
    }

    fn age(&self, at: Timestamp) -> Age {
        let Some(called_at) = self.called_at else {
            return Age::Untold;
        };
        let at_latest = later(at, self.dates.margin);
        if called_at <= at_latest {
            Age::Since
        } else if called_at <= later(at_latest, LONG) {
            Age::Before
        } else {
            Age::LongBefore
        }
    }
}

/// Asks whether an item is surely no part of the time since the call.
pub(super) fn is_old(age: Age) -> bool {
    matches!(age, Age::Before | Age::LongBefore)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
