//! How long an attempt counts (R-LNK-10).

use crate::account::Status;
use jiff::{SignedDuration, Timestamp};

/// How long a link is good for, where nothing says so.
pub const LINK_LIFE: SignedDuration = SignedDuration::from_mins(30);

/// How long an attempt stays open after its link has ended: what was done on the page in its last minute arrives by then.
pub const ATTEMPT_GRACE: SignedDuration = SignedDuration::from_mins(4);

/// How long the provider's checkpoint is worth a try; after that its owner begins anew.
pub const CHECKPOINT_PATIENCE: SignedDuration = SignedDuration::from_mins(20);

crate::words! {
    /// State of an account's newest attempt, as far as news differ by it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum AttemptState {
        /// Its owner may be at the page right now: old news of the session are none (R-LNK-10).
        Open = "open",
        /// None, or one that is over.
        Ended = "ended",
    }
}

/// Newest attempt of an account, as far as rules need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewestAttempt {
    /// When its link stops to work.
    pub link_ends_at: Timestamp,
    /// When it was closed, whatever came of it.
    pub closed_at: Option<Timestamp>,
}

impl NewestAttempt {
    /// First instant at which it is not open any more.
    pub fn ends_at(&self) -> Timestamp {
        let lapses = later(self.link_ends_at, ATTEMPT_GRACE);
        self.closed_at.map_or(lapses, |closed| closed.min(lapses))
    }
}

/// Whether the newest attempt is open at `now`. An account that is `connecting` without any counts as having one that was
/// opened when it became so.
pub fn attempt_state(
    status: Status,
    since: Timestamp,
    newest: Option<NewestAttempt>,
    now: Timestamp,
) -> AttemptState {
    let assumed = || NewestAttempt {
        link_ends_at: later(since, LINK_LIFE),
        closed_at: None,
    };
    let counted = newest.or_else(|| (status == Status::Connecting).then(assumed));
    match counted {
        Some(attempt) if now < attempt.ends_at() => AttemptState::Open,
        _ => AttemptState::Ended,
    }
}

pub(super) fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.checked_add(by).unwrap_or(Timestamp::MAX)
}
