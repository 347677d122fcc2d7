//! What the provider's news of a login mean, and looks in case nobody tells (R-LNK-3, R-LNK-4, R-LNK-5, R-LNK-9).
//!
//! Callback, webhook and look end in one rule, [`land`]: whose session it is by the rows, then what the session and its
//! owner answer. An attempt may bind a new session, the newest open one alone; only an observation calls an account
//! connected. Order and number of the news make no difference: they name rows, and what counts is read after they came.

mod answer;
mod bind;
mod changes;
mod land;
mod left;
mod list;
mod look;
mod restore;

pub use answer::{AnswerFacts, LinkNews, answer, asked_for};
pub use changes::{
    AnsweredAttempt, CandidateSession, EventEnd, EventVerdict, ForgottenEvents, LandedBy,
    LandedLogin, LandedSince, LinkChanges, LinkRefusal, Merge, RefusedAttempt,
};
pub use land::{Landing, land};
pub use list::{NewSessions, list_job, listed};
pub use look::{LookedAt, is_asked_in_vain, looked, session_to_look_at};
pub use restore::{Revival, revive};

use crate::account::{AttemptPhase, AttemptPurpose, Status};
use crate::ids::{AttemptId, SessionId};
use crate::verify::VerificationFacts;
use jiff::Timestamp;

crate::words! {
    /// Part that an attempt can still play.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Standing {
        /// Its link is being minted: the account has not been told yet.
        Minting = "minting",
        /// Newest of its account, not closed, its name valid: the only one that may bind.
        Open = "open",
        /// A newer one took its place.
        Superseded = "superseded",
        /// Closed in any other way, or its name has ended.
        Closed = "closed",
    }
}

impl Standing {
    /// Part of an attempt in that phase whose name ends at `name_ends_at`.
    pub fn of(phase: AttemptPhase, rank: Rank, name_ends_at: Timestamp, now: Timestamp) -> Self {
        match (phase, rank) {
            (AttemptPhase::Superseded, _) => Self::Superseded,
            _ if phase.is_closed() || name_ends_at <= now => Self::Closed,
            (_, Rank::Older) => Self::Superseded,
            (AttemptPhase::Minting, Rank::Newest) => Self::Minting,
            (_, Rank::Newest) => Self::Open,
        }
    }
}

/// Place of an attempt among those of its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// None began after it.
    Newest,
    /// One or more began after it.
    Older,
}

/// Attempt that news are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkAttempt {
    /// The attempt.
    pub id: AttemptId,
    /// Its purpose.
    pub purpose: AttemptPurpose,
    /// What it may still do.
    pub standing: Standing,
    /// End of its hosted link.
    pub link_ends_at: Timestamp,
    /// Session that its own callback named.
    pub session: Option<SessionId>,
    /// When the callback that named a session was kept; null while none came.
    pub called_back_at: Option<Timestamp>,
}

/// Account and attempt that news are of, read before the provider is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkCase {
    /// Account, as every verification reads it.
    pub known: VerificationFacts,
    /// Kind of account that its owner asked to link, `LINKEDIN`.
    pub kind: String,
    /// Handle of whom its owner said to be, as [`crate::identity::handle`] writes it.
    pub declared: Option<String>,
    /// Session that it kept when its owner disconnected it (R-DIS-4).
    pub kept: Option<SessionId>,
    /// Attempt that the news is of; null for news of the account's session alone.
    pub attempt: Option<LinkAttempt>,
    /// Newest attempt of the account while it is open, whatever the news is of.
    pub open: Option<AttemptId>,
}

/// Whose the session is that the news are of, by the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The account's own: whoever's news it is, its state is observed.
    Own,
    /// One that the attempt, open and newest, may bind.
    Candidate(AttemptId),
    /// One that the attempt made and may not bind: noted, and bound by proof of its person alone (R-ORP-2).
    Left(AttemptId),
    /// Of nobody whom this news concerns.
    Nobody,
}

impl LinkCase {
    /// Session that the account has; of one that is on its way back, the one that it kept.
    pub(crate) fn known_session(&self) -> Option<&SessionId> {
        let row = &self.known.row;
        let is_back = row.status != Status::Disconnected;
        let kept = self.kept.as_ref().filter(|_| is_back);
        row.session.as_ref().or(kept)
    }

    /// The attempt, if it renews what works.
    fn renewal(&self) -> Option<&LinkAttempt> {
        let attempt = self.attempt.as_ref();
        attempt.filter(|it| it.purpose == AttemptPurpose::Renew)
    }

    /// Whether `session`, while it is well, looks otherwise than it did before its renewal: the callback that named it came,
    /// or a stranger had it before. Else a session that works shows no login.
    fn shows_renewal(&self, session: &SessionId) -> bool {
        let named = |it: &LinkAttempt| it.session.as_ref() == Some(session);
        self.renewal()
            .is_some_and(|it| self.known.is_held || named(it))
    }

    /// Whose `session` is. A disconnected account has none: only its owner's own act ends that.
    pub fn subject(&self, session: &SessionId) -> Subject {
        let row = &self.known.row;
        if row.status == Status::Disconnected {
            return Subject::Nobody;
        }
        if row.session.as_ref() == Some(session) {
            return Subject::Own;
        }
        let Some(attempt) = &self.attempt else {
            return Subject::Nobody;
        };
        let is_used = attempt.session.as_ref().is_some_and(|it| it != session);
        match attempt.standing {
            // A name is good for one session.
            _ if is_used => Subject::Nobody,
            // What works stays as it is (R-LNK-10).
            Standing::Open if attempt.purpose == AttemptPurpose::Renew => Subject::Left(attempt.id),
            Standing::Open if row.status == Status::Connected => Subject::Left(attempt.id),
            Standing::Open => Subject::Candidate(attempt.id),
            Standing::Superseded | Standing::Closed => Subject::Left(attempt.id),
            Standing::Minting => Subject::Nobody,
        }
    }
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
