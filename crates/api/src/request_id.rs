//! Name of a request, in answers and in the log: the asker's own, if it can stand in a log; else a new one.

use crate::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, header};
use axum::response::Response;
use uuid::Uuid;

/// Names a request in answers and in the log.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_BYTES_MAX: usize = 64;

/// Name of a request.
pub(crate) fn request_id<B>(request: &Request<B>) -> String {
    let given = request.headers().get(REQUEST_ID);
    let given = given.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.".contains(&it);
    if given.is_empty() || REQUEST_ID_BYTES_MAX < given.len() || !given.bytes().all(is_plain) {
        Uuid::now_v7().to_string()
    } else {
        given.to_owned()
    }
}

/// Puts the name into an answer: a header of each, and a member of a problem.
pub(crate) fn name_answer(response: &mut Response, id: &str) {
    let problem = response.extensions_mut().remove::<Problem>();
    let body = problem.and_then(|it| serde_json::to_vec(&it.body_for(id)).ok());
    if let Some(body) = body {
        // The router has counted the body of before.
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(body);
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
}
