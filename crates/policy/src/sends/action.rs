//! The seven outward actions, and how far a send has come.

use serde::{Deserialize, Serialize};

/// What is done to a person through an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Asks somebody to connect.
    Invite,
    /// Writes to a connection.
    Message,
    /// Writes to somebody who is none, with a credit.
    Inmail,
    /// Looks at a profile so that its owner sees it.
    ProfileView,
    /// Takes an invitation back.
    WithdrawInvite,
    /// Ends a connection; they are not told, and messages stay.
    RemoveConnection,
    /// Writes an e-mail.
    Email,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 7] = [
        Self::Invite,
        Self::Message,
        Self::Inmail,
        Self::ProfileView,
        Self::WithdrawInvite,
        Self::RemoveConnection,
        Self::Email,
    ];

    /// The word in our tables and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Message => "message",
            Self::Inmail => "inmail",
            Self::ProfileView => "profile_view",
            Self::WithdrawInvite => "withdraw_invite",
            Self::RemoveConnection => "remove_connection",
            Self::Email => "email",
        }
    }

    /// Reads the word in our tables; `None` for any other.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}

/// What an account pays for, as far as caps differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Nothing.
    Free,
    /// Premium or Sales Navigator.
    Premium,
}

impl Tier {
    /// Every tier.
    pub const ALL: [Self; 2] = [Self::Free, Self::Premium];

    /// The word in our tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Premium => "premium",
        }
    }

    /// Reads the word in our tables; `None` for any other.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == word)
    }
}

/// How far a send has come (R-CAP-5). The database allows only the changes that lead along these lines:
///
/// ```text
/// planned ─▶ reserved ─▶ sending ─▶ sent | refused | failed | unknown
///    └────────────┴────▶ cancelled             unknown ─▶ sent | failed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SendState {
    /// Has an instant; takes no capacity.
    Planned,
    /// Takes capacity; nobody called yet, and whoever calls must first win `sending`.
    Reserved,
    /// One call is on its way, or its worker died.
    Sending,
    /// The provider said yes, or its own lists showed it afterwards.
    Sent,
    /// The provider said no.
    Refused,
    /// It did not happen.
    Failed,
    /// Nobody knows whether it happened: keeps its capacity, is read back and never repeated (R-CAP-6).
    Unknown,
    /// Taken back before any call.
    Cancelled,
}

impl SendState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Planned,
        Self::Reserved,
        Self::Sending,
        Self::Sent,
        Self::Refused,
        Self::Failed,
        Self::Unknown,
        Self::Cancelled,
    ];

    /// The word in our tables and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Reserved => "reserved",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word in our tables; `None` for any other.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}
