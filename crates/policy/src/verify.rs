//! Before an account is called connected, its session and its owner must both answer (R-LNK-6, R-LNK-4).

mod ladder;
mod outcome;
mod whose;

pub(crate) use ladder::next_look;
pub use ladder::{NotedLook, PriorLook, STUCK_AFTER, VerificationChanges, is_due, paced};
pub use outcome::{VerificationFacts, verified};
pub(crate) use whose::wrong_account;
pub use whose::{SessionOwner, end_of_hold, hold, look_at_owner, owner_of};

use crate::account::Status;
use crate::ids::{AccountId, Identity, SessionId, WorkspaceId};
use crate::session::{Health, Session};
use jiff::Timestamp;

/// An account's row, as far as rules need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The account.
    pub account: AccountId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its `status_version`.
    pub version: i64,
    /// Its status.
    pub status: Status,
    /// When it got that status: its last flip.
    pub since: Timestamp,
    /// Its linked session.
    pub session: Option<SessionId>,
    /// The person that it is known to be.
    pub identity: Option<Identity>,
}

/// What `GET /accounts/{id}` told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// 200 with this session.
    Answered(Session),
    /// The owner must confirm something first, in the provider's word for it; empty where it has none.
    Checkpoint(String),
    /// Exactly the provider's words for a session that is gone.
    Gone,
    /// Anything else, in short.
    Inconclusive(String),
}

/// What `GET /users/me` told of that session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnerProbe {
    /// The person behind it answered.
    Answered {
        /// Who that is.
        identity: Identity,
    },
    /// The profile of that very session answered, and names nobody.
    Unnamed,
    /// The owner must confirm something first, in the provider's word for it; empty where it has none.
    Checkpoint(String),
    /// The provider says that this session may not act, in short.
    Refused(String),
    /// Anything else, in short.
    Inconclusive(String),
}

/// Both answers about one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The session's.
    pub session: Probe,
    /// Its owner's.
    pub owner: OwnerProbe,
    /// Before the first of the two was asked, by the database's clock.
    pub observed_at: Timestamp,
}

/// What a verification proves about a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionProof {
    /// It is that session, it is well, and this person is behind it.
    Yes(Identity),
    /// Another person than the known one is behind it (R-LNK-4).
    WrongAccount {
        /// Who was expected, or who the session names.
        expected: Identity,
        /// Who answered.
        seen: Identity,
    },
    /// Nothing.
    No,
}

/// What a verification proves about `session` for an account that is known to be `known`, if anybody (R-LNK-4, R-LNK-6).
///
/// A profile that names nobody but answers for that very session stands for whom the session names; where that names
/// nobody either, nothing is proved: a stranger could not be told from the owner later.
pub fn holds(
    session: &SessionId,
    known: Option<&Identity>,
    verification: &Verification,
) -> SessionProof {
    let Probe::Answered(seen) = &verification.session else {
        return SessionProof::No;
    };
    if seen.id != *session {
        return SessionProof::No;
    }
    let form = |who: &Identity| whose::in_one_form(&seen.kind, who);
    let listed = seen.identity.as_ref().map(form);
    let owner = match &verification.owner {
        OwnerProbe::Answered { identity } => Some(form(identity)),
        OwnerProbe::Unnamed => listed.clone(),
        OwnerProbe::Checkpoint(_) | OwnerProbe::Refused(_) | OwnerProbe::Inconclusive(_) => None,
    };
    if let Some((expected, seen)) = disagreement([known.map(form), listed, owner.clone()]) {
        return SessionProof::WrongAccount { expected, seen };
    }
    match owner {
        Some(identity) if seen.health == Health::Ok => SessionProof::Yes(identity),
        _ => SessionProof::No,
    }
}

/// Person whom the answers prove to be behind `session`, whoever was expected.
pub fn person_of(session: &SessionId, verification: &Verification) -> Option<Identity> {
    match holds(session, None, verification) {
        SessionProof::Yes(identity) => Some(identity),
        SessionProof::WrongAccount { .. } | SessionProof::No => None,
    }
}

fn disagreement(named: [Option<Identity>; 3]) -> Option<(Identity, Identity)> {
    let mut known = named.into_iter().flatten();
    let first = known.next()?;
    let other = known.find(|it| *it != first)?;
    Some((first, other))
}

#[cfg(test)]
mod tests;
