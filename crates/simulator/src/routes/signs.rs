//! Signs of life, for supervisors and Prometheus.

use crate::world::World;
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;

/// A simulator that answers at all is alive and ready: it waits for nothing else.
pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async || "ok\n"))
        .route("/metrics", get(metrics))
}

async fn metrics(State(world): State<Arc<World>>) -> Response {
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4")],
        world.counted().exposition(),
    )
        .into_response()
}
