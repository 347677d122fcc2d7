//! What every answer of an owner's page forbids the browser: keeping it, telling where it was, framing it, running anything but
//! the page's own poll.

use super::html::{SCRIPT, STYLE};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use linking::PublicUrls;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Policy up to where forms may lead.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; connect-src 'self'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self' https:",
        hash(STYLE),
        hash(SCRIPT)
    )
});

const FIXED: [(HeaderName, &str); 6] = [
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("x-robots-tag"),
        "noindex, nofollow, noarchive",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// The answer with the headers of owners' pages. The listener adds that nobody keeps it.
pub(super) fn guarded(mut answer: Response, urls: &PublicUrls) -> Response {
    let headers = answer.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A browser holds the place that a form's answer leads to against the policy, too, and only it knows whose page that is.
    let policy = if urls.pages.scheme() == "http" {
        HeaderValue::from_str(&format!("{} http:", *POLICY))
    } else {
        HeaderValue::from_str(&POLICY)
    };
    if let Ok(policy) = policy {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::guarded;
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;
    use linking::PublicUrls;

    fn policy(pages: &str) -> String {
        let urls = PublicUrls::parse(pages, pages).expect("a base");
        let answer = guarded(StatusCode::OK.into_response(), &urls);
        let policy = answer.headers()["content-security-policy"].to_str();
        policy.expect("a policy").to_owned()
    }

    #[test]
    fn r_lnk_7_only_plain_pages_lead_to_plain_ones() {
        assert!(policy("https://links.example").ends_with("form-action 'self' https:"));
        assert!(policy("http://127.0.0.1:8082").ends_with("form-action 'self' https: http:"));
        assert!(!policy("https://links.example").contains("unsafe"));
    }
}
