//! Losses and returns of accounts, as people hear of them: the team at once, owners when it is no blip (R-WAT-6, R-WAT-7).

mod burst;
mod second_look;

pub use burst::{
    HISTORY, LOSSES_MIN, LossCount, LossPace, TIMES_USUAL, WINDOW, WINDOWS, burst_alert, is_burst,
};
pub use second_look::{Look, SECOND_LOOK_AFTER, SecondLook, second_look, second_looks};

use crate::account::{Cause, Flip, Status};
use crate::decision::Alert;
use crate::ids::AccountId;
use jiff::SignedDuration;
use serde_json::json;

/// Time from a flip to its owner's notice, unless that waits for a second look. The losses that follow within it may show
/// that it is one of a burst.
pub const NOTICE_AFTER: SignedDuration = SignedDuration::from_secs(40);

crate::words! {
    /// Reason for a notice to an account's owner.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum NoticeReason {
        /// Its session is gone (R-DEL-3).
        SessionLost = "session_lost",
        /// The owner must sign in again.
        ReconnectNeeded = "reconnect_needed",
        /// The owner must confirm something.
        ActionRequired = "action_required",
        /// The fleet could not bring it back for four hours (R-LNK-8).
        RecoveringLong = "recovering_long",
    }
}

/// Time from a flip to its owner's notice where the owner may be confirming just now.
pub const CONFIRM_WITHIN: SignedDuration = SignedDuration::from_mins(15);

impl NoticeReason {
    /// Time from a flip to its owner's notice, unless that waits for a second look.
    pub const fn told_after(self) -> SignedDuration {
        match self {
            Self::ActionRequired => CONFIRM_WITHIN,
            Self::SessionLost | Self::ReconnectNeeded | Self::RecoveringLong => NOTICE_AFTER,
        }
    }
}

/// One account's loss, as it was committed.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// Account that was lost.
    pub account: AccountId,
    /// Cause of its flip.
    pub cause: Cause,
    /// Reason to tell its owner; none where the provider or the fleet repairs it alone (R-LNK-8).
    pub notice: Option<NoticeReason>,
    /// Alert about this very account.
    pub alert: Option<Alert>,
}

impl Loss {
    /// Reads a flip; none if it loses nothing that was not lost before.
    pub fn of(flip: &Flip) -> Option<Self> {
        let notice = match flip.to {
            Status::Missing => Some(NoticeReason::SessionLost),
            Status::ReconnectNeeded if loses(flip) => Some(NoticeReason::ReconnectNeeded),
            Status::ActionRequired if loses(flip) => Some(NoticeReason::ActionRequired),
            Status::Recovering if loses(flip) => None,
            Status::Connecting
            | Status::Connected
            | Status::ReconnectNeeded
            | Status::ActionRequired
            | Status::Recovering
            | Status::Disconnected => return None,
        };
        Some(Self {
            account: flip.account,
            cause: flip.cause,
            notice,
            alert: missing_alert(flip),
        })
    }
}

/// Whether nobody was told of it before: an account that its owner must repair, or whose session is gone, is lost already.
fn loses(flip: &Flip) -> bool {
    let was_well = matches!(flip.from, Status::Connected | Status::Recovering);
    was_well && flip.cause.is_loss()
}

fn missing_alert(flip: &Flip) -> Option<Alert> {
    (flip.to == Status::Missing).then(|| Alert {
        code: "account_missing",
        subject: format!("account {}", flip.account),
        detail: json!({
            "from": flip.from,
            "cause": flip.cause.as_str(),
            "evidence": flip.evidence,
        }),
    })
}

impl Cause {
    /// Whether the provider took something away: what an owner did or left undone is no loss.
    pub const fn is_loss(self) -> bool {
        match self {
            Self::Credentials
            | Self::Permissions
            | Self::ProviderError
            | Self::ProviderConnecting
            | Self::ConfirmedMissing
            | Self::SessionRefused
            | Self::Checkpoint => true,
            Self::Verified
            | Self::OrphanLinked
            | Self::CheckpointUnanswered
            | Self::LinkUnused
            | Self::LinkStarted
            | Self::LinkFailed
            | Self::LinkLanded
            | Self::Restored
            | Self::Merged => false,
        }
    }
}

crate::words! {
    serde:
    /// News of a change of status, to the team.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
    pub enum LossNews {
        /// A connected account was lost.
        Lost = "lost",
        /// A lost one needs more than was thought: its owner, or a new session.
        Worse = "worse",
        /// An account is connected again.
        Returned = "returned",
    }
}

impl LossNews {
    /// Reads a change of status; none for one that is no line of the feed. A first link is none either, which no pair of
    /// statuses tells.
    pub fn of(from: Option<Status>, to: Status) -> Option<Self> {
        match (from?, to) {
            (Status::Connected, Status::Disconnected) => None,
            (Status::Connected, _) => Some(Self::Lost),
            (_, Status::Connected) => Some(Self::Returned),
            (_, Status::Missing)
            | (Status::Recovering, Status::ReconnectNeeded | Status::ActionRequired) => {
                Some(Self::Worse)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
