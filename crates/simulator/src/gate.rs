//! What every request of the provider's side passes: the log first, then the faults, then the key, then its route.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};

use crate::{
    control::LogLine,
    faults::{Fault, ServerError, verdict},
    net::Peer,
    routes::route_of,
    wire::{Problem, edge_page},
    world::World,
};

/// More than any call of the provider needs.
const BODY_BYTES_MAX: usize = 1 << 20;
/// The pieces in which a flood is sent.
const FLOOD_PIECE: &[u8] = &[b' '; 64 << 10];

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
    let route = line.route.clone();
    count_arrival(&world, &line);
    let seq = world.log().arrived(line);

    let verdict = verdict(&world.faults(), world.chance, seq);
    tokio::time::sleep(verdict.latency).await;
    let answer = match (body, instead(verdict.fault)) {
        (_, Some(answer)) => answer,
        (Err(_), None) => Problem::content_too_large().into_response(),
        (Ok(_), None) if !key_ok && parts.uri.path().starts_with("/api/") => {
            Problem::missing_credentials().into_response()
        }
        (Ok(body), None) => next.run(Request::from_parts(parts, Body::from(body))).await,
    };

    let status = (verdict.fault != Some(Fault::Reset)).then(|| answer.status().as_u16());
    let fault = verdict.fault.map(Fault::name);
    world.counts().answered(&route, status, fault);
    world.log().answered(seq, status, fault, world.clock.now());
    spoil(verdict.fault, answer, &peer)
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
        fault: None,
        status: None,
        answered_at: None,
    }
}

fn hex(bytes: &[u8]) -> String {
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
    counts.delete_requests += u64::from(line.route == "DELETE /accounts/{id}");
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
            let mut answer = Problem::too_many_requests().into_response();
            if let Some(seconds) = retry_after_seconds {
                answer
                    .headers_mut()
                    .insert(header::RETRY_AFTER, seconds.into());
            }
            Some(answer)
        }
        Fault::ServerError(ServerError::Unexpected) => Some(Problem::unexpected().into_response()),
        Fault::ServerError(ServerError::BadGatewayPage) => Some(edge_page(StatusCode::BAD_GATEWAY)),
        Fault::ServerError(ServerError::Unavailable) => {
            Some(Problem::unavailable().into_response())
        }
        Fault::ServerError(ServerError::Timeout) => Some(Problem::timeout().into_response()),
        Fault::Unauthorized => Some(Problem::missing_credentials().into_response()),
        Fault::Reset | Fault::SlowBody { .. } | Fault::HugeBody { .. } => None,
    }
}

/// The effect of a fault that strikes on the way back.
fn spoil(fault: Option<Fault>, answer: Response, peer: &Peer) -> Response {
    match fault {
        Some(Fault::Reset) => {
            peer.hangup.pull();
            answer
        }
        Some(Fault::SlowBody { gap }) => with_body(answer, |body| drip(body, gap)),
        Some(Fault::HugeBody { bytes }) => with_body(answer, |body| flood(body, bytes)),
        _ => answer,
    }
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
