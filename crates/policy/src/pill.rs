//! What an account's owner sees (R-PILL-1).

use crate::account::Status;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How long a link may take before its pill says so, and before the orphan watcher looks at it (R-ORP-1).
pub const LINK_PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// Everything that a pill is computed from, beside the clock (R-PILL-1).
#[derive(Clone, Debug, PartialEq)]
pub struct PillFacts {
    /// The account's status.
    pub status: Status,
    /// When it got that status.
    pub since: Timestamp,
    /// When it last sent or received anything.
    pub last_activity: Option<Timestamp>,
    /// The checkpoint's own words, when it has any.
    pub checkpoint: Option<String>,
    /// The hold to show: of several, the one that ends last.
    pub hold: Option<Hold>,
    /// The account's time zone, which clock times are shown in.
    pub zone: TimeZone,
}

/// A reason for which an account does not send, beside its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The word in our tables (`protective`).
    pub reason: String,
    /// When it ends by itself; none when a person must end it.
    pub until: Option<Timestamp>,
}

/// Colour of a pill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colour {
    /// Working on it.
    Blue,
    /// Its owner is asked for something, or it takes long.
    Amber,
    /// All is well.
    Green,
    /// Off, as its owner wished.
    Grey,
}

/// What is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pill {
    /// One of [`LABELS`]: the text without what differs between accounts, to count accounts by.
    pub label: &'static str,
    /// The text.
    pub text: String,
    /// Its colour.
    pub colour: Colour,
    /// Whether it turns.
    pub spinner: bool,
    /// A hold, below the text.
    pub second_line: Option<String>,
}

/// `connecting`, within [`LINK_PATIENCE`].
pub const LINKING: &str = "Linking";
/// `connecting`, for longer.
pub const LINKING_LONG: &str = "Linking, taking long";
/// `connected`.
pub const CONNECTED: &str = "Connected";
/// `reconnect_needed`.
pub const RECONNECT_NEEDED: &str = "Reconnect needed";
/// `action_required`.
pub const CONFIRM: &str = "Confirm in the app";
/// `recovering`.
pub const RECONNECTING: &str = "Reconnecting automatically";
/// `missing`.
pub const SESSION_LOST: &str = "Session lost";
/// `disconnected`.
pub const DISCONNECTED: &str = "Disconnected";

/// Every label, in the order of a summary.
pub const LABELS: [&str; 8] = [
    CONNECTED,
    LINKING,
    LINKING_LONG,
    RECONNECTING,
    RECONNECT_NEEDED,
    CONFIRM,
    SESSION_LOST,
    DISCONNECTED,
];

/// The label of an account's pill ([`LABELS`]), for which its status and age are enough.
pub fn label(status: Status, since: Timestamp, now: Timestamp) -> &'static str {
    match status {
        Status::Connecting if now.duration_since(since) <= LINK_PATIENCE => LINKING,
        Status::Connecting => LINKING_LONG,
        Status::Connected => CONNECTED,
        Status::ReconnectNeeded => RECONNECT_NEEDED,
        Status::ActionRequired => CONFIRM,
        Status::Recovering => RECONNECTING,
        Status::Missing => SESSION_LOST,
        Status::Disconnected => DISCONNECTED,
    }
}

/// The pill of an account, from its row and the clock and nothing else (R-PILL-1).
pub fn pill(facts: &PillFacts, now: Timestamp) -> Pill {
    let label = label(facts.status, facts.since, now);
    let (text, colour) = match facts.status {
        Status::Connecting if label == LINKING => {
            ("Linking — finishing connection".to_owned(), Colour::Blue)
        }
        Status::Connecting => (
            "Linking — taking longer than expected".to_owned(),
            Colour::Amber,
        ),
        Status::Connected => (connected_text(facts.last_activity, now), Colour::Green),
        Status::ReconnectNeeded => ("Reconnect needed".to_owned(), Colour::Amber),
        Status::ActionRequired => (checkpoint_text(facts.checkpoint.as_deref()), Colour::Amber),
        Status::Recovering => ("Reconnecting automatically".to_owned(), Colour::Blue),
        Status::Missing => ("Session lost — reconnect".to_owned(), Colour::Amber),
        Status::Disconnected => ("Disconnected".to_owned(), Colour::Grey),
    };
    Pill {
        label,
        text,
        colour,
        spinner: label == LINKING,
        second_line: facts
            .hold
            .as_ref()
            .and_then(|hold| hold_text(hold, &facts.zone, now)),
    }
}

fn connected_text(last_activity: Option<Timestamp>, now: Timestamp) -> String {
    match last_activity {
        Some(at) => format!("Connected · last activity {}", ago(at, now)),
        None => "Connected · no activity yet".to_owned(),
    }
}

fn checkpoint_text(words: Option<&str>) -> String {
    match words.map(str::trim) {
        None | Some("") => "Confirm in the LinkedIn app".to_owned(),
        Some(words) => words.to_owned(),
    }
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(at).as_mins();
    match minutes {
        ..1 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..1440 => format!("{} h ago", minutes / 60),
        1440..2880 => "1 day ago".to_owned(),
        _ => format!("{} days ago", minutes / 1440),
    }
}

/// Nothing for a hold that has ended and waits to be released.
fn hold_text(hold: &Hold, zone: &TimeZone, now: Timestamp) -> Option<String> {
    if hold.until.is_some_and(|until| until <= now) {
        return None;
    }
    let what = match hold.reason.as_str() {
        "protective" => "Paused for safety".to_owned(),
        "restricted" => "Restricted by the network".to_owned(),
        "subscription" => "Paused, subscription ended".to_owned(),
        other => format!("Paused ({other})"),
    };
    Some(match hold.until {
        Some(until) => format!("{what} until {}", clock_time(until, zone, now)),
        None => what,
    })
}

fn clock_time(until: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
    let local = until.to_zoned(zone.clone());
    let today = local.date() == now.to_zoned(zone.clone()).date();
    let pattern = if today { "%H:%M" } else { "%-d %b %H:%M" };
    let shown = local.strftime(pattern).to_string();
    // R-CAP-3: where nobody knows the owner's zone, the hour is not read as theirs.
    match zone.iana_name() {
        Some("UTC") => shown + " UTC",
        _ => shown,
    }
}

#[cfg(test)]
mod tests;
