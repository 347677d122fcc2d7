//! How the provider and its people behave when nothing is wrong.

use super::{Rate, Shown, Span};
use serde::{Deserialize, Serialize};

/// How the provider's people behave. The default lets every session reach everybody.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manners {
    /// A message without InMail to somebody who is no relation is refused with `no_connection_with_recipient`, and so
    /// is the removal of one.
    pub strict_relations: bool,
    /// A second invitation to the same person is accepted and happens, so that a duplicate can be planted. Otherwise
    /// it is refused while the first is pending and for three weeks after it was withdrawn.
    pub repeated_invites: bool,
    /// InMail credits of each session since the start; when left out, InMails cost none.
    pub inmail_credits: Option<u64>,
    /// Notes that a free session may add to its invitations in any 30 days; one more is refused with
    /// `cannot_resend_yet`, though an invitation without a note is not. When left out, any number.
    pub free_notes: Option<u64>,
    /// Refusals of an ordinary day.
    pub everyday: Everyday,
    /// Invitations that are accepted; none when left out.
    pub acceptance: Option<Acceptance>,
    /// What lists make of what they show.
    pub shown: Shown,
    /// A mailbox's owner has no profile: `GET /users/me` answers 501 for it.
    pub no_mail_profiles: bool,
}

/// Parts of the people whom a session meets, drawn from session and person, so that everybody stays who they are. The
/// rest has no history with it. Nothing of it is an effect: it was before, or by hand.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Everyday {
    /// A relation already: an invitation is refused with `already_connected`.
    pub connected: Rate,
    /// Invited by hand ten days before, and the invitation is pending: `already_invited_recently`.
    pub invited: Rate,
    /// Invited by hand, and the invitation was withdrawn five days before: `already_invited_recently`.
    pub withdrawn: Rate,
    /// Nobody whom it can reach: `invalid_resource_identifier`, `user_unreachable` or `blocked_recipient`; of an e-mail,
    /// `recipient_rejected`.
    pub unreachable: Rate,
}

/// Invitations that are accepted, drawn for each.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// How many of those that are sent from now on.
    pub rate: Rate,
    /// After how many simulator seconds.
    pub after_seconds: Span,
}

/// Invitations that the owner sends by hand, now. They are pending and listed, count for the provider's own limits, and
/// are no effect; the limits hold back none of them.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct HandInvitations {
    /// Whose.
    pub session: String,
    /// To these member ids; those who cannot be invited are passed over.
    pub people: Vec<String>,
    /// And to so many made-up people.
    pub count: u64,
    /// Note with each.
    pub note: Option<String>,
}
