//! A provider that repeats whatever it is told, wherever it can: our key, our texts, and secrets of its own.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, serve};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

/// How it answers, in turn.
const STATUSES: [u16; 9] = [400, 401, 422, 500, 200, 404, 302, 503, 429];

/// The parrot; it ends with the test's runtime.
pub struct Parrot {
    base: String,
    calls: Arc<AtomicUsize>,
}

struct Says {
    secret: &'static str,
    calls: Arc<AtomicUsize>,
}

impl Parrot {
    /// Listens on a loopback port; `secret` is in all that it says, its cookies included.
    pub async fn start(secret: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let calls = Arc::<AtomicUsize>::default();
        let says = Says {
            secret,
            calls: Arc::clone(&calls),
        };
        let app = Router::new().fallback(repeat).with_state(Arc::new(says));
        tokio::spawn(async move { serve(listener, app).await });
        Self { base, calls }
    }

    /// Scheme, host and port.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Calls so far.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

async fn repeat(
    State(says): State<Arc<Says>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = says.calls.fetch_add(1, Ordering::Relaxed);
    let status = STATUSES[call % STATUSES.len()];
    let heard = format!(
        "{method} {uri} {headers:?} {}",
        String::from_utf8_lossy(&body)
    );
    let text = format!("{} {heard}", says.secret);
    let status = StatusCode::from_u16(status).expect("a status");
    let cookie = [("set-cookie", format!("session={}", says.secret))];
    if call % 4 == 3 {
        return (status, cookie, format!("<html>{text}</html>")).into_response();
    }
    let answer = json!({
        "status": status.as_u16(), "type": format!("errors/{text}"), "title": text, "detail": format!("{text}\n{text}"),
        "object": text, "items": [{ "id": text, "connection_params": { "cookie": says.secret } }], "cursor": text,
    });
    (status, cookie, axum::Json(answer)).into_response()
}
