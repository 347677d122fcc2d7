//! Changes of notices, as decided.

use super::{MailAddress, NoticeName, NoticeState, NoticeWhy, ServerTrouble};
use crate::ids::WorkspaceId;
use jiff::Timestamp;

/// Part of a decision about notices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NoticeChanges {
    /// Rows that change.
    pub changes: Vec<NoticeChange>,
    /// Steps that follow others; one that exists stays as it is.
    pub planned: Vec<PlannedNotice>,
    /// Addresses that get no mails any more.
    pub stopped: Vec<StoppedAddress>,
}

/// Change of one notice; a row that has another state or number of tries by now is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeChange {
    /// The notice.
    pub notice: NoticeName,
    /// State and tries that it was decided on.
    pub seen: (NoticeState, i32),
    /// State and tries from then on.
    pub then: (NoticeState, i32),
    /// Instant at which it is looked at again; null keeps what stands there.
    pub due_at: Option<Timestamp>,
    /// Reason for an end without a mail.
    pub why: Option<NoticeWhy>,
    /// Last code of the mail server.
    pub code: Option<i16>,
    /// Place at which the mail server failed a mail that was to be given away; of any other change null, and nothing is changed.
    pub trouble: Option<ServerTrouble>,
    /// Whether it is held back because very many came due together.
    pub is_held: bool,
}

/// Step that follows another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedNotice {
    /// Name of the step.
    pub notice: NoticeName,
    /// Instant at which it is due.
    pub due_at: Timestamp,
    /// Reason for which it is skipped already; null where it is planned.
    pub skipped: Option<NoticeWhy>,
}

/// Address that a mail server said does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedAddress {
    /// Workspace whose mails it was.
    pub workspace: WorkspaceId,
    /// The address.
    pub address: MailAddress,
    /// Notice that was to be told there.
    pub notice: NoticeName,
}
