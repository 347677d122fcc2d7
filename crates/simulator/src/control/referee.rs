//! What the referee saw.

use super::{Action, RestartMode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One request of the provider's side; control calls are not logged.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct LogLine {
    /// From 1, without holes, in the order of arrival.
    pub seq: u64,
    /// When it arrived, by the simulator's clock.
    pub at: Timestamp,
    /// The HTTP method.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// After the question mark.
    pub query: Option<String>,
    /// The route as [`Counts::by_route`] names it.
    pub route: String,
    /// The account that the path or the query names.
    pub account: Option<String>,
    /// Whether it carried the right API key.
    pub key_ok: bool,
    /// How long the request's body was.
    pub body_bytes: u64,
    /// SHA-256 of a body that was not empty, in hex.
    pub body_digest: Option<String>,
    /// Whether its route was run: not when a fault or a wrong key kept it from that. It may still have been refused.
    #[serde(default)]
    pub executed: bool,
    /// What it did outward; see the effects log. Stands here at once, whatever is answered.
    #[serde(default)]
    pub effect: Option<Action>,
    /// The fault that befell it.
    pub fault: Option<String>,
    /// The answer's status; none as long as it is unanswered, and for ever when the connection was reset
    /// or nothing was to be answered.
    pub status: Option<u16>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

/// Counters since the start. They never forget, whatever fell out of the log.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Counts {
    /// Requests that arrived, answered or not.
    pub requests: u64,
    /// Requests with a missing or wrong key.
    pub wrong_keys: u64,
    /// Answers by route and by status (`"reset"` for a connection that was reset, `"silence"` for no answer).
    pub by_route: BTreeMap<String, BTreeMap<String, u64>>,
    /// Requests that a fault befell, by its name.
    pub faults: BTreeMap<String, u64>,
    /// `DELETE /accounts/{id}` that arrived, counted before they were answered.
    pub delete_requests: u64,
    /// Sessions that a `DELETE` removed.
    pub deletes: u64,
    /// Hosted links minted.
    pub links_minted: u64,
    /// Hosted links that their owners completed.
    pub links_completed: u64,
    /// Outward effects by action; those that nobody did are left out.
    #[serde(default)]
    pub effects: BTreeMap<Action, u64>,
    /// Restarts of sessions that were answered for, by outcome.
    #[serde(default)]
    pub restarts: BTreeMap<RestartMode, u64>,
    /// Restarts of the provider itself.
    #[serde(default)]
    pub daily_restarts: u64,
    /// Sessions listed and answered for, now.
    pub sessions_live: u64,
    /// What the life script did, with rotation, curves, bursts and the provider's own restart.
    pub script: Tally,
    /// What `/control` did.
    pub control: Tally,
    /// What owners did through hosted links and connect calls, and what restarts did.
    pub owners: Tally,
    /// `account_status` webhooks.
    pub webhooks: Deliveries,
    /// `notify_url` callbacks.
    pub callbacks: Deliveries,
}

/// What became of sessions through one cause.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Well before, and not well (or gone) after.
    pub losses: u64,
    /// Not well (or gone) before, and well after.
    pub reconnects: u64,
    /// Created.
    pub appeared: u64,
    /// Gone from the provider's side.
    pub gone: u64,
}

/// What became of messages to our side.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Deliveries {
    /// Due to be told, one for each receiver.
    pub raised: u64,
    /// Requests made, retries included.
    pub attempts: u64,
    /// Answered with 200.
    pub delivered: u64,
    /// Never sent, by fault.
    pub dropped: u64,
    /// Sent once more, by fault.
    pub duplicated: u64,
    /// Sent late, by fault.
    pub delayed: u64,
    /// Overtaken, by fault.
    pub reordered: u64,
    /// Never sent, because too many were waiting.
    pub overflowed: u64,
    /// Not answered with 200 by the last retry either.
    pub given_up: u64,
}
