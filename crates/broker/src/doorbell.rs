//! What a message says, and how it is written on the wire.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use uuid::Uuid;

/// More ids than this are two messages.
pub const IDS_MAX: usize = 10_000;
/// A kind is an AMQP short string.
const KIND_BYTES_MAX: usize = 255;
/// Ids in the longest spelling that JSON allows for one, with room for the rest of the envelope.
const BODY_BYTES_MAX: usize = IDS_MAX * 48 + 4096;
const TRACEPARENT_BYTES_MAX: usize = 128;
const VERSION: u64 = 1;
const TRACEPARENT: &str = "traceparent";
const PERSISTENT: u8 = 2;

/// "Look at these rows." Names jobs of one kind; holds nothing that a row does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doorbell {
    /// The jobs' kind, 1 to 255 bytes.
    pub kind: String,
    /// 1 to [`IDS_MAX`] jobs.
    pub jobs: Vec<Uuid>,
    /// W3C trace context of whoever rang, if any.
    pub traceparent: Option<String>,
}

/// Why a message is no doorbell. A value, so that one bad message cannot end a consumer (R-JOB-3, R-JOB-5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undecodable {
    /// Not JSON, or not the envelope; the text is the parser's and quotes none of the body.
    #[error("the message is no doorbell: {0}")]
    Malformed(String),
    /// A newer sender's envelope.
    #[error("the message's envelope has version {0}, and this program knows version 1")]
    UnknownVersion(u64),
    /// More than [`IDS_MAX`] ids, or a body longer than those can be.
    #[error("the message names more than 10,000 jobs, or is longer than that many could make it")]
    TooLong,
    /// Names no job.
    #[error("the message names no job")]
    Empty,
    /// No kind, or one longer than 255 bytes.
    #[error("the message's kind is not 1 to 255 bytes long")]
    Kind,
}

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    v: u64,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    jobs: Cow<'a, [Uuid]>,
}

#[derive(Deserialize)]
struct Version {
    v: u64,
}

impl Doorbell {
    /// Refuses what [`Doorbell::decode`] would refuse, so that nothing undecodable is ever sent.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, Undecodable> {
        check(&self.kind, &self.jobs)?;
        let envelope = Envelope {
            v: VERSION,
            kind: Cow::Borrowed(&self.kind),
            jobs: Cow::Borrowed(&self.jobs),
        };
        serde_json::to_vec(&envelope).map_err(|error| Undecodable::Malformed(place(&error)))
    }

    /// The AMQP properties beside the body. Call after [`Doorbell::encode`], which has measured the kind.
    pub(crate) fn properties(&self, message_id: Uuid) -> BasicProperties {
        let properties = BasicProperties::default()
            .with_content_type("application/json".into())
            .with_delivery_mode(PERSISTENT)
            .with_message_id(message_id.to_string().into());
        let properties = match ShortString::try_new(self.kind.as_str()) {
            Ok(kind) => properties.with_type(kind),
            Err(_) => properties,
        };
        let Some(traceparent) = &self.traceparent else {
            return properties;
        };
        let mut headers = FieldTable::default();
        headers.insert(
            TRACEPARENT.into(),
            AMQPValue::LongString(traceparent.as_str().into()),
        );
        properties.with_headers(headers)
    }

    pub(crate) fn decode(body: &[u8], properties: &BasicProperties) -> Result<Self, Undecodable> {
        if body.len() > BODY_BYTES_MAX {
            return Err(Undecodable::TooLong);
        }
        let envelope: Envelope<'_> =
            serde_json::from_slice(body).map_err(|error| newer_or_malformed(body, &error))?;
        if envelope.v != VERSION {
            return Err(Undecodable::UnknownVersion(envelope.v));
        }
        check(&envelope.kind, &envelope.jobs)?;
        Ok(Self {
            kind: envelope.kind.into_owned(),
            jobs: envelope.jobs.into_owned(),
            traceparent: traceparent(properties),
        })
    }
}

fn check(kind: &str, jobs: &[Uuid]) -> Result<(), Undecodable> {
    if kind.is_empty() || kind.len() > KIND_BYTES_MAX {
        return Err(Undecodable::Kind);
    }
    if jobs.is_empty() {
        return Err(Undecodable::Empty);
    }
    if jobs.len() > IDS_MAX {
        return Err(Undecodable::TooLong);
    }
    Ok(())
}

/// A newer envelope need not have this one's fields, only its `v`.
fn newer_or_malformed(body: &[u8], error: &serde_json::Error) -> Undecodable {
    match serde_json::from_slice::<Version>(body) {
        Ok(Version { v }) if v != VERSION => Undecodable::UnknownVersion(v),
        _ => Undecodable::Malformed(place(error)),
    }
}

/// Where the parser stopped, without what it read there.
fn place(error: &serde_json::Error) -> String {
    format!(
        "{:?} error at line {} column {}",
        error.classify(),
        error.line(),
        error.column()
    )
}

/// A hint for tracing: anything odd is left out, and the message is as good without.
fn traceparent(properties: &BasicProperties) -> Option<String> {
    let value = properties.headers().as_ref()?.inner().get(TRACEPARENT)?;
    let AMQPValue::LongString(text) = value else {
        return None;
    };
    let text = std::str::from_utf8(text.as_bytes()).ok()?;
    (text.len() <= TRACEPARENT_BYTES_MAX && text.is_ascii()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
