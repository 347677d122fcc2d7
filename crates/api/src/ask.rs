//! Reading what is asked: the path, the query, the body. What is wrong is named by its field.

mod body;
mod strict;

pub(crate) use body::drain;

use crate::problem::Problem;
use axum::body::Body;
use axum::http::HeaderMap;
use operations::Code;
use operations::text::{REASON_MAX, is_blank};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::time::Duration;

/// Fields that hold a place in a list.
const CURSORS: [&str; 2] = ["after", "cursor"];

/// Beside what is to be done, every write is asked for with these.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WriteTerms {
    /// Why.
    pub(crate) reason: String,
    /// Nothing is to be written.
    pub(crate) dry_run: bool,
}

/// Names and values in the path.
pub(crate) type Path = Vec<(String, String)>;

/// Where an act's request says what is to be done, and where it must not.
pub(crate) struct ActRequest<'a> {
    /// Names and values in the path.
    pub(crate) path: &'a Path,
    /// Query, in which an act says nothing.
    pub(crate) query: Option<&'a str>,
    /// Headers, which say of which kind the body is.
    pub(crate) headers: &'a HeaderMap,
}

/// A view's question: the path's names and the query's together.
pub(crate) fn question<Q: DeserializeOwned>(
    path: &Path,
    query: Option<&str>,
) -> Result<Q, Problem> {
    let query = query.unwrap_or_default();
    let mut whole = form_urlencoded::Serializer::new(String::new());
    for (name, value) in path {
        whole.append_pair(name, value);
    }
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        whole.append_pair(&name, &value);
    }
    let whole = whole.finish();
    if whole.contains("%00") {
        return Err(nul());
    }
    let pairs = form_urlencoded::parse(whole.as_bytes());
    let read = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
    read.map_err(|error| wrong(&error))
}

/// An act's body: what is to be done, with the path's names in it, and how. A query is refused: who writes `?dry_run=true` means
/// it.
pub(crate) async fn act<O: DeserializeOwned>(
    asked: ActRequest<'_>,
    body: Body,
    within: Duration,
) -> Result<(WriteTerms, O), Problem> {
    let ActRequest {
        path,
        query,
        headers,
    } = asked;
    refuse_query(query.unwrap_or_default())?;
    let mut body = body::object(headers, body, within).await?;
    let how = how(&mut body)?;
    for (name, value) in path {
        if value.contains('\0') {
            return Err(nul());
        }
        if body
            .insert(name.clone(), Value::from(value.as_str()))
            .is_some()
        {
            let detail = format!("{name}: it stands in the path, not in the body");
            return Err(Problem::field(Some(name.clone()), detail));
        }
    }
    let read = serde_path_to_error::deserialize(Value::Object(body));
    Ok((how, read.map_err(|error| wrong(&error))?))
}

fn refuse_query(query: &str) -> Result<(), Problem> {
    if query.is_empty() {
        return Ok(());
    }
    let first = form_urlencoded::parse(query.as_bytes()).next();
    let name = first.map(|(name, _)| name.into_owned()).unwrap_or_default();
    let detail = format!("{name}: an act is asked for in its body; its query is not read");
    Err(Problem::of_field(Code::UnknownField, Some(name), detail))
}

fn how(body: &mut Map<String, Value>) -> Result<WriteTerms, Problem> {
    let wrong = |field: &str, detail: &str| Err(Problem::field(Some(field.to_owned()), detail));
    let reason = match body.remove("reason") {
        Some(Value::String(reason)) if is_blank(&reason) => {
            return wrong("reason", "reason: say why; it is blank");
        }
        Some(Value::String(reason)) if REASON_MAX < reason.chars().count() => {
            let detail = format!("reason: at most {REASON_MAX} letters");
            return wrong("reason", &detail);
        }
        Some(Value::String(reason)) => reason,
        Some(_) => return wrong("reason", "reason: say why, as a text"),
        None => return wrong("reason", "reason: say why; it is missing"),
    };
    let dry_run = match body.remove("dry_run") {
        None => false,
        Some(Value::Bool(dry_run)) => dry_run,
        Some(_) => return wrong("dry_run", "dry_run: true or false"),
    };
    Ok(WriteTerms { reason, dry_run })
}

fn nul() -> Problem {
    Problem::field(None, "a text must not hold the character U+0000")
}

/// Names the field: by the way to it, or by the name that the message holds.
fn wrong<E: std::fmt::Display>(error: &serde_path_to_error::Error<E>) -> Problem {
    let (way, what) = (error.path().to_string(), error.inner().to_string());
    let is_unknown = what.starts_with("unknown field");
    let field = match way.as_str() {
        "." | "?" => what.split('`').nth(1).map(ToOwned::to_owned),
        way => Some(way.to_owned()),
    };
    let is_cursor = field.as_deref().is_some_and(|it| CURSORS.contains(&it));
    let code = match (is_unknown, is_cursor) {
        (true, _) => Code::UnknownField,
        (false, true) => Code::BadCursor,
        (false, false) => Code::Invalid,
    };
    let detail = match &field {
        Some(field) => format!("{field}: {what}"),
        None => what,
    };
    Problem::of_field(code, field, detail)
}
