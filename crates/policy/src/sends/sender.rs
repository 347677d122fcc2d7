//! What is known of an account as a sender: the facts that the rules of sending are asked with.

use super::{Action, Tier};
use crate::account::Status;
use crate::ids::{AccountId, SendId};
use jiff::{SignedDuration, Timestamp};

/// An account as a sender, at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Sender {
    /// The account.
    pub account: AccountId,
    /// Its status.
    pub status: Status,
    /// What it pays for.
    pub tier: Tier,
    /// Its own rules, or the defaults.
    pub rules: SendingRules,
    /// Holds in force.
    pub holds: Vec<SendHold>,
    /// When it was connected for the first time: its first ramp begins then.
    pub first_connected_at: Option<Timestamp>,
    /// The outage that its allowance still recovers from, or did (R-HEAL-4).
    pub outage: Option<Outage>,
    /// Whether one send must succeed before it is trusted again (R-CAP-8).
    pub probe: Probe,
    /// Its newest send of any action: the one whose call ended last, or whose call is still to come.
    pub last: Option<LastSend>,
    /// One of its calls is on its way.
    pub is_busy: bool,
    /// What is added to both rolling windows: a request reaches the provider this much after its reservation at most.
    pub slack: SignedDuration,
}

/// When an account may send at all (R-CAP-3). Minutes are those of the local day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendingRules {
    /// Name in the tz database.
    pub zone: String,
    /// First minute of the day in which it sends, 0 to 1439.
    pub start_minute: u16,
    /// First minute in which it no longer does, at most 1440; of the next day if it is before `start_minute`.
    pub end_minute: u16,
    /// Active weekdays, a bit each; the lowest is Monday.
    pub days: u8,
    /// Sends a day of one action when it is new.
    pub ramp_start: u32,
    /// How many more each day, up to the cap.
    pub ramp_step: u32,
}

crate::words! {
    /// Owner of an account's hours and weekdays (R-CAP-3).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum RulesFrom {
        /// The account's own.
        Account = "account",
        /// Hours or days are its workspace's.
        Workspace = "workspace",
        /// Nobody set any.
        Default = "default",
    }
}

crate::words! {
    /// Owner of the zone that an account's hours are in (R-CAP-3).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum ZoneFrom {
        /// The account's own rules name it.
        Account = "account",
        /// The owner lives in it.
        Owner = "owner",
        /// The workspace's.
        Workspace = "workspace",
        /// Nobody said one: UTC.
        Unknown = "unknown",
    }
}

/// A reason for which an account does not send, beside its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendHold {
    /// The word in our tables (`protective`).
    pub reason: String,
    /// When it ends by itself; none when a person must end it.
    pub until: Option<Timestamp>,
}

/// A time in which an account was not connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it was lost.
    pub from: Timestamp,
    /// When it was connected again.
    pub until: Timestamp,
}

/// Whether an account must prove itself after a protective hold (R-CAP-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It need not.
    NotNeeded,
    /// It may make one send.
    Due,
    /// It made one, which is not settled as sent yet.
    Pending,
}

/// A send after which the account pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSend {
    /// Which; seeds the gap after it.
    pub send: SendId,
    /// When its call ended; before its call, when its capacity was taken.
    pub at: Timestamp,
}

/// A daily and a weekly number of sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// In any 24 hours.
    pub day: u32,
    /// In any 7 × 24 hours.
    pub week: u32,
}

/// What is known of one action of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionFacts {
    /// Which.
    pub action: Action,
    /// Its caps in force: the tier's, or lower ones of its own, or higher ones that an operator lifted with a note.
    pub caps: Caps,
    /// The provider's refusal that holds it, if one does (R-CAP-7).
    pub cooldown: Option<Cooldown>,
    /// When capacity was taken that counts, oldest first, for at least 7 × 24 hours and the slack.
    pub counted: Vec<Timestamp>,
    /// Instants of what the account did by hand, oldest first, for as long (R-CAP-10).
    pub by_hand: Vec<Timestamp>,
}

/// An action of an account that the provider refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cooldown {
    /// When it may be tried again.
    pub until: Timestamp,
    /// The provider's code.
    pub code: String,
    /// Refusals in a row, from 1.
    pub streak: u16,
}
