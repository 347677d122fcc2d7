//! From the provider's JSON to what was asked for. Errors name what is missing, never what was there.

use crate::{HostedLink, Owner, Product};
use policy::ids::Identity;
use serde_json::Value;

/// Longest id and identity that is believed, in bytes.
const ID_BYTES_MAX: usize = 255;

/// What an answer lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lacks(pub(crate) &'static str);

/// The items of a list that calls itself `name`, and where its next page begins.
pub(crate) fn list(mut value: Value, name: &str) -> Result<(Vec<Value>, Option<String>), Lacks> {
    object(&value, name)?;
    let cursor = cursor(&value)?;
    match value.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => Ok((items, cursor)),
        _ => Err(Lacks("items")),
    }
}

/// Where the next page begins. Without a clear "no more", a part of the list would pass for the whole.
pub(crate) fn cursor(value: &Value) -> Result<Option<String>, Lacks> {
    match value.get("cursor") {
        Some(Value::Null) => Ok(None),
        Some(Value::String(cursor)) if !cursor.is_empty() => Ok(Some(cursor.clone())),
        _ => Err(Lacks("cursor")),
    }
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
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(Lacks("url"));
    }
    Ok(HostedLink {
        url: url.to_owned(),
    })
}

pub(crate) fn owner(value: &Value) -> Result<Owner, Lacks> {
    object(value, "AccountOwnerProfile")?;
    Ok(Owner {
        identity: id(value, "provider_id").map(|text| identity(&text)),
        public_identifier: id(value, "public_identifier").map(|text| text.to_lowercase()),
        premium: value.get("premium").and_then(Value::as_bool),
        recruiter: product(value.get("recruiter")),
        sales_navigator: product(value.get("sales_navigator")),
    })
}

/// An address is compared without case; a member id is not.
pub(crate) fn identity(text: &str) -> Identity {
    Identity(if text.contains('@') {
        text.to_lowercase()
    } else {
        text.to_owned()
    })
}

/// A short text that names something.
pub(crate) fn id(value: &Value, key: &str) -> Option<String> {
    let text = value.get(key)?.as_str()?.trim();
    let fits = !text.is_empty() && text.len() <= ID_BYTES_MAX;
    fits.then(|| text.to_owned())
}

/// The provider's pages spell one object in two ways, so case does not count.
pub(crate) fn object(value: &Value, name: &str) -> Result<(), Lacks> {
    match value.get("object").and_then(Value::as_str) {
        Some(object) if object.eq_ignore_ascii_case(name) => Ok(()),
        _ => Err(Lacks("object")),
    }
}

fn product(value: Option<&Value>) -> Product {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => Product::Absent,
        Some(plan) => match id(plan, "error") {
            Some(word) => Product::Failed { word },
            None => Product::Active,
        },
    }
}
