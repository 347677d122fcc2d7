//! The page that a notice's link leads to, and the one that a sign-in comes back to: what is shown there follows from the
//! account's row, never from how somebody came (R-LNK-7, R-LNK-9).

mod masks;
mod words;

pub use masks::{masked_handle, masked_name, shown_text};
pub use words::{PagePlace, PageSubject, PageText, page_text};

use crate::account::{AttemptPhase, AttemptPurpose, Status};
use crate::life::Intent;
use jiff::Timestamp;

crate::words! {
    /// What an owner's page says; its poll asks for this word until it changes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum PageState {
        /// The workspace has ended.
        WorkspaceOver = "workspace_over",
        /// The link to the page is past its end.
        Expired = "expired",
        /// The account was disconnected on purpose.
        Disconnected = "disconnected",
        /// Nothing is needed, or needed any more.
        Connected = "connected",
        /// Somebody signed in, and that is being looked at.
        Finishing = "finishing",
        /// A sign-in was begun, and nothing of it was heard yet.
        SigningIn = "signing_in",
        /// Somebody else signed in than the account is known to be.
        WrongAccount = "wrong_account",
        /// The sign-in cannot be this account's, for a reason that is not its owner's to know.
        Refused = "refused",
        /// The provider asks its owner to confirm something.
        Confirm = "confirm",
        /// The fleet is reconnecting it by itself.
        Recovering = "recovering",
        /// Its owner has to sign in.
        NotConnected = "not_connected",
    }
}

/// Row of an account, as far as its page needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageFacts {
    /// Status of the account.
    pub status: Status,
    /// Start of the hold `wrong_account`, while that is in force.
    pub stranger_since: Option<Timestamp>,
    /// End of its workspace.
    pub workspace_ended_at: Option<Timestamp>,
    /// Start of its newest episode, open or over; null before its first.
    pub lost_at: Option<Timestamp>,
    /// Newest attempt, whatever it is for.
    pub newest: Option<PageAttempt>,
}

/// Newest attempt of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAttempt {
    /// State of the attempt.
    pub phase: AttemptPhase,
    /// Purpose of the attempt.
    pub purpose: AttemptPurpose,
    /// Start of the attempt.
    pub started_at: Timestamp,
    /// A stranger's session was the reason of its refusal.
    pub was_strangers: bool,
}

/// State of the page that a link leads to, good until `ticket_ends_at`.
pub fn page_state(facts: &PageFacts, ticket_ends_at: Timestamp, now: Timestamp) -> PageState {
    if facts.workspace_ended_at.is_some_and(|ended| ended <= now) {
        return PageState::WorkspaceOver;
    }
    if ticket_ends_at <= now {
        return PageState::Expired;
    }
    match facts.status {
        Status::Disconnected => return PageState::Disconnected,
        Status::Connected if facts.stranger_since.is_none() => return PageState::Connected,
        _ => {}
    }
    of_attempt(facts).unwrap_or_else(|| of_status(facts))
}

/// What the newest attempt says, where it is of this loss.
fn of_attempt(facts: &PageFacts) -> Option<PageState> {
    let newest = facts.newest.as_ref();
    let newest = newest.filter(|it| facts.lost_at.is_none_or(|lost| lost <= it.started_at))?;
    // A renewal flips nothing: for an account that is lost it is no way back.
    if newest.purpose == AttemptPurpose::Renew && facts.status != Status::Connected {
        return None;
    }
    match newest.phase {
        AttemptPhase::Minting | AttemptPhase::Open => Some(PageState::SigningIn),
        AttemptPhase::Answered | AttemptPhase::Verifying => Some(PageState::Finishing),
        AttemptPhase::Linked | AttemptPhase::Repaired => {
            (facts.status == Status::Connecting).then_some(PageState::Finishing)
        }
        AttemptPhase::Refused if newest.was_strangers => Some(PageState::WrongAccount),
        AttemptPhase::Refused => Some(PageState::Refused),
        AttemptPhase::Failed
        | AttemptPhase::Lapsed
        | AttemptPhase::Expired
        | AttemptPhase::Superseded
        | AttemptPhase::Cancelled
        | AttemptPhase::MintFailed => None,
    }
}

fn of_status(facts: &PageFacts) -> PageState {
    if facts.stranger_since.is_some() {
        return PageState::WrongAccount;
    }
    match facts.status {
        Status::ActionRequired => PageState::Confirm,
        Status::Recovering => PageState::Recovering,
        Status::Disconnected => PageState::Disconnected,
        Status::Connected => PageState::Connected,
        Status::Connecting | Status::ReconnectNeeded | Status::Missing => PageState::NotConnected,
    }
}

impl PageState {
    /// Whether the page has a button, and the button a link to give.
    pub const fn mints(self) -> bool {
        match self {
            Self::SigningIn
            | Self::WrongAccount
            | Self::Refused
            | Self::Confirm
            | Self::Recovering
            | Self::NotConnected => true,
            Self::WorkspaceOver
            | Self::Expired
            | Self::Disconnected
            | Self::Connected
            | Self::Finishing => false,
        }
    }

    /// Whether the page waits for news of its own.
    pub const fn follows(self) -> bool {
        matches!(self, Self::Finishing | Self::SigningIn | Self::Recovering)
    }
}

/// What the button asks for: a connected account that a stranger took is renewed, so that nothing flips before its person is
/// back.
pub const fn button_intent(status: Status) -> Intent {
    match status {
        Status::Connected => Intent::Renew,
        Status::Connecting
        | Status::ReconnectNeeded
        | Status::ActionRequired
        | Status::Recovering
        | Status::Missing
        | Status::Disconnected => Intent::Repair,
    }
}

#[cfg(test)]
mod tests;
