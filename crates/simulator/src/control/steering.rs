//! What can be set about outward actions, and the clock.

use super::{Action, Rate};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The provider's own limit on one action, for every session alike. What is left out is unlimited.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Of what.
    pub action: Action,
    /// In any 24 hours.
    #[serde(default)]
    pub day: Option<u64>,
    /// In any 7 × 24 hours.
    #[serde(default)]
    pub week: Option<u64>,
}

/// What the referee is told to allow, from now on; the first one said also judges what happened before.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// Whom; when left out, everybody who has none of their own.
    #[serde(default)]
    pub session: Option<String>,
    /// Of what.
    pub action: Action,
    /// In any 24 hours; when left out, any number.
    #[serde(default)]
    pub day: Option<u64>,
    /// In any 7 × 24 hours; when left out, any number.
    #[serde(default)]
    pub week: Option<u64>,
}

/// One or several at once.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// Several.
    Many(Vec<T>),
    /// One.
    One(T),
}

impl<T> From<OneOrMany<T>> for Vec<T> {
    fn from(given: OneOrMany<T>) -> Self {
        match given {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

/// A refusal that the next matching outward requests meet instead of being executed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedRefusal {
    /// Only this session's.
    #[serde(default)]
    pub session: Option<String>,
    /// Only to this target.
    #[serde(default)]
    pub target: Option<String>,
    /// Only this action.
    #[serde(default)]
    pub action: Option<Action>,
    /// 400 to 599.
    pub status: u16,
    /// The problem's type, with or without `errors/`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The problem's detail, when it is to have one.
    #[serde(default)]
    pub detail: Option<String>,
    /// A `Retry-After` header.
    #[serde(default)]
    pub retry_after_seconds: Option<u64>,
    /// How many requests it meets; 1 when left out.
    #[serde(default = "once")]
    pub times: u64,
}

fn once() -> u64 {
    1
}

/// What goes wrong with a request that may have an outward effect.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionFaultKind {
    /// Not executed; 500.
    ErrorBefore,
    /// Not executed; the connection is reset when no more than the request's head and body have come.
    ResetBefore,
    /// Executed after `ms`; not executed when the client has left by then. 1,000 when left out.
    Latency,
    /// Executed; 500.
    ErrorAfter,
    /// Executed; the connection is reset before a byte of the answer.
    ResetAfter,
    /// Executed; no answer, and after `ms` a reset. 600,000 when left out.
    SilenceAfter,
    /// Executed; the answer comes after `ms`: set it to twice what the client waits. 20,000 when left out.
    SlowAfter,
    /// Executed; the answer's status is right, and its body is cut in the middle.
    UndecodableAfter,
}

/// A fault that befalls some routes only. At most one befalls a request, and none of the others then does.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ActionFault {
    /// What goes wrong.
    pub kind: ActionFaultKind,
    /// Only this route, as [`super::Counts::by_route`] names it; it may be one that only looks.
    #[serde(default)]
    pub route: Option<String>,
    /// Only this action. When route and action are left out: every request that may have an outward effect.
    #[serde(default)]
    pub action: Option<Action>,
    /// How many of them; all when left out.
    #[serde(default = "all")]
    pub rate: Rate,
    /// How many more it befalls at most; counted down.
    #[serde(default)]
    pub times: Option<u64>,
    /// The kind's time, in the machine's milliseconds.
    #[serde(default)]
    pub ms: Option<u64>,
}

fn all() -> Rate {
    Rate(1.0)
}

/// People whom a session is connected to from now on; a pending invitation to one of them is thereby accepted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewRelations {
    /// Whose.
    pub session: String,
    /// Their member ids, oldest first.
    pub members: Vec<String>,
}

/// A step of the simulator's clock; exactly one of the two.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClockStep {
    /// To this instant.
    pub to: Option<Timestamp>,
    /// So far ahead.
    pub ahead_seconds: Option<i64>,
}

/// What the simulator's clock shows.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ClockView {
    /// Now.
    pub now: Timestamp,
}

/// What one session has done and is connected to.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct DeskView {
    /// The people whose answer is awaited, in the order of asking.
    pub invited: Vec<String>,
    /// How many relations it has.
    pub relations: u64,
    /// How many chats it has.
    pub chats: u64,
    /// How many messages it wrote in them.
    pub messages: u64,
    /// How many e-mails it sent.
    pub emails: u64,
    /// How often each person saw it look at their profile.
    pub profile_views: BTreeMap<String, u64>,
    /// Pending invitations that its owner sent by hand.
    #[serde(default)]
    pub by_hand: u64,
    /// LinkedIn has restricted it.
    #[serde(default)]
    pub restricted: bool,
}
