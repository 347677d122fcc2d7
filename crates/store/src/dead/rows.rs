//! Dead letters as people and programs see them.

use crate::schemas::{JobKind, QueueName};
use jiff::Timestamp;
use policy::instant::optional as instant;
use policy::jobs::{KindName, Queue};
use policy::words::optional as word;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use utoipa::ToSchema;
use uuid::Uuid;

/// How many dead letters fit, of the newest that are looked at ([`crate::depths::COUNTED_MAX`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeadMatches {
    /// Those that fit.
    pub fit: i64,
    /// Older ones were not looked at: more may fit.
    pub is_more: bool,
}

impl fmt::Display for DeadMatches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.is_more { "+" } else { "" };
        write!(f, "{}{more}", self.fit)
    }
}

/// Which dead letters; all that is given must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeadFilter {
    /// Of this queue.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "word")]
    #[schema(value_type = Option<QueueName>)]
    pub queue: Option<Queue>,
    /// Of this kind.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "word")]
    #[schema(value_type = Option<JobKind>)]
    pub kind: Option<KindName>,
    /// Of this workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<Uuid>,
    /// Of this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Uuid>,
    /// Dead since then.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Whose last error holds this text, in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"\S")]
    pub error: Option<String>,
}

impl DeadFilter {
    /// Nothing is asked for: every dead letter fits.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A dead letter in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeadRow {
    /// The job.
    pub id: Uuid,
    /// Its queue.
    pub queue: String,
    /// Its kind.
    pub kind: String,
    /// What asked for it.
    pub cause: String,
    /// Its tenant; the nil id is the fleet itself.
    pub workspace: Uuid,
    /// Its account.
    pub account: Option<Uuid>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it died; of a job that was driven again since, when it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub died_at: Option<Timestamp>,
    /// Claims so far.
    pub attempt: i16,
    /// Attempts that ended badly, since it was last driven again.
    pub failures: i16,
    /// What kind of fault the last was.
    pub fault: Option<String>,
    /// The last error chain.
    pub error: Option<String>,
}

/// One attempt that ended badly.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FailureRow {
    /// Which attempt.
    pub attempt: i16,
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What kind of fault.
    pub fault: String,
    /// The error chain.
    pub error: String,
    /// When it was to be tried again; none: it was the last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retry_at: Option<Timestamp>,
    /// Which worker said so.
    pub worker: String,
}

/// What an operator did about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeadAct {
    /// The audit row.
    pub id: Uuid,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// `dead.redrive` or `dead.discard`.
    pub action: String,
    /// Why.
    pub reason: String,
}

/// A job with the whole history of its failures.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeadLetter {
    /// As in the list.
    #[serde(flatten)]
    pub row: DeadRow,
    /// `dead`, or what became of it since.
    pub state: String,
    /// When it was due last.
    #[schema(value_type = String, format = DateTime)]
    pub run_at: Timestamp,
    /// Version of its payload.
    pub version: i16,
    /// The schedule whose run it belongs to.
    pub schedule: Option<String>,
    /// Its payload: it names rows, nothing more.
    #[schema(value_type = Object)]
    pub payload: Value,
    /// W3C trace context of whoever asked for it.
    pub traceparent: Option<String>,
    /// Every attempt that ended badly, the first first.
    pub attempts: Vec<FailureRow>,
    /// What operators did about it, the first first.
    pub acts: Vec<DeadAct>,
}
