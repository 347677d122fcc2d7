//! What the referee knows of outward actions: the log of effects, and the verdict on it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The seven things that a session can do to somebody.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `POST /users/invite`
    Invite,
    /// `POST /chats` without InMail, `POST /chats/{id}/messages`
    Message,
    /// `POST /chats` with `linkedin[inmail]`
    Inmail,
    /// `GET /users/{identifier}` with `notify=true`
    ProfileView,
    /// `DELETE /users/invite/sent/{id}`
    WithdrawInvite,
    /// `POST /linkedin` with `removeFromMyConnections`
    RemoveConnection,
    /// `POST /emails`
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

    /// As the effects log and the counters call it.
    pub fn name(self) -> &'static str {
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
}

/// One thing that was done, written when it happened, whatever was answered.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct EffectLine {
    /// From 1, without holes, in the order of happening; what `since` counts in.
    pub number: u64,
    /// The request's number in the log.
    pub seq: u64,
    /// By the simulator's clock.
    pub at: Timestamp,
    /// Who did it.
    pub session: String,
    /// What was done.
    pub action: Action,
    /// To whom: the person or address as the request named it (several joined by `,`).
    pub target: String,
    /// The invitation, message, connection or tracking id that it made or ended.
    pub reference: Option<String>,
    /// SHA-256 in hex of what was written; of an e-mail's subject, a line feed and its body; of a withdrawn
    /// invitation's id, so that another invitation to the same person can be withdrawn too. None where nothing was.
    pub text_digest: Option<String>,
    /// What was written holds the braces of a placeholder, or a control character other than a tab or a line's end.
    #[serde(default)]
    pub is_raw: bool,
}

/// The referee's own judgement of everything in the effects log.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Verdict {
    /// When it was judged, by the simulator's clock.
    pub at: Timestamp,
    /// How many effects were judged.
    pub effects: u64,
    /// Every action, also those that nobody did.
    pub actions: BTreeMap<Action, ActionVerdict>,
    /// Effects beyond the first of their kind, over all groups of [`Duplicate`].
    pub duplicated: u64,
    /// The groups, at most [`LISTED_MAX`].
    pub duplicates: Vec<Duplicate>,
    /// How often a session had more than a cap allows in a window that ends with an effect of it.
    pub violated: u64,
    /// For each session, action and window the worst such window, at most [`LISTED_MAX`].
    pub violations: Vec<Violation>,
    /// Invitations that were refused because the person had been invited or is connected: attempts at a duplicate.
    pub repeats_refused: u64,
    /// The effects log is full: since then actions are refused, because what cannot be written must not happen.
    pub full: bool,
}

/// How many duplicates, and how many violations, one verdict lists; it counts all.
pub const LISTED_MAX: usize = 1_000;

/// What one action came to.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ActionVerdict {
    /// Effects of all sessions.
    pub total: u64,
    /// The most that one session did in any 24 hours.
    pub day: Option<Peak>,
    /// The most that one session did in any 7 × 24 hours.
    pub week: Option<Peak>,
    /// Effects beyond the first of their kind.
    pub duplicated: u64,
}

/// The fullest rolling window: from, but without, `until` minus its length, to `until`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Peak {
    /// Effects in it.
    pub count: u64,
    /// Whose.
    pub session: String,
    /// The window's end, which is an effect.
    pub until: Timestamp,
}

/// The same thing done more than once: same session, action, target and text. For invitations the text does not count.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Duplicate {
    /// Who did it.
    pub session: String,
    /// What was done.
    pub action: Action,
    /// To whom.
    pub target: String,
    /// Of the first one.
    pub text_digest: Option<String>,
    /// The requests' numbers.
    pub seqs: Vec<u64>,
    /// Invitations only: one was sent though none had been withdrawn since the one before.
    pub while_pending: bool,
}

/// A length of rolling window.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// 24 hours.
    Day,
    /// 7 × 24 hours.
    Week,
}

/// More than the referee was told to allow.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Violation {
    /// Who.
    pub session: String,
    /// What.
    pub action: Action,
    /// Which window.
    pub window: Window,
    /// The cap in force at `until`.
    pub cap: u64,
    /// What happened in the window that ends at `until`.
    pub count: u64,
    /// The worst window's end.
    pub until: Timestamp,
}
