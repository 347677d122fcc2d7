//! What every request of the provider's side passes: the log first, then the faults, then the key, then its route.

use crate::control::{Action, ActionFaultKind, DeleteLine, LogLine, SessionFaultKind};
use crate::faults::{Fault, RequestFacts, ServerError};
use crate::net::Peer;
use crate::problem::{Problem, edge_page};
use crate::routes::route_of;
use crate::skew::shown;
use crate::world::World;
use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// More than any call of the provider needs.
const BODY_BYTES_MAX: usize = 1 << 20;
/// The pieces in which a flood is sent.
const FLOOD_PIECE: &[u8] = &[b' '; 64 << 10];

/// The route that ends a session, as the log names it.
const DELETE: &str = "DELETE /accounts/{id}";

/// The number of a request in the log, for its route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seq(pub(crate) u64);

/// The middleware.
pub(crate) async fn pass(
    State(world): State<Arc<World>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await;
    let key_ok = has_key(&parts.headers, &world.api_key);
    let line = arrival(
        &world,
        &parts.method,
        &parts.uri,
        key_ok,
        body.as_deref().unwrap_or_default(),
    );
    let (route, account) = (line.route.clone(), line.account.clone());
    count_arrival(&world, &line);
    let delete = removal(&world, &line);
    let seq = world.log().arrived(line);
    if let Some(line) = delete {
        world.removals().arrived(DeleteLine { seq, ..line });
    }

    let asked = RequestFacts {
        route: &route,
        action: action_of(&route, &parts.uri, body.as_deref().unwrap_or_default()),
        account: account.as_deref(),
    };
    let verdict = world.verdict(&asked, seq);
    tokio::time::sleep(verdict.latency).await;
    let answer = match (body, instead(verdict.fault)) {
        (_, Some(answer)) => answer,
        (Err(_), None) => Problem::content_too_large().into_response(),
        (Ok(_), None) if !key_ok && parts.uri.path().starts_with("/api/") => {
            Problem::missing_credentials().into_response()
        }
        (Ok(body), None) => {
            world.log().executing(seq);
            let mut request = Request::from_parts(parts, Body::from(body));
            request.extensions_mut().insert(Seq(seq));
            let answer = next.run(request).await;
            instead_after(verdict.fault).unwrap_or(answer)
        }
    };
    let answer = shown(&world, answer).await;

    let mute = verdict.fault.is_some_and(Fault::is_mute);
    let status = (!mute).then(|| answer.status().as_u16());
    let fault = verdict.fault.map(Fault::name);
    world.counts().answered(&route, status, fault);
    world.log().answered(seq, status, fault, world.clock.now());
    if route == DELETE {
        world.removals().answered(seq, status, fault);
    }
    spoil(verdict.fault, answer, &peer).await
}

/// The outward effect that a request may have; read from its head and, where that does not say, its body's bytes.
fn action_of(route: &str, uri: &Uri, body: &[u8]) -> Option<Action> {
    let holds = |wanted: &[u8]| body.windows(wanted.len()).any(|bytes| bytes == wanted);
    match route {
        "POST /users/invite" => Some(Action::Invite),
        "DELETE /users/invite/sent/{id}" => Some(Action::WithdrawInvite),
        "GET /users/{identifier}" => {
            let query = uri.query().unwrap_or_default();
            let seen = query.split('&').any(|pair| pair == "notify=true");
            seen.then_some(Action::ProfileView)
        }
        "POST /chats" if holds(b"linkedin[inmail]") => Some(Action::Inmail),
        "POST /chats" | "POST /chats/{id}/messages" => Some(Action::Message),
        "POST /emails" => Some(Action::Email),
        "POST /linkedin" => Some(Action::RemoveConnection),
        _ => None,
    }
}

fn has_key(headers: &HeaderMap, api_key: &str) -> bool {
    headers
        .get("x-api-key")
        .is_some_and(|key| key.as_bytes() == api_key.as_bytes())
}

fn arrival(world: &World, method: &Method, uri: &Uri, key_ok: bool, body: &[u8]) -> LogLine {
    let (route, account) = route_of(method, uri);
    let digest = (!body.is_empty()).then(|| hex(&Sha256::digest(body)));
    LogLine {
        seq: 0,
        at: world.clock.now(),
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().map(ToOwned::to_owned),
        route,
        account,
        key_ok,
        body_bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
        body_digest: digest,
        executed: false,
        effect: None,
        fault: None,
        status: None,
        answered_at: None,
    }
}

/// In lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let nibble = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [nibble(byte >> 4), nibble(byte & 15)])
        .collect()
}

fn count_arrival(world: &World, line: &LogLine) {
    let mut counts = world.counts();
    counts.requests += 1;
    counts.wrong_keys += u64::from(!line.key_ok && line.path.starts_with("/api/"));
    counts.delete_requests += u64::from(line.route == DELETE);
}

/// What the list of deletes says of a request when it arrives.
fn removal(world: &World, line: &LogLine) -> Option<DeleteLine> {
    let session = line.account.clone().filter(|_| line.route == DELETE)?;
    Some(DeleteLine {
        seq: 0,
        at: line.at,
        existed: world.fleet().live(&session).is_some(),
        session,
        key_ok: line.key_ok,
        deleted: false,
        fault: None,
        status: None,
    })
}

