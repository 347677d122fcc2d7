//! The same person on an earlier, disconnected row of the workspace: that row comes back, with what it kept (R-LNK-5).

use super::changes::Merge;
use crate::account::{Cause, Flip, Link, Status};
use crate::decision::{Alert, Decision};
use crate::ids::{AttemptId, Identity, SessionId};
use crate::verify::AccountRow;
use jiff::Timestamp;
use serde_json::json;

/// Proven login of an account whose person has an earlier row.
#[derive(Clone, Copy, Debug)]
pub struct Revival<'a> {
    /// Account that was made for the login.
    pub row: &'a AccountRow,
    /// Row that comes back.
    pub earlier: &'a AccountRow,
    /// The session.
    pub session: &'a SessionId,
    /// Its person.
    pub person: &'a Identity,
    /// Attempt of `row` that the session answers; null where none was noted.
    pub attempt: Option<AttemptId>,
    /// Before the session was asked.
    pub observed_at: Timestamp,
    /// What found it, for the audit row.
    pub source: &'a str,
}

/// Gives the login to the earlier row, and ends the account that was made for it.
pub fn revive(revival: &Revival<'_>, decision: &mut Decision) {
    let Revival {
        row,
        earlier,
        session,
        ..
    } = revival;
    decision
        .status
        .flips
        .extend([merged(revival), restored(revival)]);
    decision.links.merges.push(Merge {
        account: row.account,
        into: earlier.account,
    });
    decision.alerts.push(Alert {
        code: "account_merged",
        subject: format!("account {}", earlier.account),
        detail: json!({ "session": session, "merged": row.account }),
    });
}

/// The flip of the account that gave its login away.
fn merged(revival: &Revival<'_>) -> Flip {
    let row = revival.row;
    Flip {
        account: row.account,
        version: row.version,
        from: row.status,
        to: Status::Disconnected,
        cause: Cause::Merged,
        observed_at: revival.observed_at,
        evidence: json!({ "source": revival.source, "merged_into": revival.earlier.account }),
        link: None,
        checkpoint: None,
    }
}

/// The flip of the row that comes back.
fn restored(revival: &Revival<'_>) -> Flip {
    let earlier = revival.earlier;
    Flip {
        account: earlier.account,
        version: earlier.version,
        from: earlier.status,
        to: Status::Connected,
        cause: Cause::Restored,
        observed_at: revival.observed_at,
        evidence: json!({
            "source": revival.source,
            "attempt": revival.attempt,
            "attempt_of": revival.row.account,
            "session": revival.session,
        }),
        link: Some(Link {
            session: revival.session.clone(),
            identity: Some(revival.person.clone()),
            attempt: revival.attempt,
        }),
        checkpoint: None,
    }
}
