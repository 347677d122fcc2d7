//! Who a person is, in one form: the rule for the provider's list, its owner profiles, and what owners declare (R-LNK-4, R-ORP-2).
//!
//! A LinkedIn member is a member id, exact. A mailbox is its address in lower case; a mail server's bare user name means
//! nobody without its server, and becomes `user@server`. Handles are what people know: the public identifier of a profile,
//! an address, a bare user name; always in lower case.

mod declared;

use crate::ids::Identity;

pub use declared::{Agreement, agreement, handle, lookups};

/// Longest text that names a person, a session or a thing at the provider, in bytes.
pub const NAME_BYTES_MAX: usize = 255;

/// How a kind of account names people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Member ids and public profiles.
    Linkedin,
    /// Addresses, and users of a mail server.
    Mailbox,
    /// Names of which nothing is known: compared as they are.
    Other,
}

impl Family {
    /// Family of an account's or a session's kind, or of an owner profile's `provider`, in any case.
    pub fn of(kind: &str) -> Self {
        match kind.trim().to_ascii_uppercase().as_str() {
            "LINKEDIN" => Self::Linkedin,
            "GOOGLE" | "GOOGLE_OAUTH" | "GMAIL" | "OUTLOOK" | "MICROSOFT" | "MAIL" | "IMAP"
            | "ICLOUD" | "EXCHANGE" => Self::Mailbox,
            _ => Self::Other,
        }
    }
}

/// Person that `text` names for a `kind` of account; `None` where it names nobody, as a mailbox's bare user does.
pub fn canonical(kind: &str, text: &str) -> Option<Identity> {
    let name = name(text)?;
    match Family::of(kind) {
        Family::Linkedin => Some(Identity(name.to_owned())),
        Family::Mailbox => address(name).map(Identity),
        Family::Other => Some(Identity(address(name).unwrap_or_else(|| name.to_owned()))),
    }
}

/// Person behind a mailbox: its address, or a bare user name with its server.
pub fn mailbox(user: &str, server: Option<&str>) -> Option<Identity> {
    let user = name(user)?;
    if let Some(address) = address(user) {
        return Some(Identity(address));
    }
    let server = name(server?)?.trim_end_matches('.');
    name(&format!("{user}@{server}"))
        .and_then(address)
        .map(Identity)
}

/// A text that may name something: trimmed, not empty, at most [`NAME_BYTES_MAX`], nothing in it that is no character.
pub fn name(text: &str) -> Option<&str> {
    let name = text.trim();
    let poison = |it: char| it.is_control() || it == char::REPLACEMENT_CHARACTER;
    let fits = !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains(poison);
    fits.then_some(name)
}

/// An address in lower case; `None` for what has no user or no server.
fn address(name: &str) -> Option<String> {
    let (user, server) = name.rsplit_once('@')?;
    let lower = name.to_lowercase();
    // Some letters grow in lower case.
    let fits = !user.is_empty() && !server.is_empty() && lower.len() <= NAME_BYTES_MAX;
    fits.then_some(lower)
}

#[cfg(test)]
mod tests;
