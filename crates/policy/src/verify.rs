//! Before an account is called connected, its session and its owner must both answer (R-LNK-6, R-LNK-4).

use crate::account::{Cause, Flip, Link, Status, allowed};
use crate::decision::{Alert, Decision};
use crate::ids::{AccountId, Identity, SessionId, WorkspaceId};
use crate::session::{Health, Session};
use jiff::Timestamp;
use serde_json::json;

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
    let owner = match &verification.owner {
        OwnerProbe::Answered { identity } => Some(identity),
        OwnerProbe::Refused(_) | OwnerProbe::Inconclusive(_) => None,
    };
    let named = [known, seen.identity.as_ref(), owner];
    if let Some((expected, seen)) = disagreement(named) {
        return SessionProof::WrongAccount { expected, seen };
    }
    match owner {
        Some(identity) if seen.health == Health::Ok => SessionProof::Yes(identity.clone()),
        _ => SessionProof::No,
    }
}

fn disagreement(named: [Option<&Identity>; 3]) -> Option<(Identity, Identity)> {
    let mut known = named.into_iter().flatten();
    let first = known.next()?;
    let other = known.find(|it| *it != first)?;
    Some((first.clone(), other.clone()))
}

/// Calls an account connected if its own session and its own owner answered, and does nothing otherwise (R-LNK-6).
pub fn verified(row: &AccountRow, verification: &Verification, now: Timestamp) -> Decision {
    let mut decision = Decision::nothing(now);
    let may = allowed(Some(row.status), Status::Connected).is_ok();
    // News from before the last flip is dropped (R-ST-2).
    let stale = verification.observed_at < row.since;
    let (Some(session), true, false) = (&row.session, may, stale) else {
        return decision;
    };
    match holds(session, row.identity.as_ref(), verification) {
        SessionProof::Yes(identity) => {
            decision
                .status
                .flips
                .push(flip(row, session, identity, verification));
        }
        SessionProof::WrongAccount { expected, seen } => {
            decision
                .alerts
                .push(wrong_account(row.account, session, &expected, &seen));
        }
        SessionProof::No => {}
    }
    decision
}

fn flip(
    row: &AccountRow,
    session: &SessionId,
    identity: Identity,
    verification: &Verification,
) -> Flip {
    let evidence = json!({
        "source": "account.verify",
        "session": session,
        "identity": identity,
        "observed_at": verification.observed_at,
    });
    // The session is linked already; linking it again only teaches the row who its owner is.
    let link = row.identity.is_none().then(|| Link {
        session: session.clone(),
        identity: Some(identity),
        attempt: None,
    });
    Flip {
        account: row.account,
        version: row.version,
        from: row.status,
        to: Status::Connected,
        cause: Cause::Verified,
        observed_at: verification.observed_at,
        evidence,
        link,
        checkpoint: None,
    }
}

/// The alert for a session of another person (R-LNK-4).
pub(crate) fn wrong_account(
    account: AccountId,
    session: &SessionId,
    expected: &Identity,
    seen: &Identity,
) -> Alert {
    Alert {
        code: "wrong_account",
        subject: format!("account {account}"),
        detail: json!({ "session": session, "expected": expected, "seen": seen }),
    }
}

#[cfg(test)]
mod tests;
