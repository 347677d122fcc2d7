//! One outward call: the permission to make it, what came of it, and how it is found again.

use super::Action;
use crate::class::Class;
use crate::ids::{AccountId, SendId, SessionId};
use jiff::{SignedDuration, Timestamp};

/// Permission for exactly one outward call. Only the store builds one, from the row whose change to `sending` it has
/// committed (`tests/it/tidy.rs` holds that); it cannot be copied, and the call consumes it (R-CAP-5).
#[derive(Debug)]
pub struct Started(Request);

/// What a call says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The send; also the label by which an e-mail is found again.
    pub send: SendId,
    /// The account that acts.
    pub account: AccountId,
    /// Its session.
    pub session: SessionId,
    /// What is done.
    pub action: Action,
    /// To whom: the provider's id of the person as this account sees it, or a mailbox address.
    pub target: String,
    /// Subject of an e-mail or InMail.
    pub subject: Option<String>,
    /// Text; may be absent from an invitation, and is from what carries none.
    pub body: Option<String>,
    /// The invitation to withdraw, as the provider named it.
    pub reference: Option<String>,
}

impl Started {
    /// From the row that is `sending` now. For the store alone.
    pub fn of_row(request: Request) -> Self {
        Self(request)
    }

    /// What to say.
    pub fn request(&self) -> &Request {
        &self.0
    }
}

/// What the provider said of a call that it made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Its name for what came into being: invitation, message, or an e-mail's tracking id.
    pub reference: Option<String>,
    /// The chat that a message stands in.
    pub chat: Option<String>,
    /// How much of its own limit is used, in percent; told only past certain marks.
    pub usage: Option<u8>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It happened.
    Sent(Receipt),
    /// Nothing left this machine.
    NotSent {
        /// For people.
        why: String,
    },
    /// The provider refused in its own words, so it did not happen.
    Refused {
        /// What the refusal means.
        class: Class,
        /// The provider's type without `errors/`, or the status: `cannot_resend_yet`, `429`.
        code: String,
        /// How long the provider asks us to wait.
        retry_after: Option<SignedDuration>,
    },
    /// Nobody knows whether it happened.
    Untold {
        /// For people.
        why: String,
    },
}

/// What to look for at the provider, for a send whose outcome is unknown (R-CAP-6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBack {
    /// What was said.
    pub request: Request,
    /// Instant that the provider's own clock had shown before the call; none where it had shown none. No clock of ours
    /// has a part in it, so that it may be compared with what the provider shows later.
    pub shown_at: Option<Timestamp>,
}

/// Verdict of a look at the provider on a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// It happened.
    Found(Receipt),
    /// Not in a complete answer, in which nothing may be the send in another form.
    Absent,
    /// The answer proves nothing.
    Unclear {
        /// For people.
        why: String,
    },
}
