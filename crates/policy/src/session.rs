//! What the provider says of a session.

use crate::ids::{Identity, SessionId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// State of a session, or of one of its sources. Order is badness: the worst source counts (R-ST-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Runs normally.
    Ok,
    /// Is connecting; temporary.
    Connecting,
    /// Was stopped.
    Stopped,
    /// Stopped after an unspecified error.
    Error,
    /// Lacks permissions on the host.
    Permissions,
    /// Its credentials must be refreshed by its owner.
    Credentials,
    /// A word that we do not know, or no source at all: recorded and alerted, never a flip (R-ST-3).
    Unknown,
}

impl Health {
    /// Every value, in order of badness.
    pub const ALL: [Self; 7] = [
        Self::Ok,
        Self::Connecting,
        Self::Stopped,
        Self::Error,
        Self::Permissions,
        Self::Credentials,
        Self::Unknown,
    ];

    /// Reads the provider's word (`"CREDENTIALS"`), in any case; an unknown word is [`Health::Unknown`].
    pub fn parse(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "OK" => Self::Ok,
            "CONNECTING" => Self::Connecting,
            "STOPPED" => Self::Stopped,
            "ERROR" => Self::Error,
            "PERMISSIONS" => Self::Permissions,
            "CREDENTIALS" => Self::Credentials,
            _ => Self::Unknown,
        }
    }

    /// The word in our tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Connecting => "connecting",
            Self::Stopped => "stopped",
            Self::Error => "error",
            Self::Permissions => "permissions",
            Self::Credentials => "credentials",
            Self::Unknown => "unknown",
        }
    }

    /// The worst of several sources (R-ST-3); none at all is [`Health::Unknown`].
    pub fn worst(sources: impl IntoIterator<Item = Self>) -> Self {
        sources.into_iter().max().unwrap_or(Self::Unknown)
    }
}

/// One session as the provider described it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The provider's id.
    pub id: SessionId,
    /// The provider's account type (`LINKEDIN`, `GOOGLE_OAUTH`, …), kept as it came.
    pub kind: String,
    /// Display name.
    pub name: String,
    /// Worst of its sources.
    pub health: Health,
    /// The sources' words as they came, for evidence.
    pub words: Vec<String>,
    /// The person behind it, where the provider tells.
    pub identity: Option<Identity>,
    /// Public profile identifier or mailbox address, lower case, where the provider tells.
    pub handle: Option<String>,
    /// When the provider made it.
    pub created_at: Timestamp,
}
