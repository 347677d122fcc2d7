//! The control API: how tests and `relink up` steer the provider and ask the referee.

use super::{connect, names, owner};
use crate::control::{
    Change, Completion, Counts, Deletes, Faults, LinkView, NewSession, NewSessions, Odd, Script,
    ScriptView, SessionView,
};
use crate::counts::Cause;
use crate::net::Peer;
use crate::world::World;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Enough for a hundred thousand sessions in one call.
const BODY_BYTES_MAX: usize = 64 << 20;
/// How many log lines one call answers when it does not say.
pub(super) const LINES: usize = 10_000;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/control/sessions", get(sessions).post(create))
        .route("/control/sessions/bulk", post(change_many))
        .route("/control/sessions/{id}", get(session).post(change))
        .route("/control/faults", get(faults).put(set_faults))
        .route("/control/oddities", post(set_oddities))
        .route("/control/log", get(log))
        .route("/control/deletes", get(deletes))
        .route("/control/counts", get(counts))
        .route("/control/script", get(script).post(load_script))
        .route("/control/links", get(links))
        .route("/control/links/{token}", post(complete))
        .route("/control/checkpoints/{id}", post(confirm))
        .layer(room_for_many())
        .layer(middleware::from_fn(loopback_only))
}

/// Control calls may be longer than the provider's.
pub(super) fn room_for_many() -> DefaultBodyLimit {
    DefaultBodyLimit::max(BODY_BYTES_MAX)
}

/// Why a control call was refused.
pub(super) struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

pub(super) fn refused(status: StatusCode, error: &(impl ToString + ?Sized)) -> Refused {
    Refused(status, error.to_string())
}

/// There is no key, so there must be no way in from elsewhere.
pub(super) async fn loopback_only(
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    if peer.address.ip().is_loopback() {
        return next.run(request).await;
    }
    refused(
        StatusCode::FORBIDDEN,
        "the control API is open to loopback only",
    )
    .into_response()
}

async fn create(
    State(world): State<Arc<World>>,
    Json(new): Json<NewSessions>,
) -> Result<(StatusCode, Json<Vec<SessionView>>), Refused> {
    let new = match new {
        NewSessions::Listed { sessions } => sessions,
        NewSessions::Counted { count, .. } if count > crate::state::SESSIONS_MAX => {
            return Err(refused(
                StatusCode::BAD_REQUEST,
                "that is more than the simulator holds",
            ));
        }
        NewSessions::Counted { count, kind } => vec![
            NewSession {
                kind,
                ..NewSession::default()
            };
            count
        ],
    };
    let created: Result<Vec<_>, _> = new
        .into_iter()
        .map(|new| world.create(new, Cause::Control))
        .collect();
    let created = created.map_err(|refusal| refused(StatusCode::CONFLICT, &refusal))?;
    Ok((StatusCode::CREATED, Json(created)))
}

async fn set_oddities(State(world): State<Arc<World>>, Json(odd): Json<Vec<Odd>>) -> Json<Value> {
    let set = odd.len();
    world.oddities().set(odd);
    Json(json!({ "odd": set }))
}

pub(super) fn unknown(id: &str) -> Refused {
    refused(
        StatusCode::NOT_FOUND,
        &format!("there never was a session {id}"),
    )
}

async fn sessions(State(world): State<Arc<World>>) -> Json<Vec<SessionView>> {
    Json(world.fleet().every().map(SessionView::from).collect())
}

async fn session(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<SessionView>, Refused> {
    world
        .fleet()
        .any(&id)
        .map(|session| Json(session.into()))
        .ok_or_else(|| unknown(&id))
}

async fn change(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Json(change): Json<Change>,
) -> Result<Json<SessionView>, Refused> {
    let (_, view) = world
        .change(&id, &change, Cause::Control)
        .ok_or_else(|| unknown(&id))?;
    Ok(Json(view))
}

async fn change_many(
    State(world): State<Arc<World>>,
    Json(changes): Json<Vec<Change>>,
) -> Result<Json<Value>, Refused> {
    for change in &changes {
        let id = change.id.as_deref().unwrap_or_default();
        if world.fleet().any(id).is_none() {
            return Err(unknown(id));
        }
    }
    for change in &changes {
        world.change(
            change.id.as_deref().unwrap_or_default(),
            change,
            Cause::Control,
        );
    }
    Ok(Json(json!({ "changed": changes.len() })))
}

async fn faults(State(world): State<Arc<World>>) -> Json<Faults> {
    Json(world.faults())
}

async fn set_faults(
    State(world): State<Arc<World>>,
    Json(faults): Json<Faults>,
) -> Result<Json<Faults>, Refused> {
    let mut routes = faults
        .actions
        .iter()
        .filter_map(|fault| fault.route.as_deref())
        .chain(faults.sessions.iter().map(|fault| fault.route.as_str()));
    if let Some(route) = routes.find(|route| !names::is_known(route)) {
        let error = format!("there is no route {route}");
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, &error));
    }
    world.set_faults(faults.clone());
    Ok(Json(faults))
}

#[derive(Deserialize)]
pub(super) struct LogQuery {
    pub(super) since: Option<u64>,
    pub(super) limit: Option<usize>,
}

async fn log(State(world): State<Arc<World>>, Query(query): Query<LogQuery>) -> Response {
    let mut text = String::new();
    let log = world.log();
    for line in log.since(query.since.unwrap_or(0), query.limit.unwrap_or(LINES)) {
        text.push_str(&json!(line).to_string());
        text.push('\n');
    }
    ([(CONTENT_TYPE, "application/jsonl")], text).into_response()
}

async fn deletes(State(world): State<Arc<World>>) -> Json<Deletes> {
    Json(world.removals().view())
}

async fn counts(State(world): State<Arc<World>>) -> Json<Counts> {
    Json(world.counted())
}

async fn script(State(world): State<Arc<World>>) -> Json<ScriptView> {
    Json(world.script_view())
}

async fn load_script(
    State(world): State<Arc<World>>,
    Json(script): Json<Script>,
) -> Result<Json<ScriptView>, Refused> {
    world
        .load_script(script)
        .map(Json)
        .map_err(|error| refused(StatusCode::BAD_REQUEST, error))
}

async fn links(State(world): State<Arc<World>>) -> Json<Vec<LinkView>> {
    Json(world.links().all())
}

async fn complete(
    State(world): State<Arc<World>>,
    Path(token): Path<String>,
    Json(how): Json<Completion>,
) -> Result<Json<LinkView>, Refused> {
    owner::complete(&world, &token, how)
        .map(Json)
        .map_err(|(status, error)| refused(status, error))
}

/// The owner confirms in the app.
async fn confirm(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response {
    connect::pass_checkpoint(&world, &id).unwrap_or_else(IntoResponse::into_response)
}
