//! What a route answers with: a body, its status, and headers beside it.

use crate::problem::Problem;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// Answer of a route.
pub(crate) struct Reply {
    content: Content,
    headers: Vec<(HeaderName, HeaderValue)>,
}

enum Content {
    Shown(StatusCode, Value),
    Refused(Problem),
}

impl Reply {
    /// 200 with this body.
    pub(crate) fn shown(body: Value) -> Self {
        Self {
            content: Content::Shown(StatusCode::OK, body),
            headers: vec![],
        }
    }

    /// Problem that has headers of its own.
    pub(crate) fn refused(problem: Problem) -> Self {
        Self {
            content: Content::Refused(problem),
            headers: vec![],
        }
    }

    /// Adds a header.
    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Member of a body that is shown.
    pub(crate) fn member(&self, name: &str) -> Option<&Value> {
        match &self.content {
            Content::Shown(_, body) => body.get(name),
            Content::Refused(_) => None,
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = match self.content {
            Content::Shown(status, body) => (status, axum::Json(body)).into_response(),
            Content::Refused(problem) => problem.into_response(),
        };
        response.headers_mut().extend(self.headers);
        response
    }
}
