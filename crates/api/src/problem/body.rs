//! What a problem's body holds, and its schema in the document.

use axum::http::StatusCode;
use operations::Code;
use serde::Serialize;
use store::operators::Scope;
use utoipa::ToSchema;
use uuid::Uuid;

/// Letters of a problem's words at most, and of a field's name.
const DETAIL_MAX: usize = 1_000;
const FIELD_MAX: usize = 100;

/// An error as it is answered (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Body {
    /// `urn:relink:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: &'static str,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    pub(crate) status: u16,
    /// Which error, for programs.
    pub(crate) code: Code,
    /// What is wrong, for the person who asked.
    pub(crate) detail: String,
    /// The field that is wrong, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<String>,
    /// Every field that is wrong, where fields are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// The scope that the token lacks, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) scope: Option<Scope>,
    /// The account that stands in the way, where one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) account: Option<Uuid>,
    /// The provider's word for what it refused, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) provider_type: Option<String>,
    /// The request's `X-Request-Id`, under which the log has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) request_id: Option<String>,
    /// Version that the thing is at by now; the header `ETag` says so.
    #[serde(skip)]
    pub(crate) version: Option<i32>,
    /// Seconds after which trying again can help; the header `Retry-After` says so too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub(crate) retry_after: Option<u64>,
}

/// A field that is wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Where it stands in the body, the query or the path (RFC 6901).
    pointer: String,
    /// Which error.
    code: Code,
    /// What is wrong, for the person who asked.
    detail: String,
}

impl Body {
    pub(crate) fn of(code: Code, detail: String) -> Self {
        let detail = shortened(detail, DETAIL_MAX);
        let status = StatusCode::from_u16(code.status()).ok();
        let title = status.and_then(|it| it.canonical_reason());
        Self {
            kind: code.urn(),
            title: title.unwrap_or("Error"),
            status: code.status(),
            code,
            detail,
            field: None,
            errors: vec![],
            scope: None,
            request_id: None,
            version: None,
            account: None,
            provider_type: None,
            retry_after: None,
        }
    }

    /// Names the field that is wrong.
    pub(crate) fn name(&mut self, field: Option<String>) {
        let field = field.map(|it| shortened(it, FIELD_MAX));
        self.errors.extend(field.as_ref().map(|field| FieldError {
            pointer: pointer(field),
            code: self.code,
            detail: self.detail.clone(),
        }));
        self.field = field;
    }
}

/// A text that may hold what was asked with, to a length that a person reads.
fn shortened(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// `filter.kinds[2]` as `/filter/kinds/2`.
fn pointer(field: &str) -> String {
    let parts = field
        .split(['.', '['])
        .map(|part| part.trim_end_matches(']'));
    let escaped = parts.map(|part| part.replace('~', "~0").replace('/', "~1"));
    escaped.fold(String::new(), |way, part| way + "/" + &part)
}

#[cfg(test)]
mod tests {
    use super::{pointer, shortened};

    #[test]
    fn what_was_asked_with_does_not_come_back_whole() {
        assert_eq!(shortened("é".repeat(4), 4), "éééé");
        assert_eq!(shortened("é".repeat(10_000), 4), "éééé…");
    }

    #[test]
    fn a_way_is_a_pointer() {
        for (way, said) in [
            ("for", "/for"),
            ("filter.error", "/filter/error"),
            ("jobs[12]", "/jobs/12"),
            ("a/b.~", "/a~1b/~0"),
        ] {
            assert_eq!(pointer(way), said);
        }
    }
}
