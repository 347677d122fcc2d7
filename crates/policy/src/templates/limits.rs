//! Longest texts of each action, for each tier.

use crate::sends::{Action, Tier};

/// Longest note of an invitation of a paying account, in UTF-16 units.
pub const NOTE_MAX: usize = 300;
/// Longest note of an invitation of a free account, in UTF-16 units.
pub const FREE_NOTE_MAX: usize = 200;
/// Longest subject of an e-mail: a line of its header.
const SUBJECT_MAX: usize = 998;
/// Longest body of an e-mail.
const EMAIL_MAX: usize = 100_000;
/// Longest message in a chat.
const MESSAGE_MAX: usize = 8_000;
/// Longest subject of an InMail.
const INMAIL_SUBJECT_MAX: usize = 200;
/// Longest body of an InMail.
const INMAIL_MAX: usize = 1_900;

/// Longest subject and body, in UTF-16 units, which are never fewer than characters; 0 where an action says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextLimits {
    /// Of the subject.
    pub subject: usize,
    /// Of the body.
    pub body: usize,
}

/// What an action's texts may have for an account of a tier.
pub const fn text_limits(action: Action, tier: Tier) -> TextLimits {
    let (subject, body) = match (action, tier) {
        (Action::Invite, Tier::Free) => (0, FREE_NOTE_MAX),
        (Action::Invite, Tier::Premium) => (0, NOTE_MAX),
        (Action::Message, _) => (0, MESSAGE_MAX),
        (Action::Inmail, _) => (INMAIL_SUBJECT_MAX, INMAIL_MAX),
        (Action::Email, _) => (SUBJECT_MAX, EMAIL_MAX),
        (Action::ProfileView | Action::WithdrawInvite | Action::RemoveConnection, _) => (0, 0),
    };
    TextLimits { subject, body }
}

/// Length as the stricter of characters and UTF-16 units counts it.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}
