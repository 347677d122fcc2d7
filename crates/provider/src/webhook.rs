//! Webhooks of the provider: what we register, and what there is.

use secrecy::SecretString;
use std::fmt;

/// Webhook to register, for all sessions of our key, now and in future. Its `Debug` hides the secret.
#[derive(Clone)]
pub struct NewWebhook<'a> {
    /// Source of its events: `account_status`, `users`, `messaging`.
    pub source: &'a str,
    /// Address that events are sent to.
    pub url: &'a str,
    /// Display name; the provider shows it and repeats it in events.
    pub name: &'a str,
    /// Header that each event is to bear, and its value.
    pub secret: (&'a str, &'a SecretString),
}

impl fmt::Debug for NewWebhook<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewWebhook")
            .field("source", &self.source)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Webhook that the provider has; of its headers, which hold a secret, nothing is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredWebhook {
    /// Provider's id.
    pub id: String,
    /// Source of its events.
    pub source: String,
    /// Address that events are sent to.
    pub url: String,
    /// Display name; empty where it has none.
    pub name: String,
    /// Whether events are sent; the provider switches some off by itself.
    pub is_enabled: bool,
}
