//! The methods that routes here may have. The one file of this crate that names the one that deletes (R-DEL-1): it is what others
//! send to us, and nothing in this crate sends anything.

use axum::http::Method;

/// Makes something, or says yes to it.
pub(crate) const fn post() -> Method {
    Method::POST
}

/// Changes some of something.
pub(crate) const fn patch() -> Method {
    Method::PATCH
}

/// Ends something, or takes it back.
pub(crate) const fn delete() -> Method {
    Method::DELETE
}

/// A closed set of words, for the log.
pub(crate) fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}
