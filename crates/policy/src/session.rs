//! What the provider says of a session.

mod fingerprint;
mod sources;

use crate::ids::{Identity, SessionId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

crate::words! {
    serde:
    /// State of a session, or of one of its sources. Order is badness: of the words that we know the worst counts (R-ST-3).
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
        /// No word that we know, or one that we do not know beside an OK: recorded and alerted, never a flip (R-ST-3).
        Unknown = "unknown",
    }
}

impl Health {
    /// Reads the provider's word (`"CREDENTIALS"`), in any case; an unknown word is [`Health::Unknown`].
    pub fn of_provider(word: &str) -> Self {
        Self::parse(&word.to_ascii_lowercase()).unwrap_or(Self::Unknown)
    }
}

pub use sources::{Source, States};

/// One session as the provider described it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The provider's id.
    pub id: SessionId,
    /// The provider's account type (`LINKEDIN`, `GOOGLE_OAUTH`, …); empty where it could not be read.
    pub kind: String,
    /// Display name.
    pub name: String,
    /// Worst of the sources that an account of its kind needs.
    pub health: Health,
    /// Words of all its sources, for evidence.
    pub words: Vec<String>,
    /// Those of them that we do not know.
    #[serde(default)]
    pub odd: Vec<String>,
    /// Worst of the sources that it could send without (a mailbox's calendar); none where it has none.
    #[serde(default)]
    pub side: Option<Health>,
    /// The person behind it, where the provider tells.
    pub identity: Option<Identity>,
    /// Public profile identifier, mailbox address or bare user of a mail server, in lower case, where the provider tells.
    pub handle: Option<String>,
    /// When the provider made it.
    pub created_at: Timestamp,
}

impl Session {
    /// A session of which no more than its name is known: present, in a state that nobody knows (R-WAT-4).
    pub fn unreadable(id: SessionId, why: String, seen_at: Timestamp) -> Self {
        Self {
            id,
            kind: String::new(),
            name: String::new(),
            health: Health::Unknown,
            words: vec![why.clone()],
            odd: vec![why],
            side: None,
            identity: None,
            handle: None,
            created_at: seen_at,
        }
    }

    /// Whether more than its name was read.
    pub fn is_readable(&self) -> bool {
        !self.kind.is_empty()
    }
}
