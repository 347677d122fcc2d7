//! The control API's part for what befalls many sessions, and the restarts of single ones.

use super::control::{Refused, loopback_only, refused, room_for_many, unknown};
use crate::control::{Burst, BurstView, LifeLine, OneOrMany, RestartLine, SessionRestart};
use crate::world::World;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/control/restarts", get(restarts).post(tell_restarts))
        .route("/control/burst", post(burst))
        .route("/control/lives", get(lives))
        .layer(room_for_many())
        .layer(middleware::from_fn(loopback_only))
}

async fn restarts(State(world): State<Arc<World>>) -> Json<Vec<RestartLine>> {
    Json(world.restarts().lines().to_vec())
}

async fn tell_restarts(
    State(world): State<Arc<World>>,
    Json(told): Json<OneOrMany<SessionRestart>>,
) -> Result<Json<Value>, Refused> {
    let told = Vec::from(told);
    for one in &told {
        if world.fleet().any(&one.session).is_none() {
            return Err(unknown(&one.session));
        }
    }
    let set = told.len();
    world.restarts().tell(told);
    Ok(Json(json!({ "set": set })))
}

async fn burst(
    State(world): State<Arc<World>>,
    Json(burst): Json<Burst>,
) -> Result<Json<BurstView>, Refused> {
    let view = world.burst(&burst);
    world.script_loaded.notify_one();
    if view.sessions.is_empty() {
        let error = "no healthy session fits";
        return Err(refused(StatusCode::CONFLICT, error));
    }
    Ok(Json(view))
}

async fn lives(State(world): State<Arc<World>>) -> Response {
    let line = |line: &LifeLine| json!(line).to_string() + "\n";
    let text: String = world.lives().lines().map(line).collect();
    ([(CONTENT_TYPE, "application/jsonl")], text).into_response()
}
