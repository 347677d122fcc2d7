//! What a route answers with: a body, its status, and headers beside it.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// Answer of a route.
pub(crate) struct Reply {
    status: StatusCode,
    body: Value,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    /// 200 with this body.
    pub(crate) fn shown(body: Value) -> Self {
        Self {
            status: StatusCode::OK,
            body,
            headers: vec![],
        }
    }

    /// 201 with this body: what it shows was made by the request.
    pub(crate) fn created(body: Value) -> Self {
        Self {
            status: StatusCode::CREATED,
            ..Self::shown(body)
        }
    }

    /// Adds a header beside the body.
    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Member of the body.
    pub(crate) fn member(&self, name: &str) -> Option<&Value> {
        self.body.get(name)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.body)).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}
