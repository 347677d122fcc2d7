//! Facts about notices, as the store reads them.

use super::{MailAddress, MailPolicy, MailStop, NoticeName, NoticeState};
use crate::account::Status;
use crate::ids::WorkspaceId;
use crate::losses::NoticeReason;
use jiff::Timestamp;

/// A notice with all that its fate depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct NoticeFacts {
    /// Name of the notice.
    pub notice: NoticeName,
    /// State of its row.
    pub state: NoticeState,
    /// Tries to mail it until now.
    pub tries: i32,
    /// Reason of its episode, as it began.
    pub reason: NoticeReason,
    /// Cause of the flip that began its episode, in the word of our tables; of earlier builds null.
    pub cause: Option<String>,
    /// Instant of its first row.
    pub created_at: Timestamp,
    /// Whether it is one of a burst, and waits for a second look.
    pub awaits_look: bool,
    /// Whether it was held back already because very many came due together.
    pub was_held: bool,
    /// Episode that it belongs to.
    pub episode: NoticeEpisode,
    /// Status of its account now.
    pub status: Status,
    /// Name of the account, as its product writes it.
    pub account_name: String,
    /// Type of the account at the provider.
    pub kind: String,
    /// Person whose account it is.
    pub owner: Owner,
    /// Workspace of the account.
    pub tenant: Tenant,
    /// Start of the last mail about an earlier episode, unless its owner brought the account back since.
    pub told_before_at: Option<Timestamp>,
}

/// Time of an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeEpisode {
    /// Begin; of episode 0 the instant of its first notice.
    pub began_at: Timestamp,
    /// End; null while it goes on.
    pub ended_at: Option<Timestamp>,
}

/// Owner of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Address; null where the product gave none.
    pub address: Option<MailAddress>,
    /// Name; null where the product gave none.
    pub name: Option<String>,
    /// Zone of the tz database; the workspace's, where nobody knows the owner's.
    pub zone: Option<String>,
    /// Reason for which that address gets no mails.
    pub stop: Option<MailStop>,
}

/// Workspace of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The workspace.
    pub id: WorkspaceId,
    /// Name of the workspace.
    pub name: String,
    /// Whom owners may ask; null where nobody is named.
    pub support: Option<String>,
    /// Way in which its owners are told.
    pub policy: MailPolicy,
    /// Whether it, or its subscription, is over.
    pub is_over: bool,
    /// Addresses of the team that get mails, in their order.
    pub contacts: Vec<MailAddress>,
}
