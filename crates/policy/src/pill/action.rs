//! What an account's owner can do now: the way out that R-ST-5 promises, in one word (R-API-1).

use super::PillFacts;
use crate::account::Status;
use crate::holds::HoldReason;
use crate::life::{ATTEMPT_GRACE, RECOVERY_PATIENCE};
use jiff::Timestamp;

crate::words! {
    /// What its owner can do for an account; the order is how much it helps.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum OwnerAction {
        /// Nothing is needed.
        None = "none",
        /// It goes on by itself.
        Wait = "wait",
        /// A person of the product or an operator must act.
        AskSupport = "ask_support",
        /// Confirm something at the provider.
        OwnerConfirm = "owner_confirm",
        /// Sign in again.
        OwnerReconnect = "owner_reconnect",
    }
}

impl OwnerAction {
    /// Statuses in which this can be what its owner does; whether it is, [`action`] says.
    pub const fn statuses(self) -> &'static [Status] {
        match self {
            Self::None => &[Status::Connected, Status::Disconnected],
            Self::Wait => &[Status::Connecting, Status::Connected, Status::Recovering],
            Self::AskSupport => &[Status::Connected],
            Self::OwnerConfirm => &[Status::ActionRequired],
            Self::OwnerReconnect => &[
                Status::Connecting,
                Status::Connected,
                Status::ReconnectNeeded,
                Status::Recovering,
                Status::Missing,
            ],
        }
    }

    /// Whether its owner does it on a page of ours.
    pub const fn has_a_page(self) -> bool {
        match self {
            Self::OwnerConfirm | Self::OwnerReconnect => true,
            Self::None | Self::Wait | Self::AskSupport => false,
        }
    }
}

/// What its owner can do now, whatever status, holds and attempt it has.
pub fn action(facts: &PillFacts, now: Timestamp) -> OwnerAction {
    let signs_in = facts
        .link_ends
        .is_some_and(|end| now.duration_since(end) < ATTEMPT_GRACE);
    match facts.status {
        Status::Disconnected => OwnerAction::None,
        Status::Connecting | Status::Recovering if signs_in => OwnerAction::Wait,
        Status::Recovering if now.duration_since(facts.since) < RECOVERY_PATIENCE => {
            OwnerAction::Wait
        }
        Status::Connecting | Status::Recovering | Status::ReconnectNeeded | Status::Missing => {
            OwnerAction::OwnerReconnect
        }
        Status::ActionRequired => OwnerAction::OwnerConfirm,
        Status::Connected => against_holds(facts, now),
    }
}

fn against_holds(facts: &PillFacts, now: Timestamp) -> OwnerAction {
    let in_force = facts.holds.iter().filter(|hold| hold.is_in_force(now));
    let each = in_force.map(|hold| match HoldReason::parse(&hold.reason) {
        Some(HoldReason::WrongAccount) => OwnerAction::OwnerReconnect,
        // Perhaps only the provider lost sight of it, and of others: signing in again waits for the verdict.
        Some(HoldReason::SessionGone) => OwnerAction::Wait,
        _ if hold.until.is_some() => OwnerAction::Wait,
        Some(
            HoldReason::Restricted
            | HoldReason::Protective
            | HoldReason::Subscription
            | HoldReason::Operator,
        )
        | None => OwnerAction::AskSupport,
    });
    each.max().unwrap_or(OwnerAction::None)
}
