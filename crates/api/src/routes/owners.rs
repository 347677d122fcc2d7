//! Owners' pages, on the links listener.

use crate::methods::post;
use crate::open::{OpenRoute, open};
use crate::pages::{press, show, show_return, show_state};
use axum::http::Method;

/// Routes of owners' pages.
pub(crate) fn routes() -> Vec<OpenRoute> {
    vec![
        open(Method::GET, "/r/{token}", show),
        open(post(), "/r/{token}", press),
        open(Method::GET, "/r/{token}/state", show_state),
        open(Method::GET, "/r/{token}/back", show_return),
    ]
}
