//! `RateLimit-*` of an answer: how many requests its asker may still make (R-API-2).

use crate::app::token;
use crate::limits::{Key, Limits};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use secrecy::ExposeSecret;
use std::net::IpAddr;
use std::time::Instant;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Buckets that a request can be counted in, the token's first.
pub(crate) struct Asker(Vec<Key>);

impl Asker {
    /// Reads who asks: a token, and an address.
    pub(crate) fn of(headers: &HeaderMap, peer: IpAddr) -> Self {
        let token = token(headers).map(|it| Key::token(it.expose_secret()));
        Self(token.into_iter().chain([Key::peer(peer)]).collect())
    }

    /// Says the room that is left; nothing where nobody was counted.
    pub(crate) fn tell(&self, limits: &Limits, response: &mut Response) {
        let Some(room) = limits.room(&self.0, Instant::now()) else {
            return;
        };
        // Whole seconds, and never too early.
        let reset = room.full_after.as_secs_f64().ceil();
        let headers = response.headers_mut();
        headers.insert(LIMIT, HeaderValue::from(room.limit));
        headers.insert(REMAINING, HeaderValue::from(room.remaining));
        if let Ok(reset) = HeaderValue::try_from(format!("{reset}")) {
            headers.insert(RESET, reset);
        }
    }
}
