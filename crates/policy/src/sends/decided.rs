//! What is decided about sends, complete: committing it leaves nothing to choose.

use super::blame::Blame;
use super::by_hand::HandSend;
use super::{Action, SendState};
use crate::holds::NewHold;
use crate::ids::{AccountId, SendId};
use jiff::Timestamp;

/// Part of a decision about sends and the accounts that send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendChanges {
    /// Ends of calls (R-CAP-5).
    pub settlements: Vec<Settlement>,
    /// Actions that the provider holds, or holds no longer (R-CAP-7).
    pub cooldowns: Vec<NewCooldown>,
    /// Accounts to hold (R-CAP-7, R-CAP-8).
    pub holds: Vec<NewHold>,
    /// Looks for unknown outcomes that settled nothing (R-CAP-6).
    pub looks: Vec<Look>,
    /// Accounts of which nothing reaches the provider, or something does again.
    pub silences: Vec<Silence>,
    /// The provider's clock before calls whose outcome is unknown (R-CAP-6).
    pub clocks: Vec<ClockSeen>,
    /// What a list showed that is not ours (R-CAP-10).
    pub by_hand: Vec<HandSend>,
}

/// The end of a call, or of an unknown outcome; written with its audit row (R-CAP-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The account.
    pub account: AccountId,
    /// The send.
    pub send: SendId,
    /// The state that this was decided on; a row in any other has moved on.
    pub from: SendState,
    /// The state to have.
    pub to: SendState,
    /// Gives its capacity back: only where nothing reached the provider, or the provider says that nothing happened.
    /// The database refuses it for a send that was ever unknown.
    pub refund: bool,
    /// The provider's word or ours (`cannot_resend_yet`, `timeout`), for audit rows and metrics.
    pub code: String,
    /// Whom a failure speaks of (R-CAP-8); null where nothing failed.
    pub blame: Option<Blame>,
    /// More, for people.
    pub note: String,
    /// The provider's name for what came into being.
    pub reference: Option<String>,
    /// The chat that a message stands in.
    pub chat: Option<String>,
    /// How much of the provider's own limit is used, in percent.
    pub usage: Option<u8>,
    /// When to look for it at the provider; for unknown ones.
    pub look_at: Option<Timestamp>,
    /// What becomes of the enrollment, if it is for one.
    pub enrollment: NextStep,
}

impl Settlement {
    /// One that says nothing beyond the change itself, and keeps its capacity. What is looked for speaks of nobody yet, and
    /// what is proved absent of the provider, which answered instead of doing it.
    pub fn plain(
        (account, send): (AccountId, SendId),
        (from, to): (SendState, SendState),
        code: &str,
        enrollment: NextStep,
    ) -> Self {
        Self {
            account,
            send,
            from,
            to,
            refund: false,
            code: code.to_owned(),
            blame: match to {
                SendState::Unknown => Some(Blame::Unknown),
                SendState::Failed => Some(Blame::Provider),
                _ => None,
            },
            note: String::new(),
            reference: None,
            chat: None,
            usage: None,
            look_at: None,
            enrollment,
        }
    }
}

/// What becomes of an enrollment. It keeps its step except when it advances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// One step on, due after that step's wait; done if there is none.
    Advance,
    /// The same step again, not before then.
    Again {
        /// The earliest instant.
        at: Timestamp,
        /// The provider refused in words that we do not know: the next such refusal ends it.
        odd: bool,
    },
    /// In hand until the send is settled.
    Keep,
    /// It ends here.
    Stop {
        /// Why, for people.
        why: String,
    },
}

/// What a cooldown closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cooled {
    /// An action.
    Action(Action),
    /// Invitations with a note; those without go on.
    Notes,
}

impl Cooled {
    /// Key of its row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Action(action) => action.as_str(),
            Self::Notes => "invite_note",
        }
    }
}

/// The provider holds one action of an account, or a part of it (R-CAP-7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCooldown {
    /// The account.
    pub account: AccountId,
    /// What rests.
    pub cooled: Cooled,
    /// Until when.
    pub until: Timestamp,
    /// The provider's code.
    pub code: String,
    /// Refusals in a row, from 1; 0 ends a cooldown after a success.
    pub streak: u16,
}

/// A send that gets an instant (R-CAP-4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Which of the offered enrollments' steps.
    pub candidate: usize,
    /// When it may go.
    pub at: Timestamp,
}

/// An action of an account that may not go before then, so that nobody looks at it until then (R-CAP-4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The account.
    pub account: AccountId,
    /// The action.
    pub action: Action,
    /// The earliest instant at which it may.
    pub until: Timestamp,
    /// The rule that says so: `weekly_cap`.
    pub rule: &'static str,
}

/// Nothing of an account reaches the provider: every action of it rests (R-CAP-4), or goes on again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The account.
    pub account: AccountId,
    /// Until when.
    pub until: Timestamp,
    /// How often in a row, from 1; 0 ends it.
    pub streak: u16,
}

/// A look for a send whose outcome is unknown that settled nothing (R-CAP-6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The account.
    pub account: AccountId,
    /// The send, which stays unknown.
    pub send: SendId,
    /// It was absent from a complete answer, late enough to count.
    pub absent: bool,
    /// When to look again; none when a person must.
    pub next: Option<Timestamp>,
}

/// The provider's clock before a call whose outcome is unknown: by it alone later looks tell what is older (R-CAP-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSeen {
    /// The account.
    pub account: AccountId,
    /// The send; nothing is written once it is not unknown.
    pub send: SendId,
    /// Instant that the provider had shown.
    pub shown_at: Timestamp,
}
