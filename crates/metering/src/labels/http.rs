//! What became of HTTP requests.

pub(super) const HTTP_OUTCOMES: [&str; 8] = [
    "ok",
    "refused",
    "unauthorized",
    "forbidden",
    "not_found",
    "too_many",
    "unavailable",
    "failed",
];

/// The word for an answer's status.
pub const fn http_outcome(status: u16) -> &'static str {
    match status {
        0..=399 => "ok",
        401 => "unauthorized",
        403 => "forbidden",
        404 | 405 => "not_found",
        429 => "too_many",
        400..=499 => "refused",
        503 => "unavailable",
        _ => "failed",
    }
}
