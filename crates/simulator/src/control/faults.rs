//! What can be made to go wrong.

use super::{ActionFault, RestartMode, SessionFault};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// A probability from 0 to 1. In JSON a number, or `"all"`, `"none"`, `true`, `false`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Rate(pub f64);

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Switch(bool),
            Number(f64),
            Word(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Switch(on) => Ok(Self(if on { 1.0 } else { 0.0 })),
            Form::Number(rate) if (0.0..=1.0).contains(&rate) => Ok(Self(rate)),
            Form::Word(word) if word == "all" => Ok(Self(1.0)),
            Form::Word(word) if word == "none" => Ok(Self(0.0)),
            Form::Number(_) | Form::Word(_) => Err(D::Error::custom(
                "a rate is a number from 0 to 1, \"all\" or \"none\"",
            )),
        }
    }
}

/// From `min` to `max`, both included.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "they say what they are")]
pub struct Span {
    pub min: u64,
    pub max: u64,
}

/// What `GET /accounts` answers with.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListMode {
    /// Everything, page by page.
    #[default]
    Complete,
    /// Nothing, and no cursor.
    Empty,
    /// The older half, and then no cursor: it looks complete.
    Half,
    /// Every page's cursor leads to the second page again.
    CursorLoop,
    /// Each page begins with the last session of the one before.
    Shifting,
    /// Each page leaves out the session behind the one before it.
    Skipping,
    /// Behind the last page come empty ones, each with a cursor of its own.
    Endless,
    /// Behind the last page comes the first one again, with cursors that were never seen.
    Circling,
}

/// Everything that goes wrong, as one setting. The default is a provider without faults.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// What single sessions are answered for with; looked at in this order, and before everything below.
    pub sessions: Vec<SessionFault>,
    /// What befalls single routes and actions; looked at in this order, and before everything below.
    pub actions: Vec<ActionFault>,
    /// How long each request waits before it is looked at, in the machine's milliseconds.
    pub latency_ms: Option<Span>,
    /// Requests answered with 500, 502 (HTML), 503 or 504 instead of being executed.
    pub rate_5xx: Rate,
    /// Requests answered with 429 instead of being executed.
    pub rate_429: Rate,
    /// The `Retry-After` of a 429, in seconds; none when left out.
    pub retry_after_seconds: Option<u64>,
    /// Requests executed, but whose connection is reset before a byte of the answer.
    pub rate_reset: Rate,
    /// Requests answered with an HTML 404, as an edge server in front of the provider would.
    pub html_404: Rate,
    /// The right key is refused as if it were wrong.
    pub unauthorized_all: bool,
    /// Requests answered with a 302 to another path of this server.
    pub redirect: Rate,
    /// Requests executed, whose answer comes byte by byte.
    pub slow_body: Rate,
    /// Between two bytes of a slow body, in the machine's milliseconds; 100 when left out.
    pub slow_body_ms: Option<u64>,
    /// Requests executed, whose answer is followed by a flood of white space.
    pub huge_body: Rate,
    /// How large the flood is; 256 MiB when left out.
    pub huge_body_bytes: Option<u64>,
    /// How far every instant that it shows runs ahead of its true time, in simulator seconds; behind, when negative.
    pub skew_seconds: i64,
    /// What the list of accounts leaves out.
    pub list: ListMode,
    /// Outcome of restarts that nothing else decides.
    pub restart: RestartMode,
    /// Outcomes of that part of the restarts, drawn for each by the session and the number of its restart.
    pub restart_mix: BTreeMap<RestartMode, Rate>,
    /// How long a late restart takes, in simulator seconds; 60 to 600 when left out.
    pub restart_late_seconds: Option<Span>,
    /// Connects, by credentials or by a link, that leave a second session of the same person behind. Nobody is told of it.
    pub second_session: Rate,
    /// Connecting and reconnecting answer 202 with a checkpoint of this type (`2FA`, `IN_APP_VALIDATION`, …).
    pub checkpoint: Option<String>,
    /// Webhooks and callbacks that are never sent.
    pub webhook_drop: Rate,
    /// Webhooks and callbacks that are sent twice.
    pub webhook_duplicate: Rate,
    /// Webhooks and callbacks that are sent late.
    pub webhook_delay: Rate,
    /// How late, in simulator seconds; 10 to 60 when left out.
    pub webhook_delay_seconds: Option<Span>,
    /// Webhooks and callbacks that the same session's next one overtakes (or that come 60 simulator seconds late).
    pub webhook_reorder: Rate,
}
