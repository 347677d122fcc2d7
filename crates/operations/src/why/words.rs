//! What both answers say alike.

use jiff::{SignedDuration, Timestamp};
use policy::sends::explain::local;
use policy::sends::sender::Sender;
use policy::sends::slot::{Rule, Slot};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether something may be done, as a program asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Eligibility {
    /// Now.
    Yes,
    /// Not before an instant that is known.
    Later,
    /// Not before something else happens.
    Never,
}

impl Eligibility {
    pub(super) fn of(slot: &Slot, now: Timestamp) -> Self {
        match slot {
            Slot::At { at, .. } if *at <= now => Self::Yes,
            Slot::At { .. } => Self::Later,
            Slot::Never(_) => Self::Never,
        }
    }
}

/// When it may be done, if that can be told.
pub(super) fn when(slot: &Slot) -> Option<Timestamp> {
    match slot {
        Slot::At { at, .. } => Some(*at),
        Slot::Never(_) => None,
    }
}

/// The word of the rule that says no, as metrics have it.
pub(super) fn rule(slot: &Slot) -> Option<&'static str> {
    match slot {
        Slot::At { rule, .. } => rule.as_ref().map(Rule::as_str),
        Slot::Never(reason) => Some(reason.as_str()),
    }
}

/// An instant in the zone of the account's owner.
pub(super) fn at(sender: &Sender, at: Timestamp) -> String {
    local(sender, at)
}

/// An instant where no single account's zone is meant.
pub(super) fn utc(at: Timestamp) -> String {
    at.strftime("%a %-d %b %H:%M UTC").to_string()
}

/// `2 days`, `90 min`, `at once`.
pub(super) fn after(wait_s: f64) -> String {
    let minutes = SignedDuration::try_from_secs_f64(wait_s).map_or(0, |it| it.as_mins());
    match minutes {
        ..1 => "at once".to_owned(),
        minutes if minutes % 1440 == 0 => format!("after {} d", minutes / 1440),
        minutes if minutes % 60 == 0 => format!("after {} h", minutes / 60),
        minutes => format!("after {minutes} min"),
    }
}

/// `, because …`, unless there is nothing to say.
pub(super) fn noted(note: &str) -> String {
    if note.is_empty() {
        String::new()
    } else {
        format!(": {note}")
    }
}
