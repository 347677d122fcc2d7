//! Every error that is answered: `application/problem+json` (RFC 9457), in words, without anything of the inside.

mod body;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
pub(crate) use body::Body;
use operations::{Code, Refused};
use std::time::Duration;
use store::operators::Scope;

/// Text of [`header::WWW_AUTHENTICATE`] of a 401.
const CHALLENGE: &str = "Bearer realm=\"relink\"";
/// Time after which a database that does not answer is asked again.
const LATER: Duration = Duration::from_secs(2);

/// An error as it is answered.
#[derive(Clone, Debug)]
pub struct Problem(Box<Body>);

impl Problem {
    /// A problem with this code, and the code's status.
    pub(crate) fn of_code(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Body::of(code, detail.into())))
    }

    /// 401, the same for a token that is unknown, wrong, expired, revoked or none.
    pub(crate) fn unknown() -> Self {
        Self::of_code(
            Code::Unauthorized,
            "send a token that is in force: `Authorization: Bearer rlo_…`",
        )
    }

    /// 403.
    pub(crate) fn lacks(scope: Scope) -> Self {
        let detail = format!("the token does not have the scope {}", scope.as_str());
        let mut problem = Self::of_code(Code::Scope, detail);
        problem.0.scope = Some(scope);
        problem
    }

    /// 422 of one field.
    pub(crate) fn field(field: Option<String>, detail: impl Into<String>) -> Self {
        Self::of_field(Code::Invalid, field, detail)
    }

    /// A problem of one field. A field is named by its way in the question, `filter.error`.
    pub(crate) fn of_field(code: Code, field: Option<String>, detail: impl Into<String>) -> Self {
        let mut problem = Self::of_code(code, detail);
        problem.0.name(field);
        problem
    }

    /// 405.
    pub(crate) fn no_method() -> Self {
        Self::of_code(
            Code::Method,
            "this path has no such method; see the header Allow",
        )
    }

    /// 404.
    pub(crate) fn missing() -> Self {
        Self::of_code(
            Code::NotFound,
            "there is nothing here; GET /v1/openapi.json says what there is",
        )
    }

    /// 429.
    pub(crate) fn too_many(wait: Duration) -> Self {
        let detail = "too many requests; Retry-After says when there is room again";
        Self::of_code(Code::Rate, detail).after(wait)
    }

    /// 503.
    pub(crate) fn later(detail: &str) -> Self {
        Self::of_code(Code::Later, detail).after(LATER)
    }

    /// 500; what broke stands in the log alone.
    pub(crate) fn broken(why: &str) -> Self {
        tracing::error!(error = why, "a request broke");
        Self::of_code(
            Code::Broken,
            "something broke here; the log has it under this X-Request-Id",
        )
    }

    /// Body of the answer to the request of this name.
    pub(crate) fn body_for(mut self, request_id: &str) -> Box<Body> {
        self.0.request_id = Some(request_id.to_owned());
        self.0
    }

    /// Says when trying again can help.
    pub(crate) fn after(mut self, wait: Duration) -> Self {
        // Whole seconds, and never too early.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.0.retry_after = Some(seconds.max(1));
        self
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let Refused {
            code,
            why,
            retry_after,
            version,
            account,
            provider_type,
        } = refused;
        let mut problem = match code {
            Code::Broken => return Self::broken(&why),
            Code::Later if retry_after.is_none() => {
                tracing::warn!(error = why, "the database did not answer");
                return Self::later("the database did not answer; nothing is known to be done");
            }
            code if code.status() == 422 => Self::of_field(code, named(&why), why),
            Code::BadCursor => Self::of_field(code, named(&why), why),
            code => Self::of_code(code, why),
        };
        problem.0.version = version;
        problem.0.account = account.map(|it| it.0);
        problem.0.provider_type = provider_type;
        match retry_after {
            Some(wait) => problem.after(wait),
            None => problem,
        }
    }
}

/// A refusal names its field first: `for: a flag lives at most 4h`.
fn named(why: &str) -> Option<String> {
    let (field, _) = why.split_once(": ")?;
    let is_name = |it: char| it.is_ascii_lowercase() || it == '_' || it == '.';
    (!field.is_empty() && field.chars().all(is_name)).then(|| field.to_owned())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.0;
        let status = StatusCode::from_u16(body.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&body)).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(CHALLENGE);
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = body.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let etag = body.version.map(|it| format!("\"v{it}\""));
        if let Some(etag) = etag.and_then(|it| HeaderValue::try_from(it).ok()) {
            headers.insert(header::ETAG, etag);
        }
        // The listener knows the request's name, and puts it in.
        response.extensions_mut().insert(Self(body));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, named};
    use operations::{Code, Refused};
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn a_refusal_names_its_field_where_it_begins_with_one() {
        let named = |why| named(why).unwrap_or_default();
        assert_eq!(named("for: a flag lives at most 4h, not 5h"), "for");
        assert_eq!(named("filter.error: a text"), "filter.error");
        assert_eq!(named("there is no removal 7: none"), "");
        assert_eq!(named("reason"), "");
        assert_eq!(named(": x"), "");
    }

    #[test]
    fn every_refusal_keeps_its_code_and_the_inside_stays_inside() {
        for code in Code::ALL {
            let refused = Refused::of_code(code, "get a database connection: 10.0.0.7 refused");
            let problem = Problem::from(refused).0;
            assert_eq!(
                (problem.status, problem.code),
                (code.status(), code),
                "{code}"
            );
            let is_inside = matches!(code, Code::Later | Code::Broken);
            assert!(
                !is_inside || !problem.detail.contains("10.0.0.7"),
                "{}",
                problem.detail
            );
        }
    }

    #[test]
    fn what_a_refusal_knows_besides_stands_in_its_problem() {
        let refused = Refused::of_code(Code::ProviderRefused, "the provider refused")
            .of_provider("errors/no_proxy")
            .after(Duration::from_millis(1_200));
        let said = json!(*Problem::from(refused).0);
        let whole = json!({ "type": "urn:relink:problem:provider_refused", "title": "Failed Dependency",
            "status": 424, "code": "provider_refused", "detail": "the provider refused",
            "provider_type": "errors/no_proxy", "retry_after": 2 });
        assert_eq!(said, whole);
        let said = json!(*Problem::from(Refused::invalid("for: too long")).0);
        assert_eq!(said["field"], "for");
        let errors = json!([{ "pointer": "/for", "code": "invalid", "detail": "for: too long" }]);
        assert_eq!(said["errors"], errors);
    }
}
