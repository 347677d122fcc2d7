//! What can be asked of a provider, whichever its version.

use crate::{HostedLink, LinkRequest, Owner, ProviderError};
use jiff::Timestamp;
use policy::ids::SessionId;
use policy::sends::by_hand::SentInvitations;
use policy::sends::call::{ReadBack, Receipt, Started};
use policy::sends::sight::Sight;
use policy::session::Session;
use std::pin::Pin;

/// Most sessions that one page may hold.
pub const LIMIT_MAX: u16 = 250;

/// An answer on its way. Boxed, so that the trait can be a `dyn`.
pub type Answered<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProviderError>> + Send + 'a>>;

/// The provider of sessions. Every call is made once: nothing is retried or redirected on the way.
pub trait Provider: Send + Sync {
    /// One page of every session of our key; `limit` is taken into 1 to [`LIMIT_MAX`].
    /// The list is complete only when the last page's cursor is `None` and nothing on the way failed; a provider whose
    /// cursors run in a circle is for the caller to notice. A page that is too long ([`crate::Cause::TooLong`]) may be
    /// asked for again with a lower limit; one item that is too long alone is unreadable, and the list goes on.
    fn list_sessions<'a>(&'a self, cursor: Option<&'a str>, limit: u16) -> Answered<'a, Page>;

    /// One session. An answer for any other session is [`crate::Class::Mismatch`].
    fn get_session<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Session>;

    /// Restarts a session's stopped sources; does not help where credentials are lacking.
    fn restart<'a>(&'a self, id: &'a SessionId) -> Answered<'a, ()>;

    /// Mints a page on which the owner links or relinks; it dies at the provider's daily restart at the latest.
    fn hosted_link<'a>(&'a self, request: &'a LinkRequest) -> Answered<'a, HostedLink>;

    /// The person behind a session, asked of LinkedIn or the mail server itself: a deep probe, to be used rarely.
    fn me<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Owner>;

    /// Makes the one call that `started` permits, and so consumes it (R-CAP-5). What cannot be right is refused here
    /// ([`crate::Cause::NotSent`]). [`crate::outcome_of`] says what the answer means for the send; an error holds
    /// nothing of its texts.
    fn send(&self, started: Started) -> Answered<'_, Receipt>;

    /// Looks for a send at the provider, by calls that do not act (R-CAP-6). What fails on the way is in the sight, in
    /// words, and never an error. What it proves, `policy::sends::sight` says.
    fn read_back<'a>(&'a self, asked: &'a ReadBack) -> Answered<'a, Sight>;

    /// Lists invitations of a session that wait for an answer, the newest first, until they are older than `since` by the
    /// provider's clock; whoever made them. What fails on the way is a gap, in words, and never an error.
    fn sent_invitations<'a>(
        &'a self,
        id: &'a SessionId,
        since: Timestamp,
    ) -> Answered<'a, SentInvitations>;

    /// Instant that the provider's own clock had shown by its last answer, to the second; none before the first. A call
    /// that begins now begins no earlier than that, by that clock.
    fn clock(&self) -> Option<Timestamp>;
}

/// One page of the list of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Those that could be read.
    pub sessions: Vec<Session>,
    /// Where the next page begins; `None` on the last.
    pub cursor: Option<String>,
    /// Those that could not: they are there, and must not be taken for absent.
    pub unreadable: Vec<Unreadable>,
    /// Instant of the answer by the provider's own clock, to the second; none where it did not say.
    pub answered_at: Option<Timestamp>,
}

/// An item of the list that is there and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its id, where at least that could be read. Without one, no absence from this list can be trusted.
    pub id: Option<SessionId>,
    /// What is wrong with it, in our words: nothing of its content.
    pub why: String,
}
