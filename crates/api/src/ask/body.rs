//! Body of an act: bytes that came complete, in time and not too many, as one JSON object.

use super::nul;
use super::strict::Strict;
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt as _;
use operations::Code;
use serde_json::error::Category;
use serde_json::{Map, Value};
use std::time::Duration;

/// Bytes of a body at most.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a refused body that are read away at most.
const DRAINED_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The body as a JSON object whose members each stand in it once.
pub(super) async fn object(
    headers: &HeaderMap,
    body: Body,
    within: Duration,
) -> Result<Map<String, Value>, Problem> {
    if !is_json(headers) {
        let detail = "send the body as JSON, with `Content-Type: application/json`";
        return Err(Problem::of_code(Code::MediaType, detail));
    }
    let length = headers.get(header::CONTENT_LENGTH);
    let length: Option<usize> = length.and_then(|it| it.to_str().ok()?.parse().ok());
    if length.is_some_and(|length| BODY_BYTES_MAX < length) {
        drain(headers, body, within).await;
        return Err(too_large());
    }
    let read = tokio::time::timeout(within, all_of(body)).await;
    let Ok(read) = read else {
        let detail = format!("the body did not arrive within {} s", within.as_secs());
        return Err(Problem::of_code(Code::SlowBody, detail));
    };
    let bytes = read?;
    if bytes.windows(6).any(|it| it == b"\\u0000") {
        return Err(nul());
    }
    parsed(&bytes)
}

/// Reads a refused body away: whoever still sends it hears why it is refused, and not that the connection broke. Whoever asks
/// first whether to send it is not told to.
pub(crate) async fn drain(headers: &HeaderMap, body: Body, within: Duration) {
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let reading = async {
        let (mut read, mut chunks) = (0, body.into_data_stream());
        while let Some(Ok(chunk)) = chunks.next().await {
            read += chunk.len();
            if DRAINED_BYTES_MAX <= read {
                break;
            }
        }
    };
    // What comes later than that is refused unread.
    drop(tokio::time::timeout(within, reading).await);
}

async fn all_of(body: Body) -> Result<Vec<u8>, Problem> {
    let (mut bytes, mut chunks) = (vec![], body.into_data_stream());
    while let Some(chunk) = chunks.next().await {
        let chunk: Bytes = chunk.map_err(|_| {
            Problem::of_code(
                Code::BadRequest,
                "the body broke off, or its chunks are none",
            )
        })?;
        if BODY_BYTES_MAX < bytes.len() + chunk.len() {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn parsed(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(Strict(Value::Object(object))) => Ok(object),
        Ok(Strict(_)) => Err(no_object("it is a value of another kind")),
        // The one thing that `Strict` finds wrong in well-formed JSON.
        Err(error) if error.classify() == Category::Data => {
            let what = error.to_string();
            let field = what.split('`').nth(1).map(ToOwned::to_owned);
            Err(Problem::field(field, what))
        }
        Err(error) => Err(no_object(&error.to_string())),
    }
}

fn no_object(why: &str) -> Problem {
    let detail = format!("the body is not a JSON object: {why}");
    Problem::of_code(Code::BadJson, detail)
}

fn too_large() -> Problem {
    let detail = format!("a body has at most {BODY_BYTES_MAX} bytes");
    Problem::of_code(Code::TooLarge, detail)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use super::parsed;
    use serde_json::json;

    #[test]
    fn a_member_that_stands_twice_is_refused_by_name_at_any_depth() {
        let whole = br#"{"reason":"x","filter":{"kind":"a"},"jobs":[1,2.5,null,true]}"#;
        let read = parsed(whole).expect("an object");
        assert_eq!(
            json!(read),
            serde_json::from_slice::<serde_json::Value>(whole).expect("JSON")
        );
        for (body, name) in [
            (r#"{"dry_run":true,"dry_run":false}"#, "dry_run"),
            (r#"{"filter":{"kind":"a","kind":"b"}}"#, "kind"),
            (r#"{"jobs":[{"id":1,"i\u0064":2}]}"#, "id"),
        ] {
            let problem = format!("{:?}", parsed(body.as_bytes()).expect_err(body));
            assert!(
                problem.contains("Invalid")
                    && problem.contains(&format!("field: Some(\"{name}\")")),
                "{problem}"
            );
        }
        for body in [
            "",
            "{",
            "[]",
            "null",
            "1",
            "{\"a\":}",
            "\u{feff}{}",
            "{} {}",
        ] {
            let problem = format!("{:?}", parsed(body.as_bytes()).expect_err(body));
            assert!(problem.contains("BadJson"), "{problem}");
        }
    }
}
