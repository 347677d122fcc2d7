//! Every error that is answered: `application/problem+json` (RFC 9457), in words, without anything of the inside.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use operations::{Kind, Refused};
use serde::Serialize;
use std::time::Duration;
use store::operators::Scope;
use utoipa::ToSchema;

/// What stands in [`header::WWW_AUTHENTICATE`] of a 401.
const CHALLENGE: &str = "Bearer realm=\"relink\"";
/// When to come back to a database that does not answer.
const LATER: Duration = Duration::from_secs(2);
/// When to come back to an act that is under way.
const SOON: Duration = Duration::from_secs(1);

/// An error as it is answered. `type` is always `about:blank`: the status says what kind it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    #[schema(value_type = u16)]
    status: u16,
    /// What is wrong, for the person who asked.
    detail: String,
    /// The field that is wrong, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The scope that the token lacks, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
    /// The request's `X-Request-Id`, under which the log has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// When to try again.
    #[serde(skip)]
    retry_after: Option<Duration>,
}

impl Problem {
    /// A problem with this status.
    pub(crate) fn of(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
            scope: None,
            request_id: None,
            retry_after: None,
        }
    }

    /// Answer to the request of this name.
    pub(crate) fn named(self, request_id: &str) -> Self {
        Self {
            request_id: Some(request_id.to_owned()),
            ..self
        }
    }

    /// 401, the same for a token that is unknown, wrong, expired, revoked or none.
    pub(crate) fn unknown() -> Self {
        Self::of(
            StatusCode::UNAUTHORIZED,
            "send a token that is in force: `Authorization: Bearer rlo_…`",
        )
    }

    /// 403.
    pub(crate) fn lacks(scope: Scope) -> Self {
        let detail = format!("the token does not have the scope {}", scope.as_str());
        Self {
            scope: Some(scope),
            ..Self::of(StatusCode::FORBIDDEN, detail)
        }
    }

    /// 422.
    pub(crate) fn field(field: Option<String>, detail: impl Into<String>) -> Self {
        Self {
            field,
            ..Self::of(StatusCode::UNPROCESSABLE_ENTITY, detail)
        }
    }

    /// 404.
    pub(crate) fn missing() -> Self {
        Self::of(
            StatusCode::NOT_FOUND,
            "there is nothing here; GET /v1/openapi.json says what there is",
        )
    }

    /// 429.
    pub(crate) fn too_many(wait: Duration) -> Self {
        let detail = "too many requests; Retry-After says when there is room again";
        Self {
            retry_after: Some(wait),
            ..Self::of(StatusCode::TOO_MANY_REQUESTS, detail)
        }
    }

    /// 503.
    pub(crate) fn later(detail: &str) -> Self {
        Self {
            retry_after: Some(LATER),
            ..Self::of(StatusCode::SERVICE_UNAVAILABLE, detail)
        }
    }

    /// 500; what broke stands in the log alone.
    pub(crate) fn broken(why: &str) -> Self {
        tracing::error!(error = why, "a request broke");
        Self::of(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something broke here; the log has it under this X-Request-Id",
        )
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let why = refused.why;
        match refused.kind {
            Kind::Invalid => Self::field(named(&why), why),
            Kind::Unknown => Self::unknown(),
            // It is the database's login that may not, not the token.
            Kind::Forbidden if why.starts_with("permission denied") => Self::broken(&why),
            Kind::Forbidden => Self::of(StatusCode::FORBIDDEN, why),
            Kind::Missing => Self::of(StatusCode::NOT_FOUND, why),
            Kind::Conflict => Self::of(StatusCode::CONFLICT, why),
            Kind::Changed(_) => Self::of(StatusCode::PRECONDITION_FAILED, why),
            Kind::KeyReused => Self::of(StatusCode::UNPROCESSABLE_ENTITY, why),
            Kind::KeyInUse => Self {
                retry_after: Some(SOON),
                ..Self::of(StatusCode::CONFLICT, why)
            },
            Kind::Unavailable => {
                tracing::warn!(error = why, "the database did not answer");
                Self::later("the database did not answer; nothing is known to be done")
            }
        }
    }
}

/// A refusal names its field first: `for: a flag lives at most 4h`.
fn named(why: &str) -> Option<String> {
    let (field, _) = why.split_once(": ")?;
    let is_name = |it: char| it.is_ascii_lowercase() || it == '_';
    (!field.is_empty() && field.chars().all(is_name)).then(|| field.to_owned())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(CHALLENGE);
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = self.retry_after {
            // Whole seconds, and never too early.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        // The listener knows the request's name, and puts it in.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, named};
    use axum::http::StatusCode;
    use operations::{Kind, Refused};

    #[test]
    fn a_refusal_names_its_field_where_it_begins_with_one() {
        let named = |why| named(why).unwrap_or_default();
        assert_eq!(named("for: a flag lives at most 4h, not 5h"), "for");
        assert_eq!(named("there is no removal 7: none"), "");
        assert_eq!(named("reason"), "");
        assert_eq!(named(": x"), "");
    }

    #[test]
    fn every_kind_of_refusal_has_its_status_and_the_inside_stays_inside() {
        for (kind, status) in [
            (Kind::Invalid, StatusCode::UNPROCESSABLE_ENTITY),
            (Kind::Unknown, StatusCode::UNAUTHORIZED),
            (Kind::Forbidden, StatusCode::FORBIDDEN),
            (Kind::Missing, StatusCode::NOT_FOUND),
            (Kind::Conflict, StatusCode::CONFLICT),
            (Kind::Changed(3), StatusCode::PRECONDITION_FAILED),
            (Kind::KeyReused, StatusCode::UNPROCESSABLE_ENTITY),
            (Kind::KeyInUse, StatusCode::CONFLICT),
            (Kind::Unavailable, StatusCode::SERVICE_UNAVAILABLE),
        ] {
            let why = "get a database connection: 10.0.0.7 refused".to_owned();
            let problem = Problem::from(Refused { kind, why });
            assert_eq!(problem.status, status.as_u16(), "{kind:?}");
            let is_inside = kind == Kind::Unavailable;
            assert!(!is_inside || !problem.detail.contains("10.0.0.7"));
        }
        let why = "permission denied for table jobs".to_owned();
        let kind = Kind::Forbidden;
        let problem = Problem::from(Refused { kind, why });
        assert_eq!(problem.status, 500);
        assert!(!problem.detail.contains("jobs"));
    }
}
