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
    pub(crate) body: String,
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
    let (seen, body) = (Arc::new(Mutex::new(Vec::new())), body.into());
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), (*value).to_owned()))
        .collect();
    let (log, headers) = (Arc::clone(&seen), Arc::new(headers));
    let router = Router::new().fallback(move |request: Request| {
        let (log, headers, body) = (Arc::clone(&log), Arc::clone(&headers), body.clone());
        async move {
            let request = read(request).await;
            log.lock().unwrap().push(request);
            answer(status, &headers, body)
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
    Seen {
        line: format!("{} {}", head.method, head.uri),
        key: head
            .headers
            .get("x-api-key")
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default(),
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
