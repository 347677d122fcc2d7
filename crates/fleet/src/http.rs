//! `/healthz`, `/readyz` and `/metrics` of a process.
//!
//! Liveness needs no server: a process that can answer is alive, also while it drains. Readiness needs what the work
//! needs, and says of each check whether it holds.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::BoxFuture;
use metering::{Scrape, UPKEEP_EVERY};
use serde_json::{Map, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Kind of what `/metrics` answers, as Prometheus asks for it.
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";
/// A check that takes longer has failed.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// One named thing that readiness needs; an error says in short what is wrong.
pub struct Check {
    /// Its name in the answer.
    pub name: &'static str,
    /// Looks; what is worth knowing although the check holds stands in the words, which are empty if nothing is.
    pub look: Box<dyn Fn() -> BoxFuture<'static, Result<String, String>> + Send + Sync>,
}

/// Answer of a check that holds: nothing, or words.
pub trait Words {
    /// Empty if there is nothing to say.
    fn words(self) -> String;
}

impl Words for () {
    fn words(self) -> String {
        String::new()
    }
}

impl Words for String {
    fn words(self) -> String {
        self
    }
}

impl Check {
    /// A check from a function.
    pub fn new<F, W>(name: &'static str, look: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<W, String>> + Send + 'static,
        W: Words,
    {
        Self {
            name,
            look: Box::new(move || {
                let looked = look();
                Box::pin(async move { looked.await.map(Words::words) })
            }),
        }
    }
}

/// Serves until `stop`, on an address that was bound by the caller, and does the recorder's upkeep meanwhile.
pub async fn serve(
    listener: TcpListener,
    checks: Vec<Check>,
    scrape: Scrape,
    stop: CancellationToken,
) -> Result<(), std::io::Error> {
    let (checks, scrape) = (Arc::new(checks), Arc::new(scrape));
    let answering = Arc::clone(&scrape);
    let app = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(move || ready(Arc::clone(&checks))))
        .route(
            "/metrics",
            get(async move || ([(CONTENT_TYPE, EXPOSITION)], answering.render())),
        );
    let serving = axum::serve(listener, app).with_graceful_shutdown(stop.clone().cancelled_owned());
    let (served, ()) = tokio::join!(serving.into_future(), scrape.keep_up(UPKEEP_EVERY, &stop));
    served
}

/// Binds the address that health and metrics are served on.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("listen on {address} (RELINK_HTTP_ADDRESS): {error}"))
}

async fn ready(checks: Arc<Vec<Check>>) -> Response {
    let mut is_ready = true;
    let mut answers = Map::new();
    for check in checks.iter() {
        let looked = tokio::time::timeout(CHECK_TIMEOUT, (check.look)()).await;
        let answer = looked.unwrap_or_else(|_| Err("no answer within 2 s".to_owned()));
        is_ready &= answer.is_ok();
        answers.insert(
            check.name.to_owned(),
            match answer {
                Ok(words) if words.is_empty() => json!("ok"),
                Ok(words) => json!(format!("ok, but {words}")),
                Err(words) => json!(words),
            },
        );
    }
    let status = if is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        axum::Json(json!({ "ready": is_ready, "checks": answers })),
    )
        .into_response()
}
