//! A listener: connections with limits, and around each request what all have: an id, a slot, a line in the log, metrics.

use crate::app::App;
use crate::door::{Answered, Peer};
use crate::methods::label;
use crate::problem::Problem;
use crate::rates::Asker;
use crate::request_id::{name_answer, request_id};
use crate::wire::check_head;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use metering::labels::http_outcome;
use metrics::{counter, histogram};
use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Headers of a request at most.
const HEADERS_MAX: usize = 64;
/// Bytes of a request's head at most.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// After an error of the listener itself, like too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// One listener and what it serves.
pub(crate) struct Listener {
    /// `product`, `ops` or `webhooks`.
    pub(crate) name: &'static str,
    pub(crate) socket: TcpListener,
    pub(crate) router: Router,
    pub(crate) app: Arc<App>,
    pub(crate) connections_max: usize,
    /// How long the head of a request may take, and how long an idle connection lives.
    pub(crate) head_timeout: Duration,
}

impl Listener {
    /// Serves until `stop`, then finishes what it has begun to answer.
    pub(crate) async fn serve(self, stop: CancellationToken) {
        let seats = Arc::new(Semaphore::new(self.connections_max));
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.head_timeout)
            .max_headers(HEADERS_MAX)
            .max_buf_size(HEAD_BYTES_MAX);
        loop {
            // Those that have ended; what they ended with was logged.
            while connections.try_join_next().is_some() {}
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = accept(&self.socket, &seats) => accepted,
            };
            let (stream, peer, seat) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(listener = self.name, error = %error, "no connection was accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let (name, router, app) = (self.name, self.router.clone(), Arc::clone(&self.app));
            let service = service_fn(move |request| {
                let (router, app) = (router.clone(), Arc::clone(&app));
                async move { Ok::<_, Infallible>(answer(name, &app, router, peer, request).await) }
            });
            let connection = http.serve_connection(TokioIo::new(stream), service);
            let connection = graceful.watch(connection);
            connections.spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(
                        listener = name,
                        error = fleet::chain(&error),
                        "a connection broke"
                    );
                }
                drop(seat);
            });
        }
        drop(self.socket);
        graceful.shutdown().await;
        while connections.join_next().await.is_some() {}
    }
}

async fn accept(
    socket: &TcpListener,
    seats: &Arc<Semaphore>,
) -> Result<
    (
        tokio::net::TcpStream,
        IpAddr,
        tokio::sync::OwnedSemaphorePermit,
    ),
    std::io::Error,
> {
    let seat = Arc::clone(seats).acquire_owned().await;
    let seat = seat.map_err(std::io::Error::other)?;
    let (stream, peer) = socket.accept().await?;
    // Answers are small; none waits for another.
    stream.set_nodelay(true)?;
    Ok((stream, peer.ip(), seat))
}

async fn answer(
    listener: &'static str,
    app: &App,
    router: Router,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Response {
    let started = Instant::now();
    let (id, method) = (request_id(&request), label(request.method()));
    let asker = Asker::of(request.headers(), peer);
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    let head = check_head(request.version(), request.headers());
    let mut response = match (app.slots.try_acquire(), head) {
        (Err(_), _) => Problem::later("too many requests are being answered").into_response(),
        (Ok(_slot), Err(problem)) => app.astray(peer, problem).into_response(),
        (Ok(_slot), Ok(())) => {
            let called = TowerToHyperService::new(router).call(request);
            let called = AssertUnwindSafe(called).catch_unwind().await;
            match called {
                Ok(Ok(response)) => response,
                Ok(Err(impossible)) => match impossible {},
                Err(_) => Problem::broken("a handler panicked").into_response(),
            }
        }
    };
    name_answer(&mut response, &id);
    asker.tell(&app.limits, &mut response);
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    let answered = response.extensions_mut().remove::<Answered>();
    let answered = answered.unwrap_or_default();
    let (route, status) = (answered.route.unwrap_or("none"), response.status());
    let took = started.elapsed();
    counted(listener, status, took);
    let (token, by) = answered.by.unwrap_or_default();
    tracing::info!(
        listener,
        method,
        route,
        status = status.as_u16(),
        token,
        by,
        request = id,
        took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    response
}

fn counted(listener: &'static str, status: StatusCode, took: Duration) {
    let outcome = http_outcome(status.as_u16());
    counter!("relink_api_requests_total", "listener" => listener, "outcome" => outcome)
        .increment(1);
    histogram!("relink_api_request_duration_seconds", "listener" => listener)
        .record(took.as_secs_f64());
}
