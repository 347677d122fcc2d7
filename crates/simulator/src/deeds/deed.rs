//! An outward request, read and not yet done.

use super::desk::Attendee;
use crate::control::Action;
use sha2::{Digest, Sha256};

/// What a session is asked to do.
#[derive(Debug)]
pub(crate) enum Deed {
    Invite {
        target: String,
        note: Option<String>,
    },
    View {
        target: String,
    },
    Withdraw {
        invitation: String,
    },
    /// Writes to people in the chat with them, which may have to be made.
    Start {
        attendees: Vec<String>,
        text: String,
        inmail: bool,
    },
    /// Writes in a chat that is there.
    Write {
        chat: String,
        text: String,
    },
    Remove {
        member: String,
    },
    Email {
        to: Vec<Attendee>,
        subject: String,
        body: String,
        label: Option<String>,
    },
}

impl Deed {
    pub(crate) fn action(&self) -> Action {
        match self {
            Self::Invite { .. } => Action::Invite,
            Self::View { .. } => Action::ProfileView,
            Self::Withdraw { .. } => Action::WithdrawInvite,
            Self::Start { inmail: true, .. } => Action::Inmail,
            Self::Start { .. } | Self::Write { .. } => Action::Message,
            Self::Remove { .. } => Action::RemoveConnection,
            Self::Email { .. } => Action::Email,
        }
    }

    /// See `EffectLine::is_raw`.
    pub(crate) fn is_raw(&self) -> bool {
        match self {
            Self::Invite { note, .. } => note.as_deref().is_some_and(is_raw),
            Self::Start { text, .. } | Self::Write { text, .. } => is_raw(text),
            Self::Email { subject, body, .. } => is_raw(subject) || is_raw(body),
            Self::View { .. } | Self::Withdraw { .. } | Self::Remove { .. } => false,
        }
    }

    /// Of what is written; see `EffectLine::text_digest`.
    pub(crate) fn text_digest(&self) -> Option<[u8; 32]> {
        let digest = |text: &str| Some(Sha256::digest(text).into());
        match self {
            Self::Invite { note, .. } => note.as_deref().and_then(digest),
            Self::View { .. } | Self::Remove { .. } => None,
            Self::Withdraw { invitation } => digest(invitation),
            Self::Start { text, .. } | Self::Write { text, .. } => digest(text),
            Self::Email { subject, body, .. } => digest(&format!("{subject}\n{body}")),
        }
    }
}

/// Whether a text was meant for a machine and not for a person.
fn is_raw(text: &str) -> bool {
    let is_sign = |it: char| it.is_control() && !"\n\r\t".contains(it);
    text.contains("{{") || text.contains("}}") || text.contains(is_sign)
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// The id that is answered.
    pub(crate) reference: Option<String>,
    /// Of a message.
    pub(crate) chat: Option<String>,
    /// Of an e-mail: the mailbox's own id of it.
    pub(crate) provider_id: Option<String>,
    /// The mark of the provider's limit that was just passed.
    pub(crate) usage: Option<u64>,
}
