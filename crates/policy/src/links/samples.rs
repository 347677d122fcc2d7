//! Small links for tests.

use super::{LinkAttempt, LinkCase, Standing};
use crate::account::{AttemptPurpose, Status};
use crate::ids::{AttemptId, SessionId};
use crate::orphans::{Claim, Owner};
use crate::samples::{account, at, identity, row, session, session_id, workspace};
use crate::session::{Health, Session};
use crate::verify::{AccountRow, OwnerProbe, Probe, Verification, VerificationFacts};
use uuid::Uuid;

pub(super) fn attempt_id(number: u128) -> AttemptId {
    AttemptId(Uuid::from_u128(0xB0_0000 + number))
}

pub(super) fn attempt(purpose: AttemptPurpose, standing: Standing) -> LinkAttempt {
    LinkAttempt {
        id: attempt_id(1),
        purpose,
        standing,
        link_ends_at: at(1_800),
        session: None,
        called_back_at: None,
    }
}

/// Account 1 with its person and its session 1, and a reconnect that is open.
pub(super) fn reconnecting() -> LinkCase {
    LinkCase {
        known: VerificationFacts {
            row: row(1, Status::Connecting),
            prior: None,
            is_held: false,
            attempt: None,
            checkpoint: None,
        },
        kind: "LINKEDIN".to_owned(),
        declared: None,
        kept: None,
        attempt: Some(attempt(AttemptPurpose::Reconnect, Standing::Open)),
        open: Some(attempt_id(1)),
    }
}

/// Account 1 before its first login; its owner said to be person 1.
pub(super) fn linking() -> LinkCase {
    let mut case = reconnecting();
    case.known.row = AccountRow {
        session: None,
        identity: None,
        ..row(1, Status::Connecting)
    };
    case.declared = Some("handle-1".to_owned());
    case.attempt = Some(attempt(AttemptPurpose::First, Standing::Open));
    case
}

/// Session `number` answers, and person `person` is behind it.
pub(super) fn answers(number: u128, person: u128) -> Verification {
    let seen = Session {
        id: session_id(number),
        ..session(person)
    };
    Verification {
        session: Probe::Answered(seen),
        owner: OwnerProbe::Answered {
            identity: identity(person),
        },
        observed_at: at(100),
    }
}

/// The session says that it is not OK yet.
pub(super) fn in_health(mut it: Verification, health: Health) -> Verification {
    if let Probe::Answered(seen) = &mut it.session {
        seen.health = health;
    }
    it
}

pub(super) fn owner(tenant: u128, number: u128, status: Status, claim: Claim) -> Owner {
    Owner {
        workspace: workspace(tenant),
        account: account(number),
        status,
        claim,
    }
}

pub(super) fn id(number: u128) -> SessionId {
    session_id(number)
}