/// The answer of a fault that keeps the request from being executed.
fn instead(fault: Option<Fault>) -> Option<Response> {
    match fault? {
        Fault::Html404 => Some(edge_page(StatusCode::NOT_FOUND)),
        Fault::Redirect => {
            let elsewhere = [(
                header::LOCATION,
                HeaderValue::from_static("/api/v1/elsewhere"),
            )];
            Some((StatusCode::FOUND, elsewhere).into_response())
        }
        Fault::TooManyRequests {
            retry_after_seconds,
        } => {
            let problem = Problem {
                retry_after_seconds,
                ..Problem::too_many_requests()
            };
            Some(problem.into_response())
        }
        Fault::ServerError(ServerError::Unexpected) => Some(Problem::unexpected().into_response()),
        Fault::ServerError(ServerError::BadGatewayPage) => Some(edge_page(StatusCode::BAD_GATEWAY)),
        Fault::ServerError(ServerError::Unavailable) => {
            Some(Problem::unavailable().into_response())
        }
        Fault::ServerError(ServerError::Timeout) => Some(Problem::timeout().into_response()),
        Fault::Unauthorized => Some(Problem::missing_credentials().into_response()),
        Fault::Told(kind) => Some(told(kind)),
        Fault::Struck(ActionFaultKind::ErrorBefore | ActionFaultKind::ResetBefore, _) => {
            Some(Problem::unexpected().into_response())
        }
        Fault::Reset
        | Fault::SlowBody { .. }
        | Fault::HugeBody { .. }
        | Fault::Struck(
            ActionFaultKind::Latency
            | ActionFaultKind::ErrorAfter
            | ActionFaultKind::ResetAfter
            | ActionFaultKind::SilenceAfter
            | ActionFaultKind::SlowAfter
            | ActionFaultKind::UndecodableAfter,
            _,
        ) => None,
    }
}

fn told(kind: SessionFaultKind) -> Response {
    match kind {
        SessionFaultKind::Gone => Problem::account_not_found().into_response(),
        SessionFaultKind::OtherGone => Problem::not_found("Attendee not found").into_response(),
        SessionFaultKind::Html404 => edge_page(StatusCode::NOT_FOUND),
        SessionFaultKind::Empty404 => StatusCode::NOT_FOUND.into_response(),
        SessionFaultKind::Unauthorized => Problem::missing_credentials().into_response(),
        SessionFaultKind::ServerError => Problem::unexpected().into_response(),
        SessionFaultKind::Disconnected => Problem::disconnected_account().into_response(),
        SessionFaultKind::Checkpoint => Problem::checkpoint_error().into_response(),
        SessionFaultKind::Nameless => profile(None),
        SessionFaultKind::Stranger => profile(Some("id-of-a-stranger")),
    }
}

fn profile(person: Option<&str>) -> Response {
    let body =
        json!({ "object": "AccountOwnerProfile", "provider": "LINKEDIN", "provider_id": person });
    Json(body).into_response()
}

/// The answer of a fault that lets the request be executed and then tells otherwise.
fn instead_after(fault: Option<Fault>) -> Option<Response> {
    matches!(fault, Some(Fault::Struck(ActionFaultKind::ErrorAfter, _)))
        .then(|| Problem::unexpected().into_response())
}

/// The effect of a fault that strikes on the way back.
async fn spoil(fault: Option<Fault>, answer: Response, peer: &Peer) -> Response {
    use ActionFaultKind::{ResetAfter, ResetBefore, SilenceAfter, SlowAfter, UndecodableAfter};
    match fault {
        // When the client leaves first, this ends with its connection.
        Some(Fault::Struck(SilenceAfter, time)) => {
            tokio::time::sleep(time).await;
            peer.hangup.pull();
            answer
        }
        Some(Fault::Struck(SlowAfter, time)) => {
            tokio::time::sleep(time).await;
            answer
        }
        Some(Fault::Struck(UndecodableAfter, _)) => cut(answer).await,
        Some(Fault::Reset | Fault::Struck(ResetBefore | ResetAfter, _)) => {
            peer.hangup.pull();
            answer
        }
        Some(Fault::SlowBody { gap }) => with_body(answer, |body| drip(body, gap)),
        Some(Fault::HugeBody { bytes }) => with_body(answer, |body| flood(body, bytes)),
        _ => answer,
    }
}

/// The first half of the answer's body, as if it were all of it.
async fn cut(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = to_bytes(body, BODY_BYTES_MAX).await.unwrap_or_default();
    Response::from_parts(parts, Body::from(body.slice(..body.len() / 2)))
}

fn with_body(answer: Response, change: impl FnOnce(Body) -> Body) -> Response {
    let (mut parts, body) = answer.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, change(body))
}

fn drip(body: Body, gap: Duration) -> Body {
    let bytes = body.into_data_stream().flat_map(|piece| {
        let piece = piece.unwrap_or_default();
        stream::iter((0..piece.len()).map(move |place| piece.slice(place..=place)))
    });
    Body::from_stream(bytes.then(move |byte| async move {
        tokio::time::sleep(gap).await;
        Ok::<Bytes, Infallible>(byte)
    }))
}

/// White space after JSON is still JSON, so only a bound on the size helps.
fn flood(body: Body, bytes: u64) -> Body {
    let pieces = usize::try_from(bytes)
        .unwrap_or(usize::MAX)
        .div_ceil(FLOOD_PIECE.len());
    let flood = stream::iter((0..pieces).map(|_| Ok(Bytes::from_static(FLOOD_PIECE))));
    Body::from_stream(body.into_data_stream().chain(flood))
}
