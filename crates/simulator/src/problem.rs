//! The provider's error bodies, and those of the edge in front of it.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;

/// An error body. Where the detail is not fixed by what is known of the provider, it says what was wrong.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    #[serde(rename = "type")]
    pub(crate) kind: Cow<'static, str>,
    pub(crate) title: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    #[serde(skip)]
    pub(crate) retry_after_seconds: Option<u64>,
}

impl Problem {
    pub(crate) fn new(status: u16, kind: &'static str, title: &'static str, detail: &str) -> Self {
        Self {
            status,
            kind: Cow::Borrowed(kind),
            title: Cow::Borrowed(title),
            detail: Some(detail.to_owned()),
            retry_after_seconds: None,
        }
    }

    /// The only body that means that the session itself is gone.
    pub(crate) fn account_not_found() -> Self {
        Self::not_found("Account not found")
    }

    /// The same status and type with another last line says nothing about any account.
    pub(crate) fn not_found(what: &str) -> Self {
        let detail = format!("The requested resource were not found.\n{what}");
        Self::new(
            404,
            "errors/resource_not_found",
            "Resource not found.",
            &detail,
        )
    }

    pub(crate) fn missing_credentials() -> Self {
        let detail = "Some credentials are necessary to perform the request.";
        Self::new(
            401,
            "errors/missing_credentials",
            "Missing credentials",
            detail,
        )
    }

    pub(crate) fn not_implemented() -> Self {
        let detail = "This feature has not been implemented yet for this provider.";
        Self::new(
            501,
            "errors/feature_not_implemented",
            "Feature not implemented",
            detail,
        )
    }

    pub(crate) fn invalid_parameters(detail: &str) -> Self {
        Self::new(
            400,
            "errors/invalid_parameters",
            "Invalid parameters",
            detail,
        )
    }

    pub(crate) fn missing_parameters(detail: &str) -> Self {
        Self::new(
            400,
            "errors/missing_parameters",
            "Missing parameters",
            detail,
        )
    }

    pub(crate) fn content_too_large() -> Self {
        Self::new(
            400,
            "errors/content_too_large",
            "Content too large",
            "The content is too large.",
        )
    }

    pub(crate) fn disconnected_account() -> Self {
        let detail = "The account appears to be disconnected from the provider service.";
        Self::new(
            401,
            "errors/disconnected_account",
            "Disconnected account",
            detail,
        )
    }

    pub(crate) fn checkpoint_error() -> Self {
        let detail = "The account must pass a checkpoint first.";
        Self::new(401, "errors/checkpoint_error", "Checkpoint error", detail)
    }

    pub(crate) fn invalid_checkpoint_solution() -> Self {
        let detail = "The checkpoint resolution did not pass successfully. Please retry.";
        Self::new(
            401,
            "errors/invalid_checkpoint_solution",
            "Invalid checkpoint solution",
            detail,
        )
    }

    pub(crate) fn intent_killed() -> Self {
        let detail = "The current authentication intent was killed after failure. Please start the process again";
        Self::new(
            500,
            "errors/authentication_intent_error",
            "Authentication intent error",
            detail,
        )
    }

    pub(crate) fn too_many_requests() -> Self {
        let detail =
            "The provider cannot accept any more requests at the moment. Please try again later.";
        Self::new(429, "errors/too_many_requests", "Too many requests", detail)
    }

    pub(crate) fn unexpected() -> Self {
        Self::new(
            500,
            "errors/unexpected_error",
            "Unexpected error",
            "Something went wrong.",
        )
    }

    pub(crate) fn unavailable() -> Self {
        let detail = "Please try again later.";
        Self::new(
            503,
            "errors/service_unavailable",
            "Service unavailable",
            detail,
        )
    }

    pub(crate) fn timeout() -> Self {
        let detail =
            "Request timed out. Please try again, and if the issue persists, contact support.";
        Self::new(504, "errors/request_timeout", "Request timed out", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after_seconds;
        let mut answer = (status, Json(self)).into_response();
        if let Some(seconds) = retry_after {
            answer.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        answer
    }
}

/// An error page as an edge server writes it, in no shape of the provider's.
pub(crate) fn edge_page(status: StatusCode) -> Response {
    let text = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    (status, [(CONTENT_TYPE, "text/html")], text).into_response()
}
