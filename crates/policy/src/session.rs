//! What the provider says of a session.

use crate::ids::{Identity, SessionId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

crate::words! {
    serde:
    /// State of a session, or of one of its sources. Order is badness: the worst source counts (R-ST-3).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub enum Health {
        /// Runs normally.
        Ok = "ok",
        /// Is connecting; temporary.
        Connecting = "connecting",
        /// Was stopped.
        Stopped = "stopped",
        /// Stopped after an unspecified error.
        Error = "error",
        /// Lacks permissions on the host.
        Permissions = "permissions",
        /// Its credentials must be refreshed by its owner.
        Credentials = "credentials",
        /// A word that we do not know, or no source at all: recorded and alerted, never a flip (R-ST-3).
        Unknown = "unknown",
    }
}

impl Health {
    /// Reads the provider's word (`"CREDENTIALS"`), in any case; an unknown word is [`Health::Unknown`].
    pub fn of_provider(word: &str) -> Self {
        Self::parse(&word.to_ascii_lowercase()).unwrap_or(Self::Unknown)
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
