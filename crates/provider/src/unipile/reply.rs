//! From an HTTP answer to its JSON, or to what went wrong. Pure: no socket in here.

use super::decode::object;
use super::door::{Cut, mended};
use super::routes::{Effect, Route};
use crate::class::class_of;
use crate::outcome::code;
use crate::{Cause, Class, ProviderError};
use jiff::Timestamp;
use policy::ids::SessionId;
use serde_json::Value;
use std::time::Duration;

/// Last line of the provider's detail where a session is gone.
const NO_ACCOUNT: &str = "Account not found";
/// The same, of a person with whom an account has no chat.
pub(crate) const NO_ATTENDEE: &str = "Attendee not found";

/// Longest type of a checkpoint that is believed, in bytes.
const CHECKPOINT_BYTES_MAX: usize = 32;

/// A whole answer.
pub(crate) struct Reply<'a> {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    /// Instant of the answer by the provider's clock.
    pub(crate) date: Option<Timestamp>,
    /// The body, thinned; where it was too long for that, what was noted of it.
    pub(crate) body: Result<&'a [u8], &'a Cut>,
    /// Most bytes of a body that are kept.
    pub(crate) body_bytes_max: usize,
    /// Our key: a provider that repeats it shall not bring it into our logs.
    pub(crate) secret: &'a str,
}

impl Reply<'_> {
    /// The JSON of any good answer; its content type is not asked, for the provider does not always send one.
    pub(crate) fn json(&self, route: &Route) -> Result<Value, ProviderError> {
        let text = self.text(route)?;
        let value = serde_json::from_str(&text).map_err(|_| shape(route, self.status, "JSON"))?;
        if object(&value, "Checkpoint").is_ok() {
            return Err(self.checkpoint(route, &value));
        }
        Ok(value)
    }

    /// The text of any good answer, fit to be read as JSON.
    pub(crate) fn text(&self, route: &Route) -> Result<String, ProviderError> {
        let body = self.body.map_err(|_| self.too_long(route))?;
        if self.is_good() {
            return Ok(mended(body));
        }
        Err(self.refusal(route, &mended(body)))
    }

    /// What was noted of a good answer that is too long.
    pub(crate) fn cut(&self) -> Option<&Cut> {
        self.body.err().filter(|_| self.is_good())
    }

    fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn too_long(&self, route: &Route) -> ProviderError {
        let class = weigh(route, Some(self.status), Class::Unreadable);
        let cause = Cause::TooLong(self.body_bytes_max);
        ProviderError {
            status: Some(self.status),
            ..ProviderError::new(route.name, class, cause)
        }
    }

    /// The owner is waited for, and what was asked is not there.
    fn checkpoint(&self, route: &Route, value: &Value) -> ProviderError {
        let class = weigh(route, Some(self.status), Class::Checkpoint);
        let words = format!("{} and a checkpoint", self.status);
        ProviderError {
            status: Some(self.status),
            checkpoint: checkpoint_word(value),
            ..ProviderError::new(route.name, class, Cause::Refused(words.into()))
        }
    }

    fn refusal(&self, route: &Route, body: &str) -> ProviderError {
        let value = serde_json::from_str(body).unwrap_or(Value::Null);
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let kind = text("type");
        let last_line = text("detail").and_then(|detail| detail.rsplit('\n').next());
        let class = if self.says_gone(&value, last_line) {
            Class::Gone
        } else {
            weigh(route, Some(self.status), class_of(self.status, kind))
        };
        let kind = kind
            .filter(|kind| code(kind).is_some() && !kind.contains(self.secret))
            .map(Box::from);
        ProviderError {
            status: Some(self.status),
            retry_after: self.retry_after,
            not_found: [NO_ACCOUNT, NO_ATTENDEE]
                .into_iter()
                .find(|known| last_line == Some(known)),
            checkpoint: checkpoint_word(&value).filter(|_| class == Class::Checkpoint),
            cause: Cause::Refused(words(self.status, kind.as_deref())),
            kind,
            ..ProviderError::new(route.name, class, Cause::Shape("type"))
        }
    }

    /// The provider's exact words for a session that is gone (R-DEL gate 3), nothing less and nothing near.
    fn says_gone(&self, value: &Value, last_line: Option<&str>) -> bool {
        self.status == 404
            && value.get("status").and_then(Value::as_u64) == Some(404)
            && value.get("type").and_then(Value::as_str) == Some("errors/resource_not_found")
            && last_line == Some(NO_ACCOUNT)
    }
}

/// The checkpoint's type (`IN_APP_VALIDATION`), where it is one: a word.
fn checkpoint_word(value: &Value) -> Option<Box<str>> {
    let word = value.get("checkpoint")?.get("type")?.as_str()?;
    let fits = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_';
    let is_word = (1..=CHECKPOINT_BYTES_MAX).contains(&word.len()) && word.bytes().all(fits);
    is_word.then(|| word.into())
}

/// A good status with a body that lacks what such a call must say.
pub(crate) fn shape(route: &Route, status: u16, lacks: &'static str) -> ProviderError {
    let class = weigh(route, Some(status), Class::Unreadable);
    ProviderError {
        status: Some(status),
        ..ProviderError::new(route.name, class, Cause::Shape(lacks))
    }
}

/// Refuses an answer that names another session than the one asked for; `named` is `None` where it names none.
pub(crate) fn same(
    route: &Route,
    status: u16,
    asked: &SessionId,
    named: Option<&str>,
) -> Result<(), ProviderError> {
    if named.is_none_or(|named| named == asked.0) {
        return Ok(());
    }
    let error = ProviderError::new(route.name, Class::Mismatch, Cause::OtherSession);
    Err(ProviderError {
        status: Some(status),
        ..error
    })
}

/// The session that an answer names, where it names one.
pub(crate) fn named(value: &Value) -> Option<&str> {
    value.get("account_id").and_then(Value::as_str)
}

/// What a class becomes on this route: where a call that acts was sent and its outcome not told, nobody knows whether
/// it happened. `status` is `None` where no answer came.
pub(crate) fn weigh(route: &Route, status: Option<u16>, class: Class) -> Class {
    let untold = match status {
        // Said before anything was tried.
        Some(501) => false,
        None | Some(200..300 | 408 | 500..) => true,
        Some(_) => false,
    };
    if route.effect == Effect::Acts && untold {
        Class::Indeterminate
    } else {
        class
    }
}

fn words(status: u16, kind: Option<&str>) -> Box<str> {
    let words = match kind {
        Some(kind) => format!("{status} {kind}"),
        None if (300..400).contains(&status) => format!("{status}, a redirect, not followed"),
        None => format!("{status} in no words of the provider's"),
    };
    words.into()
}
