//! A simulator, a bare socket that does what no HTTP server would, and who calls them.

use crate::{Caller, KillSwitch, Permit};
use jiff::Timestamp;
use policy::ids::{RemovalId, SessionId};
use policy::interlock::Outcome;
use provider::{Config, Unipile};
use simulator::control::{DeleteLine, Deletes, LogLine};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

pub(super) const KEY: &str = "k3y_that_must_not_leak";

/// One running simulator; it stops when this is dropped.
pub(super) struct Rig {
    pub(super) at: SocketAddr,
    _stop: DropGuard,
}

impl Rig {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("an address");
        let start: Timestamp = "2026-03-01T10:00:00Z".parse().expect("a time");
        let stop = CancellationToken::new();
        let config = simulator::Config::new(KEY, start);
        tokio::spawn(simulator::serve(listener, config, stop.clone()));
        Self {
            at,
            _stop: stop.drop_guard(),
        }
    }

    /// Creates these sessions.
    pub(super) async fn sessions(&self, ids: &[&str]) {
        let sessions: Vec<_> = ids
            .iter()
            .map(|id| serde_json::json!({ "id": id }))
            .collect();
        let body = serde_json::json!({ "sessions": sessions }).to_string();
        let (status, text) = ask(self.at, "POST", "/control/sessions", &body).await;
        assert_eq!(status, 201, "{text}");
    }

    /// Plants faults, in the form of the control API.
    pub(super) async fn faults(&self, faults: serde_json::Value) {
        let (status, text) = ask(self.at, "PUT", "/control/faults", &faults.to_string()).await;
        assert_eq!(status, 200, "{text}");
    }

    /// Every request to delete that it got.
    pub(super) async fn removals(&self) -> Vec<DeleteLine> {
        let (_, text) = ask(self.at, "GET", "/control/deletes", "").await;
        let seen: Deletes = serde_json::from_str(&text).expect("the list");
        seen.requests
    }

    /// Every request that it got.
    pub(super) async fn log(&self) -> Vec<LogLine> {
        let (_, text) = ask(self.at, "GET", "/control/log", "").await;
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().expect("log lines")
    }
}

/// One request without a library, and its answer's status and body.
async fn ask(at: SocketAddr, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(at).await.expect("a connection");
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: simulator\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).expect("a status");
    (status.parse().expect("a number"), body.to_owned())
}

/// A server of one's own on a bare socket: remembers each connection's first line, then lets `act` answer, and
/// remembers what else came.
pub(super) struct Raw {
    pub(super) at: SocketAddr,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Raw {
    pub(super) async fn start<F>(act: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = String> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("an address");
        let lines = Arc::new(Mutex::new(vec![]));
        let seen = Arc::clone(&lines);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let line = first_line(&mut stream).await;
                seen.lock().expect("no panic").push(line);
                let (act, seen) = (act(stream), Arc::clone(&seen));
                tokio::spawn(async move {
                    let more = act.await;
                    if !more.is_empty() {
                        seen.lock().expect("no panic").push(more);
                    }
                });
            }
        });
        Self { at, lines }
    }

    /// Answers these bytes, and then keeps the connection open until the client closes it.
    pub(super) async fn saying(answer: impl Into<String>) -> Self {
        let answer: Arc<str> = answer.into().into();
        Self::start(move |mut stream| {
            let answer = Arc::clone(&answer);
            async move {
                // The client may have gone when it has read enough.
                stream.write_all(answer.as_bytes()).await.ok();
                let mut more = vec![];
                stream.read_to_end(&mut more).await.ok();
                String::from_utf8_lossy(&more).into_owned()
            }
        })
        .await
    }

    /// The first line of each connection so far, and whatever followed the first request on it.
    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no panic").clone()
    }
}

/// Reads the head of a request without a body.
async fn first_line(stream: &mut TcpStream) -> String {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a whole head"));
    }
    let head = String::from_utf8(head).expect("a text");
    head.lines().next().expect("a line").to_owned()
}

pub(super) fn config(at: SocketAddr) -> Config {
    let mut config = Config::new(format!("http://{at}"), KEY.into());
    config.total_timeout = Duration::from_secs(10);
    config
}

pub(super) fn permit(session: &str) -> Permit {
    let removal = RemovalId(Uuid::from_u128(1));
    Permit::of_row(removal, SessionId(session.to_owned()), Instant::now())
}

pub(super) fn on() -> KillSwitch {
    KillSwitch::at_start(Some("true"))
}

/// Calls with a fresh permit and everything on; `after` is asked of `gets`.
pub(super) async fn call(config: &Config, gets: SocketAddr, session: &str) -> Outcome {
    let provider = Unipile::new(self::config(gets)).expect("a client");
    let caller = Caller::new(config).expect("a caller");
    caller.call(&on(), permit(session), &provider).await
}

/// As [`call`], with one simulator for both.
pub(super) async fn call_at(rig: &Rig, session: &str) -> Outcome {
    call(&config(rig.at), rig.at, session).await
}
