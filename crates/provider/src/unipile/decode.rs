//! From the provider's JSON to what was asked for. Errors name what is missing, never what was there.

mod owner;

use super::door::Listed;
use crate::HostedLink;
use policy::identity;
use serde_json::Value;

pub(crate) use owner::owner;

/// Longest cursor that is believed, in bytes: an index keeps it.
const CURSOR_BYTES_MAX: usize = 2000;
/// Longest URL of a hosted page, in bytes.
const URL_BYTES_MAX: usize = 4096;

/// What an answer lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lacks(pub(crate) &'static str);

/// The items of a list that calls itself `name`, and where its next page begins. An item that cannot be read is no object.
pub(crate) fn list(text: &str, name: &str) -> Result<(Vec<Value>, Option<String>), Lacks> {
    let (items, cursor) = Listed::read(text, name)?;
    Ok((items.into_iter().map(super::door::item).collect(), cursor))
}

/// Where the next page begins. Without a clear "no more", a part of the list would pass for the whole.
pub(crate) fn cursor(value: &Value) -> Result<Option<String>, Lacks> {
    match value.get("cursor") {
        Some(Value::Null) => Ok(None),
        Some(Value::String(cursor)) if is_cursor(cursor) => Ok(Some(cursor.clone())),
        _ => Err(Lacks("cursor")),
    }
}

fn is_cursor(text: &str) -> bool {
    let poison = |it: char| it.is_control() || it == char::REPLACEMENT_CHARACTER;
    !text.is_empty() && text.len() <= CURSOR_BYTES_MAX && !text.contains(poison)
}

/// Whether a restart was begun.
pub(crate) fn restarted(value: &Value) -> Result<bool, Lacks> {
    match value.get("object").and_then(Value::as_str) {
        Some("AccountRestarted") => Ok(true),
        Some("AccountFailedToRestart") => Ok(false),
        _ => Err(Lacks("object")),
    }
}

pub(crate) fn hosted_link(value: &Value) -> Result<HostedLink, Lacks> {
    object(value, "HostedAuthURL")?;
    let url = value
        .get("url")
        .and_then(Value::as_str)
        .ok_or(Lacks("url"))?;
    let parsed = reqwest::Url::parse(url).map_err(|_| Lacks("url"))?;
    let fits = url.len() <= URL_BYTES_MAX && !url.contains(char::is_control);
    if !fits || !matches!(parsed.scheme(), "http" | "https") {
        return Err(Lacks("url"));
    }
    Ok(HostedLink {
        url: url.to_owned(),
    })
}

/// A short text that names something.
pub(crate) fn id(value: &Value, key: &str) -> Option<String> {
    identity::name(value.get(key)?.as_str()?).map(str::to_owned)
}

/// The provider's pages spell one object in two ways, so case does not count.
pub(crate) fn object(value: &Value, name: &str) -> Result<(), Lacks> {
    match value.get("object").and_then(Value::as_str) {
        Some(object) if object.eq_ignore_ascii_case(name) => Ok(()),
        _ => Err(Lacks("object")),
    }
}
