//! The way off the list of mails to owners, by one click (R-LNK-7).
//!
//! `GET` changes nothing, for scanners of mails open every link; a button posts. A mail program posts by itself (RFC 8058),
//! with a body that nobody needs to read: the token says all.

use crate::methods::post;
use crate::open::{OpenCall, OpenRoute, open};
use axum::http::{HeaderName, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use policy::ids::AccountId;
use store::StoreError;

/// Bytes of a body that are read, and not looked at.
const BODY_BYTES_MAX: usize = 4 * 1024;

const fn headers() -> [(HeaderName, &'static str); 6] {
    [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; form-action 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ]
}

pub(crate) fn routes() -> [OpenRoute; 2] {
    [
        open(Method::GET, "/o/{token}", ask),
        open(post(), "/o/{token}", opt_out),
    ]
}

async fn ask(call: OpenCall) -> Response {
    match account(&call) {
        Some(_) => page(
            StatusCode::OK,
            "No more mails about your account?",
            "<form method=\"post\"><button>Send me no more</button></form>",
        ),
        None => unknown(),
    }
}

async fn opt_out(call: OpenCall) -> Response {
    let Some(account) = account(&call) else {
        return unknown();
    };
    let app = std::sync::Arc::clone(&call.app);
    // Whatever it says: a mail program's words differ, and the token is the proof.
    drop(call.bytes(BODY_BYTES_MAX).await);
    let taken = async {
        let tx = app.store.begin().await?;
        let is_known = tx.opt_out(account).await?;
        tx.finish().await?;
        Ok::<_, StoreError>(is_known)
    };
    match taken.await {
        Ok(true) => page(
            StatusCode::OK,
            "Done: you get no more mails about your account.",
            "<p>Sign-in pages that your team gives you go on to work.</p>",
        ),
        Ok(false) => unknown(),
        Err(error) => {
            tracing::warn!(error = fleet::chain(&error), "an opt-out was not taken");
            page(
                StatusCode::SERVICE_UNAVAILABLE,
                "That did not work just now. Please try again in a minute.",
                "",
            )
        }
    }
}

/// Account that the token of the path is of, by a key in force.
fn account(call: &OpenCall) -> Option<AccountId> {
    let read = call.app.minter.keys().read_opt_out(call.part("token"));
    read.map(|it| it.account)
}

fn unknown() -> Response {
    page(StatusCode::NOT_FOUND, "This link is not complete.", "")
}

fn page(status: StatusCode, says: &str, then: &str) -> Response {
    let text = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Mails about your account</title></head>\n<body style=\"font-family:sans-serif;max-width:36em;margin:2em auto\"><p>{says}</p>{then}</body></html>\n"
    );
    (status, headers(), Html(text)).into_response()
}
