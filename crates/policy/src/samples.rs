//! Small values for tests, each named by a number.

use crate::account::{Status, allowed};
use crate::decision::Decision;
use crate::ids::{AccountId, Identity, SessionId, WorkspaceId};
use crate::session::{Health, Session};
use crate::verify::AccountRow;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// 2026-03-01T10:00:00Z and that many seconds.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let start = Timestamp::constant(1_772_359_200, 0);
    start
        .checked_add(SignedDuration::from_secs(seconds))
        .expect("tests stay within the years of a timestamp")
}

pub(crate) fn account(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(number))
}

pub(crate) fn workspace(number: u128) -> WorkspaceId {
    WorkspaceId(Uuid::from_u128(0xA0_0000 + number))
}

pub(crate) fn session_id(number: u128) -> SessionId {
    SessionId(format!("session-{number}"))
}

pub(crate) fn identity(number: u128) -> Identity {
    Identity(format!("person-{number}"))
}

/// A well session of person `number`, made at [`at`]`(0)`.
pub(crate) fn session(number: u128) -> Session {
    Session {
        id: session_id(number),
        kind: "LINKEDIN".to_owned(),
        name: format!("Person {number}"),
        health: Health::Ok,
        words: vec!["OK".to_owned()],
        odd: vec![],
        side: None,
        identity: Some(identity(number)),
        handle: Some(format!("handle-{number}")),
        created_at: at(0),
    }
}

/// An account of workspace 1, of person and session `number`, in that status since [`at`]`(0)`.
pub(crate) fn row(number: u128, status: Status) -> AccountRow {
    AccountRow {
        account: account(number),
        workspace: workspace(1),
        version: 7,
        status,
        since: at(0),
        session: Some(session_id(number)),
        identity: Some(identity(number)),
    }
}

/// Every flip is in the table of allowed changes (R-ST-1).
#[track_caller]
pub(crate) fn assert_lawful(decision: &Decision) {
    for flip in &decision.status.flips {
        assert_eq!(allowed(Some(flip.from), flip.to), Ok(()));
    }
}
