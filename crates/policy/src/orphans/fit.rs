//! How far a session fits a first link that nothing proves.

use super::{Neighbourhood, Unclaimed, Waiting};
use crate::identity::{self, Agreement};
use crate::life::ATTEMPT_GRACE;
use jiff::{SignedDuration, Timestamp};

/// Error of a measured difference of two clocks: a header tells whole seconds, and an answer travels.
const MEASURED_WITHIN: SignedDuration = SignedDuration::from_mins(1);
/// Difference of two clocks that nobody measured. Only together with a declared identity is that much of it forgiven.
const UNMEASURED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// How far a session fits a first link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// In time, and the declared identity agrees.
    Agrees,
    /// In time, and nothing says whose it is.
    Open,
    /// In time, and somebody else than was declared.
    Differs,
    /// Not that account's.
    No,
}

/// The clocks under which a neighbourhood's instants were written.
#[derive(Clone, Copy)]
pub(super) struct Clocks {
    lead: SignedDuration,
    within: SignedDuration,
}

impl Clocks {
    pub(super) fn of(neighbourhood: &Neighbourhood) -> Self {
        match neighbourhood.clock_lead {
            Some(lead) => Self {
                lead,
                within: MEASURED_WITHIN,
            },
            None => Self {
                lead: SignedDuration::ZERO,
                within: UNMEASURED_WITHIN,
            },
        }
    }

    /// Whether the session was made in the time of one of the account's attempts, both by our clock.
    pub(super) fn in_time(self, waiting: &Waiting, it: &Unclaimed) -> bool {
        let made = later(it.session.created_at, -self.lead);
        waiting.tries.iter().any(|time| {
            let from = later(time.opens_at, -self.within);
            let to = later(later(time.closes_at, ATTEMPT_GRACE), self.within);
            from <= made && made <= to
        })
    }

    pub(super) fn fit(self, waiting: &Waiting, it: &Unclaimed) -> Fit {
        if !is_first_link(waiting) || !kinds_fit(waiting, it) || !self.in_time(waiting, it) {
            return Fit::No;
        }
        let session = &it.session;
        match identity::agreement(
            waiting.declared.as_deref(),
            session.handle.as_deref(),
            session.identity.as_ref(),
        ) {
            Agreement::Agrees => Fit::Agrees,
            Agreement::Open => Fit::Open,
            Agreement::Differs => Fit::Differs,
        }
    }
}

/// Whether it never had a session or a person, and its attempt has named none.
pub(super) fn is_first_link(waiting: &Waiting) -> bool {
    let attempt = waiting.attempt.as_ref();
    let named = attempt.is_some_and(|it| it.session.is_some());
    let row = &waiting.row;
    row.session.is_none() && row.identity.is_none() && waiting.kept.is_none() && !named
}

/// Whether a session of that kind may be the account's: a mail server's is never a Google account's.
pub(super) fn kinds_fit(waiting: &Waiting, it: &Unclaimed) -> bool {
    waiting.kind.eq_ignore_ascii_case(&it.session.kind)
}

fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    instant.checked_add(by).unwrap_or(end)
}
