//! Notices to owners: a ladder of mails for each episode, each step once (R-LNK-7).

mod changes;
mod facts;
mod ladder;
mod outcome;
mod plan;
mod recipient;
mod settle;
mod turn;

pub use changes::{NoticeChange, NoticeChanges, PlannedNotice, StoppedAddress};
pub use facts::{NoticeEpisode, NoticeFacts, Owner, Tenant};
pub use ladder::{HOURS, due_at, latest_due, next_open};
pub use outcome::{MailOutcome, ServerTrouble};
pub use plan::{
    FIRSTS_MAX, FIRSTS_WITHIN, HELD_FOR, PICKED_UP_WITHIN, PLANNED_MAX, PlanFacts, QUIET,
    WHILE_UNREAD, plan,
};
pub use recipient::{Delivery, delivery};
pub use settle::{MailFacts, Recipient, retry_after, settle};
pub use turn::{MailGoing, MailMeans, MailTurn, TEAM_MAX, not_given, turn_of_mail};

use crate::ids::AccountId;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Time for which a notice must have stood before its owner is told that all is well again.
pub const TOLD_FOR: SignedDuration = SignedDuration::from_mins(15);

crate::words! {
    serde:
    /// Step of an episode's ladder.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub enum NoticeStep {
        /// At once.
        First = "first",
        /// A day after the episode began.
        Day1 = "day_1",
        /// Three days after it.
        Day3 = "day_3",
        /// Seven days after it, and the last.
        Day7 = "day_7",
        /// The account is connected again.
        Back = "back",
    }
}

impl NoticeStep {
    /// Number in our tables and in the tickets of owners' pages.
    pub const fn number(self) -> i16 {
        match self {
            Self::First => 0,
            Self::Day1 => 1,
            Self::Day3 => 2,
            Self::Day7 => 3,
            Self::Back => 4,
        }
    }

    /// Reads a number; null for one of no step.
    pub fn of_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.number() == number)
    }

    /// Days from the episode's begin; null for the step that follows the episode.
    pub const fn days(self) -> Option<i64> {
        match self {
            Self::First => Some(0),
            Self::Day1 => Some(1),
            Self::Day3 => Some(3),
            Self::Day7 => Some(7),
            Self::Back => None,
        }
    }

    /// Step that follows while the episode goes on; null after the last.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::First => Some(Self::Day1),
            Self::Day1 => Some(Self::Day3),
            Self::Day3 => Some(Self::Day7),
            Self::Day7 | Self::Back => None,
        }
    }
}

crate::words! {
    /// State of a notice.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum NoticeState {
        /// To be sent when it is due, unless it is not wanted by then.
        Planned = "planned",
        /// Given to the mail server, or about to be: never given again, whatever became of it.
        Sending = "sending",
        /// Taken by the mail server.
        Sent = "sent",
        /// Taken by nobody, or nobody knows.
        Failed = "failed",
        /// Not needed any more when it was due.
        Skipped = "skipped",
        /// Needed, and not mailed: somebody wants it so, or nothing can mail it.
        Suppressed = "suppressed",
    }
}

crate::words! {
    /// Reason for the end of a notice that was not sent.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum NoticeWhy {
        /// The account is connected again.
        CameBack = "came_back",
        /// The account is disconnected.
        Disconnected = "disconnected",
        /// A later step of its episode was due too.
        LaterStep = "later_step",
        /// The account was lost again before its owner heard that it is back.
        LostAgain = "lost_again",
        /// The workspace ended, or its subscription did.
        WorkspaceOver = "workspace_over",
        /// No mail server is set for the fleet.
        NoMailServer = "no_mail_server",
        /// The workspace tells nobody.
        PolicyNone = "policy_none",
        /// The workspace tells its owners itself.
        PolicyEvent = "policy_event",
        /// The owner wants no mails.
        OptedOut = "opted_out",
        /// Neither the owner nor the team has an address.
        NoAddress = "no_address",
        /// The mail server says that there is no such mailbox.
        Undeliverable = "undeliverable",
        /// The mail server refused the mail itself.
        Refused = "refused",
        /// Nobody knows whether the mail server took it.
        Unanswered = "unanswered",
    }
}

crate::words! {
    /// Way in which a workspace's owners are told.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum MailPolicy {
        /// By mails of ours.
        Mail = "mail",
        /// By the product, which hears of it.
        Event = "event",
        /// Both.
        Both = "both",
        /// Not at all.
        None = "none",
    }
}

crate::words! {
    /// Reason for which an address gets no mails of a workspace.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum MailStop {
        /// Its owner said so.
        OptedOut = "opted_out",
        /// A mail server said that there is no such mailbox.
        Undeliverable = "undeliverable",
    }
}

/// Address of a mailbox, in lower case. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailAddress(pub String);

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress(..)")
    }
}

/// Name of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NoticeName {
    /// Account that it is about.
    pub account: AccountId,
    /// Episode: the `status_version` of the flip that began it, 0 before the first.
    pub episode: i64,
    /// Step of its ladder.
    pub step: NoticeStep,
}

/// Notice that a job is to mail, at the try that asked for it: at any other the job is moot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeTry {
    /// The notice.
    pub notice: NoticeName,
    /// Number of the try, from 1.
    pub tries: i32,
}

/// Local part of the `Message-ID` of a mail that begins with this notice: the same however often it is tried.
pub fn message_name(lead: NoticeName) -> String {
    let NoticeName {
        account,
        episode,
        step,
    } = lead;
    format!("{account}.{episode}.{}", step.number())
}

#[cfg(test)]
mod tests;
