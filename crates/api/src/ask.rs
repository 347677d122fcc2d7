//! Reading what is asked: the path, the query, the body. What is wrong is named by its field.

use crate::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::time::Duration;

/// Bytes of a body at most.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

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

/// An act's body: what is to be done, with the path's names in it, and how.
pub(crate) async fn act<O: DeserializeOwned>(
    path: &Path,
    headers: &HeaderMap,
    body: Body,
    within: Duration,
) -> Result<(WriteTerms, O), Problem> {
    let mut body = object(headers, body, within).await?;
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

async fn object(
    headers: &HeaderMap,
    body: Body,
    within: Duration,
) -> Result<Map<String, Value>, Problem> {
    if !is_json(headers) {
        let detail = "send the body as JSON, with `Content-Type: application/json`";
        return Err(Problem::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let too_large = || {
        let detail = format!("a body has at most {BODY_BYTES_MAX} bytes");
        Problem::of(StatusCode::PAYLOAD_TOO_LARGE, detail)
    };
    let length = headers.get(header::CONTENT_LENGTH);
    let length: Option<usize> = length.and_then(|it| it.to_str().ok()?.parse().ok());
    if length.is_some_and(|length| BODY_BYTES_MAX < length) {
        return Err(too_large());
    }
    let read = tokio::time::timeout(within, axum::body::to_bytes(body, BODY_BYTES_MAX)).await;
    let Ok(read) = read else {
        let detail = format!("the body did not arrive within {} s", within.as_secs());
        return Err(Problem::of(StatusCode::REQUEST_TIMEOUT, detail));
    };
    // Also the end of a connection: then nobody reads the answer.
    let bytes = read.map_err(|_| too_large())?;
    if bytes.windows(6).any(|it| it == b"\\u0000") {
        return Err(nul());
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        let detail = format!("the body is not a JSON object: {error}");
        Problem::of(StatusCode::BAD_REQUEST, detail)
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn how(body: &mut Map<String, Value>) -> Result<WriteTerms, Problem> {
    let wrong = |field: &str, detail| Err(Problem::field(Some(field.to_owned()), detail));
    let reason = match body.remove("reason") {
        Some(Value::String(reason)) if !reason.trim().is_empty() => reason,
        Some(Value::String(_)) => return wrong("reason", "reason: say why; it is blank"),
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
    let field = match way.as_str() {
        "." | "?" => what.split('`').nth(1).map(ToOwned::to_owned),
        way => Some(way.to_owned()),
    };
    let detail = match &field {
        Some(field) => format!("{field}: {what}"),
        None => what,
    };
    Problem::field(field, detail)
}
