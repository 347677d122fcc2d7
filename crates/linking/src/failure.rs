//! Why there is no link.

use crate::call::Failure;
use policy::ids::AccountId;
use std::time::Duration;
use store::StoreError;

/// Nothing was minted for the caller. No account is flipped by any of them, and each call may be made again.
#[derive(Debug, thiserror::Error)]
pub enum NotMinted {
    /// No such account in that workspace, or the workspace has ended.
    #[error("there is no such account")]
    Missing,
    /// Connected, and nobody asked to renew it (R-LNK-9).
    #[error("the account is connected already")]
    AlreadyConnected,
    /// The newest link was used, and what it brought is being looked at.
    #[error("the newest link was used, and is being verified")]
    InProgress,
    /// Disconnected: only [`Intent::Restore`](crate::Intent::Restore) brings it back.
    #[error("the account is disconnected")]
    Disconnected,
    /// Merged: that earlier row of the same person has its session (R-LNK-5).
    #[error("the account went on as account {0}")]
    Merged(AccountId),
    /// Three links were called dead within ten minutes; time until the next may be.
    #[error("three links were said to be dead within ten minutes")]
    TooManyDead(Duration),
    /// The provider's refusal, by its type (`errors/invalid_parameters`); null where it gave none.
    #[error("the provider refused to make a link")]
    ProviderRefused(Option<String>),
    /// The provider answered that it is not well, or no connection was made.
    #[error("the provider is down")]
    ProviderDown,
    /// No whole answer of the provider's came in time.
    #[error("the provider did not answer")]
    ProviderSilent,
    /// The provider refused the fleet's own key: an alarm for operators, and nobody's account.
    #[error("the provider refused the fleet's key")]
    OurKey,
    /// Another call minted all the while, or took the attempt over; nothing is wrong.
    #[error("another call is minting; ask again")]
    Busy,
    /// The database did not answer.
    #[error("use the store")]
    Database(#[from] StoreError),
}

impl NotMinted {
    /// What the word means that an attempt without a link keeps.
    pub(crate) fn of_word(word: &str) -> Self {
        match Failure::of_word(word) {
            Failure::Gone => Self::ProviderRefused(None),
            Failure::Late => Self::Busy,
            Failure::Refused(kind) => Self::ProviderRefused(kind),
            Failure::Down => Self::ProviderDown,
            Failure::Silent => Self::ProviderSilent,
            Failure::OurKey => Self::OurKey,
        }
    }

    /// Word in metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::AlreadyConnected => "already_connected",
            Self::InProgress => "in_progress",
            Self::Disconnected => "disconnected",
            Self::Merged(_) => "merged",
            Self::TooManyDead(_) => "too_many_dead",
            Self::ProviderRefused(_) => "provider_refused",
            Self::ProviderDown => "provider_down",
            Self::ProviderSilent => "provider_silent",
            Self::OurKey => "our_key",
            Self::Busy => "busy",
            Self::Database(_) => "database",
        }
    }
}
