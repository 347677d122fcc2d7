//! What an account's owner sees, and what they can do (R-PILL-1, R-ST-4, R-API-1).

mod action;
mod second_line;

pub use action::{OwnerAction, action};

use crate::account::Status;
use crate::session::Health;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The one kind of account that has an app to confirm in; all others are mailboxes.
const LINKEDIN: &str = "LINKEDIN";

/// How long a link may take before its pill says so, and before the orphan watcher looks at it (R-ORP-1).
pub const LINK_PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// Everything that a pill is computed from, beside the clock (R-PILL-1).
#[derive(Clone, Debug, PartialEq)]
pub struct PillFacts {
    /// The account's status.
    pub status: Status,
    /// When it got that status.
    pub since: Timestamp,
    /// The provider's type, `LINKEDIN`.
    pub kind: String,
    /// Newest of: connected, last send that the provider took, last verified (R-ST-4).
    pub last_activity: Option<Timestamp>,
    /// When its session was last looked at, there or not; none for an account without one.
    pub checked: Option<Timestamp>,
    /// The checkpoint's own words, when it has any.
    pub checkpoint: Option<String>,
    /// Its holds, also those that are over and wait to be released.
    pub holds: Vec<Hold>,
    /// Health of the sources that it sends without (a mailbox's calendar), as last seen.
    pub side: Option<Health>,
    /// End of the provider's page of its newest attempt, while that is not closed.
    pub link_ends: Option<Timestamp>,
    /// Restarts of its session while it is `recovering`.
    pub restarts: RestartsShown,
    /// The account's time zone, which clock times are shown in.
    pub zone: TimeZone,
}

/// Restarts of an account's session since it is `recovering` (R-LNK-8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestartsShown {
    /// Those that were called.
    pub made: u64,
    /// When the session is looked at for the next one; none while no job of it waits.
    pub next: Option<Timestamp>,
}

/// A reason for which an account does not send, beside its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The word in our tables (`protective`).
    pub reason: String,
    /// When it ends by itself; none when something else must end it.
    pub until: Option<Timestamp>,
}

impl Hold {
    fn is_in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
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
    /// Holds, and since when nobody looked, below the text.
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

/// The pill of an account, from one view of it and the clock and nothing else (R-PILL-1).
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
        Status::ActionRequired => (checkpoint_text(facts), Colour::Amber),
        Status::Recovering => ("Reconnecting automatically".to_owned(), Colour::Blue),
        Status::Missing => ("Session lost — reconnect".to_owned(), Colour::Amber),
        Status::Disconnected => ("Disconnected".to_owned(), Colour::Grey),
    };
    Pill {
        label,
        text,
        colour,
        spinner: label == LINKING,
        second_line: second_line::of(facts, now),
    }
}

fn connected_text(last_activity: Option<Timestamp>, now: Timestamp) -> String {
    match last_activity {
        Some(at) => format!("Connected · last activity {}", ago(at, now)),
        None => "Connected · no activity yet".to_owned(),
    }
}

fn checkpoint_text(facts: &PillFacts) -> String {
    match facts.checkpoint.as_deref().map(str::trim) {
        None | Some("") if facts.kind == LINKEDIN => "Confirm in the LinkedIn app".to_owned(),
        None | Some("") => "Confirm in your mail account".to_owned(),
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

#[cfg(test)]
mod tests;
