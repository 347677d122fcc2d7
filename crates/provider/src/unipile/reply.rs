//! From an HTTP answer to its JSON, or to what went wrong. Pure: no socket in here.

use super::routes::{Effect, Route};
use crate::class::class_of;
use crate::outcome::code;
use crate::{Cause, Class, ProviderError};
use policy::ids::SessionId;
use serde_json::Value;
use std::time::Duration;

/// Last line of the provider's detail where a session is gone.
const NO_ACCOUNT: &str = "Account not found";
/// The same, of a person with whom an account has no chat.
pub(crate) const NO_ATTENDEE: &str = "Attendee not found";

/// A whole answer.
pub(crate) struct Reply<'a> {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: &'a [u8],
    /// Our key: a provider that repeats it shall not bring it into our logs.
    pub(crate) secret: &'a str,
}

impl Reply<'_> {
    /// The JSON of any good answer; its content type is not asked, for the provider does not always send one.
    pub(crate) fn json(&self, route: &Route) -> Result<Value, ProviderError> {
        if !(200..300).contains(&self.status) {
            return Err(self.refusal(route));
        }
        serde_json::from_slice(self.body).map_err(|_| shape(route, self.status, "JSON"))
    }

    fn refusal(&self, route: &Route) -> ProviderError {
        let value = serde_json::from_slice(self.body).unwrap_or(Value::Null);
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
