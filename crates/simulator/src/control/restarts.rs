//! What becomes of restarts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Outcome of `POST /accounts/{id}/restart`. A session that does not stand still stays as it is, whatever is answered.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RestartMode {
    /// A stopped or failed session runs again; one without credentials stays as it is.
    #[default]
    Fixes,
    /// Answers well, changes nothing.
    Ignored,
    /// Answers 500 `AccountFailedToRestart`, changes nothing.
    Fails,
    /// Answers well; the session is `CONNECTING` for a while, and then runs.
    Late,
    /// Answers well; the session is `CONNECTING` for a while, and then `ERROR` again.
    Relapses,
    /// Answers 401 `disconnected_account`; the session has lost its credentials.
    Disconnected,
    /// Answers 404 `Account not found`; the session is gone from then on.
    Gone,
    /// Answers 429, changes nothing.
    TooManyRequests,
    /// Answers 503, changes nothing.
    ServerError,
}

/// Restarts of one session, until the next call that names it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRestart {
    /// Provider's id of the session.
    pub session: String,
    /// Outcome of its restarts.
    pub mode: RestartMode,
    /// How many restarts end so; all when left out. Counted down; afterwards the faults decide again.
    #[serde(default)]
    pub times: Option<u64>,
    /// How long it is `CONNECTING`, in simulator seconds; as the faults say when left out.
    #[serde(default)]
    pub late_seconds: Option<u64>,
}

/// One restart of a session that was answered for, in the order of arrival.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RestartLine {
    /// Number of the request in the log.
    pub seq: u64,
    /// Instant by the simulator's clock.
    pub at: Timestamp,
    /// Provider's id of the session.
    pub session: String,
    /// Restarts of this session so far, from 1.
    pub attempt: u64,
    /// Word of its worst source before.
    pub before: String,
    /// Outcome that was chosen.
    pub mode: RestartMode,
}
