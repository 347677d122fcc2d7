//! Person behind the session that a look shows (R-ST-6, R-LNK-4).

use super::AccountRow;
use crate::account::StatusChanges;
use crate::decision::Alert;
use crate::holds::{EndedHold, HoldReason, NewHold};
use crate::identity::canonical;
use crate::ids::{AccountId, Identity, SessionId};
use crate::session::Session;
use serde_json::json;

/// Person behind an account's session, held against the person that the account is known to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionOwner {
    /// The known person.
    Known,
    /// Nobody is named, or nobody is known.
    Unnamed,
    /// Another person than the known one.
    Stranger {
        /// Person that was expected.
        expected: Identity,
        /// Person that is there.
        seen: Identity,
    },
}

/// Holds the person that a session names against the one that its account is known to be.
pub fn owner_of(row: &AccountRow, session: &Session) -> SessionOwner {
    let (Some(known), Some(shown)) = (&row.identity, &session.identity) else {
        return SessionOwner::Unnamed;
    };
    let (expected, seen) = (
        in_one_form(&session.kind, known),
        in_one_form(&session.kind, shown),
    );
    if expected == seen {
        SessionOwner::Known
    } else {
        SessionOwner::Stranger { expected, seen }
    }
}

/// Identity as its kind of account writes it; one that names nobody there stays as it is.
pub(super) fn in_one_form(kind: &str, identity: &Identity) -> Identity {
    canonical(kind, &identity.0).unwrap_or_else(|| identity.clone())
}

/// Hold of an account whose session is another person's; it ends when the known person is back.
pub fn hold(account: AccountId) -> NewHold {
    NewHold {
        account,
        reason: HoldReason::WrongAccount,
        until: None,
        note: "another person is behind its session".to_owned(),
    }
}

/// End of that hold.
pub fn end_of_hold(account: AccountId) -> EndedHold {
    EndedHold {
        account,
        reason: HoldReason::WrongAccount,
    }
}

/// Changes of the hold `wrong_account` that one look at a linked session makes, and the alert of a new one.
///
/// A hold that stands is not set anew, so that operators hear of it once.
pub fn look_at_owner(
    row: &AccountRow,
    session: &Session,
    is_held: bool,
) -> (StatusChanges, Option<Alert>) {
    let mut changes = StatusChanges::default();
    let mut alert = None;
    match owner_of(row, session) {
        SessionOwner::Stranger { expected, seen } if !is_held => {
            changes.holds.push(hold(row.account));
            alert = Some(wrong_account(row.account, &session.id, &expected, &seen));
        }
        SessionOwner::Known if is_held => changes.ended_holds.push(end_of_hold(row.account)),
        SessionOwner::Stranger { .. } | SessionOwner::Known | SessionOwner::Unnamed => {}
    }
    (changes, alert)
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
