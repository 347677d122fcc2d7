//! Servers on loopback: one that answers HTTP as told, one that does to the bare socket what no HTTP server would.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use policy::ids::SessionId;
use provider::{Config, Unipile};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

pub(crate) const KEY: &str = "k3y-that-must-not-leak";

/// What a request said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) key: String,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Seen {
    /// Names and texts of a multipart body, in its order; checks that it is well formed.
    pub(crate) fn parts(&self) -> Vec<(String, String)> {
        let (kind, boundary) = self.content_type.split_once("; boundary=").unwrap();
        assert_eq!(kind, "multipart/form-data");
        let body = self
            .body
            .strip_suffix(&format!("--{boundary}--\r\n"))
            .unwrap();
        let delimiter = format!("--{boundary}\r\n");
        let parts = body.split(&delimiter).skip(1);
        let read = |part: &str| {
            let (head, text) = part.split_once("\r\n\r\n").unwrap();
            let head = head
                .strip_prefix("Content-Disposition: form-data; name=\"")
                .unwrap();
            let name = head.strip_suffix('"').unwrap();
            (
                name.to_owned(),
                text.strip_suffix("\r\n").unwrap().to_owned(),
            )
        };
        parts.map(read).collect()
    }
}

/// An HTTP server that gives one answer to everything and remembers what it was asked.
pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// Serves `body` with `status` and `headers` to every request.
pub(crate) async fn serve(
    status: u16,
    headers: &[(&'static str, &str)],
    body: impl Into<String>,
) -> Server {
    let body = body.into();
    let headers = owned(headers);
    serve_by(move |_| answer(status, &headers, body.clone())).await
}

/// Serves JSON as `respond` decides from a request's line.
pub(crate) async fn script(
    respond: impl Fn(&str) -> (u16, String) + Clone + Send + Sync + 'static,
) -> Server {
    serve_by(move |seen| {
        let (status, body) = respond(&seen.line);
        answer(status, &[], body)
    })
    .await
}

/// The same, with these headers.
pub(crate) async fn serve_by_headers(
    headers: &[(&'static str, &str)],
    respond: impl Fn(&str) -> (u16, String) + Clone + Send + Sync + 'static,
) -> Server {
    let headers = owned(headers);
    serve_by(move |seen| {
        let (status, body) = respond(&seen.line);
        answer(status, &headers, body)
    })
    .await
}

fn owned(headers: &[(&'static str, &str)]) -> Arc<Vec<(HeaderName, String)>> {
    let owned = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), (*value).to_owned()));
    Arc::new(owned.collect())
}

async fn serve_by(respond: impl Fn(&Seen) -> Response + Clone + Send + Sync + 'static) -> Server {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let router = Router::new().fallback(move |request: Request| {
        let (log, respond) = (Arc::clone(&log), respond.clone());
        async move {
            let request = read(request).await;
            log.lock().unwrap().push(request.clone());
            respond(&request)
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Server { at, seen }
}

fn answer(status: u16, headers: &[(HeaderName, String)], body: String) -> Response {
    let mut response = body.into_response();
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        let value = value.parse().unwrap();
        response.headers_mut().insert(name.clone(), value);
    }
    response
}

async fn read(request: Request) -> Seen {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let header = |name: &str| {
        let value = head.headers.get(name);
        value
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    };
    Seen {
        line: format!("{} {}", head.method, head.uri),
        key: header("x-api-key"),
        content_type: header("content-type"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// Hands each connection to `act`, which may do to it what it likes.
pub(crate) async fn raw<F>(act: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(act(stream));
        }
    });
    at
}

/// Reads a request to the end of its body, whose length it must tell.
pub(crate) async fn whole(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.unwrap();
}

/// Reads a request without a body to its end.
pub(crate) async fn head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
}

pub(crate) fn config(at: SocketAddr) -> Config {
    let mut config = Config::new(format!("http://{at}"), KEY.into());
    config.total_timeout = Duration::from_secs(10);
    config
}

pub(crate) fn client(at: SocketAddr) -> Unipile {
    Unipile::new(config(at)).unwrap()
}

pub(crate) fn id(text: &str) -> SessionId {
    SessionId(text.to_owned())
}
