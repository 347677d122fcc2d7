//! Owners' pages and the way off the list of their mails, on the links listener.

use crate::methods::post;
use crate::open::{OpenRoute, open};
use crate::pages::{ask_opt_out, opt_out, press, show, show_return, show_state};
use axum::http::Method;

/// Routes of owners' pages.
pub(crate) fn routes() -> Vec<OpenRoute> {
    vec![
        open(Method::GET, "/r/{token}", show),
        open(post(), "/r/{token}", press),
        open(Method::GET, "/r/{token}/state", show_state),
        open(Method::GET, "/r/{token}/back", show_return),
        open(Method::GET, "/o/{token}", ask_opt_out),
        open(post(), "/o/{token}", opt_out),
    ]
}
