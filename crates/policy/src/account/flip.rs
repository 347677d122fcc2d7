//! Changes of accounts' status, as decided (R-ST-1, R-ST-2).

use super::{AttemptEnd, Status};
use crate::holds::{EndedHold, NewHold};
use crate::ids::{AccountId, AttemptId, Identity, SessionId};
use jiff::Timestamp;
use serde_json::Value;

/// Part of a decision about accounts' status, and about whose session an account has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusChanges {
    /// At most one an account.
    pub flips: Vec<Flip>,
    /// Accounts that leave the rotation at once, whatever their status (R-ST-6).
    pub holds: Vec<NewHold>,
    /// Holds that are over, after which a connected account is in rotation again.
    pub ended_holds: Vec<EndedHold>,
    /// Attempts that are over without having linked anything.
    pub attempts: Vec<AttemptEnd>,
    /// Attempts whose page has ended unused; a late callback may still bind them.
    pub lapsed: Vec<AttemptId>,
}

crate::words! {
    /// Reason for a change of status; the code in its audit row.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Cause {
        /// The provider asks for credentials.
        Credentials = "credentials",
        /// The provider lacks permissions.
        Permissions = "permissions",
        /// The provider stopped or failed.
        ProviderError = "provider_error",
        /// The provider is connecting a session that was connected.
        ProviderConnecting = "provider_connecting",
        /// The session answers again and was verified (R-LNK-6).
        Verified = "verified",
        /// A session that never landed was found and verified (R-ORP-1).
        OrphanLinked = "orphan_linked",
        /// Three polls found it gone (R-DEL-3).
        ConfirmedMissing = "confirmed_missing",
        /// The session answers, and its owner's profile says that it may not act.
        SessionRefused = "session_refused",
        /// The provider wants a confirmation of its owner.
        Checkpoint = "checkpoint",
        /// Nobody confirmed in time.
        CheckpointUnanswered = "checkpoint_unanswered",
        /// Its owner began a link and did not end it (R-LNK-10).
        LinkUnused = "link_unused",
        /// Its owner, or its product, began a link (R-LNK-1).
        LinkStarted = "link_started",
    }
}

/// A change of one account's status.
#[derive(Clone, Debug, PartialEq)]
pub struct Flip {
    /// The account, which must exist.
    pub account: AccountId,
    /// `status_version` of the row that this was decided on; a row at any other has moved on.
    pub version: i64,
    /// Status that it was decided on.
    pub from: Status,
    /// Status to have; a change that [`allowed`](super::allowed) refuses is an error of the decision.
    pub to: Status,
    /// Reason, for the audit row.
    pub cause: Cause,
    /// Instant of the observation; older than the account's last flip means moved on (R-ST-2).
    pub observed_at: Timestamp,
    /// Observations that led to it, for the audit row.
    pub evidence: Value,
    /// Session to link with it; only of a verified (re)connect.
    pub link: Option<Link>,
    /// The checkpoint's own words, for a flip to `action_required`; kept until a link begins or the account is connected.
    pub checkpoint: Option<String>,
}

/// Session that an account is linked to by a flip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Linked to no other account, or the flip fails.
    pub session: SessionId,
    /// Person behind the session; kept only by an account that knows none yet.
    pub identity: Option<Identity>,
    /// Link attempt that the session answers, to be closed.
    pub attempt: Option<AttemptId>,
}
