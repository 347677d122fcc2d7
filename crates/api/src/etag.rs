//! Versions in headers: `ETag` of what is shown, `If-Match` of what is changed (RFC 9110, R-API-2). `"v12"` is version 12.

use crate::document::problem;
use crate::problem::Problem;
use crate::reply::Reply;
use axum::http::{HeaderMap, HeaderValue, header};
use operations::{Code, Versioned};
use serde_json::{Value, json};

/// Version that nothing is ever at: for a tag that is none of ours.
const NO_VERSION: i32 = -1;

/// What a change was made for, by its `If-Match`.
#[derive(Debug, PartialEq, Eq)]
enum IfMatch {
    /// Nothing, for want of the header.
    Unsaid,
    /// `*`: whatever is there.
    Any,
    /// Version of the one tag.
    Version(i32),
}

/// Adds the tag of the version that stands in a member of what is shown.
pub(crate) fn tagged(reply: Reply, member: &str) -> Reply {
    let version = reply.member(member).and_then(Value::as_i64);
    let tag = version.and_then(|it| HeaderValue::try_from(format!("\"v{it}\"")).ok());
    match tag {
        Some(tag) => reply.with(header::ETAG, tag),
        None => reply,
    }
}

/// Lets a change be made for the version in `If-Match`, if one is said.
pub(crate) fn accept_version<O: Versioned>(
    headers: &HeaderMap,
    change: &mut O,
) -> Result<(), Problem> {
    if let IfMatch::Version(version) = if_match(headers)? {
        change.expect_version(version);
    }
    Ok(())
}

/// As [`accept_version`], and one must be said, or `*`.
pub(crate) fn demand_version<O: Versioned>(
    headers: &HeaderMap,
    change: &mut O,
) -> Result<(), Problem> {
    if if_match(headers)? == IfMatch::Unsaid {
        let detail = "say for which version the change is meant: `If-Match` with the `ETag` that GET answers";
        return Err(Problem::of_code(Code::IfMatchRequired, detail));
    }
    accept_version(headers, change)
}

fn if_match(headers: &HeaderMap) -> Result<IfMatch, Problem> {
    let mut all = headers.get_all(header::IF_MATCH).iter();
    let Some(only) = all.next() else {
        return Ok(IfMatch::Unsaid);
    };
    let text = only.to_str().unwrap_or_default().trim();
    if all.next().is_some() || text.is_empty() || text.contains(',') {
        let detail = "If-Match: one tag, or *";
        return Err(Problem::field(Some("If-Match".to_owned()), detail));
    }
    if text == "*" {
        return Ok(IfMatch::Any);
    }
    let version = text.strip_prefix("\"v").and_then(|it| it.strip_suffix('"'));
    let is_ours = |it: &&str| it.bytes().all(|byte| byte.is_ascii_digit());
    let version = version.filter(is_ours).and_then(|it| it.parse().ok());
    Ok(IfMatch::Version(version.unwrap_or(NO_VERSION)))
}

/// Says in the document that a view has a tag.
pub(crate) fn describe_tag(operation: &mut Value) {
    operation["responses"]["200"]["headers"]["ETag"] = json!({
        "schema": { "type": "string" },
        "description": "Version of what is shown: the `If-Match` of a change to it.",
    });
}

/// Says in the document that a change takes `If-Match`, and what is answered where it does not fit.
pub(crate) fn describe_if_match(operation: &mut Value, is_required: bool) {
    let parameter = json!({
        "name": "If-Match",
        "in": "header",
        "required": is_required,
        "schema": { "type": "string", "minLength": 1, "example": "\"v12\"" },
        "description": "Version that the change is meant for, as `ETag` said it; `*` for whichever there is.",
    });
    if let Some(parameters) = operation["parameters"].as_array_mut() {
        parameters.push(parameter);
    }
    operation["responses"]["412"] = problem(Code::Changed);
    if is_required {
        operation["responses"]["428"] = problem(Code::IfMatchRequired);
    }
}

#[cfg(test)]
mod tests {
    use super::{IfMatch, NO_VERSION, if_match};
    use axum::http::{HeaderMap, HeaderValue, header};

    fn read(values: &[&str]) -> Option<IfMatch> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_str(value).expect("a header");
            headers.append(header::IF_MATCH, value);
        }
        if_match(&headers).ok()
    }

    #[test]
    fn r_api_2_a_tag_is_read_back_and_another_fits_nothing() {
        assert_eq!(read(&["\"v12\""]), Some(IfMatch::Version(12)));
        assert_eq!(read(&[" \"v12\" "]), Some(IfMatch::Version(12)));
        assert_eq!(read(&[]), Some(IfMatch::Unsaid));
        assert_eq!(read(&["*"]), Some(IfMatch::Any));
        for other in [
            "W/\"v12\"",
            "v12",
            "\"12\"",
            "\"v\"",
            "\"v-1\"",
            "\"v+1\"",
            "\"v99999999999\"",
            "\"\"",
        ] {
            let found = read(&[other]);
            assert_eq!(found, Some(IfMatch::Version(NO_VERSION)), "{other}");
        }
        for wrong in [&["\"v1\", \"v2\""][..], &["\"v1\"", "\"v1\""], &[""]] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
