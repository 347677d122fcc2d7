//! A simulator on a port of its own, and someone who listens to its webhooks.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jiff::Timestamp;
use serde_json::{Value, json};
use simulator::Config;
use simulator::control::{Counts, LogLine, NewSession, SessionView};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The only key that is let in.
pub(crate) const KEY: &str = "right-key";
/// No test waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// When the simulators of these tests start.
pub(crate) fn start_time() -> Timestamp {
    "2026-03-01T10:00:00Z".parse().expect("a time")
}

/// One running simulator.
pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    client: reqwest::Client,
    stop: CancellationToken,
    task: JoinHandle<Result<(), simulator::ServeError>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("a JSON body")
    }
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(adjust: impl FnOnce(&mut Config)) -> Self {
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut config = Config::new(KEY, start_time());
        adjust(&mut config);
        let stop = CancellationToken::new();
        let task = tokio::spawn(simulator::serve(listener, config, stop.clone()));
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .expect("a client");
        Self {
            address,
            client,
            stop,
            task,
        }
    }

    /// Ends it as an operator would.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.task)
            .await
            .expect("it stops in time");
        ended
            .expect("it does not panic")
            .expect("it stops without an error");
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(method, path, Some(KEY), body)
            .await
            .expect("an answer")
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<Value>,
    ) -> Result<Answer, reqwest::Error> {
        let method: reqwest::Method = method.parse().expect("a method");
        let mut request = self.client.request(method, self.url(path));
        if let Some(key) = key {
            request = request.header("X-API-KEY", key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Answer {
            status,
            headers,
            text: answer.text().await?,
        })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    /// Sends a form as a browser does: without a key, and without following where it is sent on.
    pub(crate) async fn fill(&self, path: &str, form: &'static str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        let request = self.client.post(self.url(path)).body(form);
        let answer = request.header("Content-Type", kind).send().await;
        let answer = answer.expect("an answer");
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.expect("a page"),
        }
    }

    pub(crate) async fn faults(&self, faults: Value) {
        let answer = self.call("PUT", "/control/faults", Some(faults)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    pub(crate) async fn sessions(&self, sessions: &[NewSession]) -> Vec<SessionView> {
        let answer = self
            .post("/control/sessions", json!({ "sessions": sessions }))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        serde_json::from_str(&answer.text).expect("session views")
    }

    pub(crate) async fn session(&self) -> String {
        self.sessions(&[NewSession::default()]).await.remove(0).id
    }

    pub(crate) async fn change(&self, id: &str, change: Value) {
        let answer = self.post(&format!("/control/sessions/{id}"), change).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    pub(crate) async fn counts(&self) -> Counts {
        serde_json::from_value(self.get("/control/counts").await.json()).expect("counts")
    }

    pub(crate) async fn log(&self) -> Vec<LogLine> {
        let answer = self.get("/control/log").await;
        answer
            .text
            .lines()
            .map(|line| serde_json::from_str(line).expect("a log line"))
            .collect()
    }

    /// Asks the referee until the counters are as wanted.
    pub(crate) async fn counted(&self, holds: impl Fn(&Counts) -> bool) -> Counts {
        let wait = async {
            loop {
                let counts = self.counts().await;
                if holds(&counts) {
                    return counts;
                }
                tokio::task::yield_now().await;
            }
        };
        if let Ok(counts) = tokio::time::timeout(PATIENCE, wait).await {
            return counts;
        }
        panic!("the counters never came to it: {:#?}", self.counts().await);
    }
}

/// What a webhook or callback brought.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A receiver of webhooks and callbacks.
pub(crate) struct Ear {
    pub(crate) url: String,
    heard: mpsc::UnboundedReceiver<Heard>,
}

#[derive(Clone)]
struct Hearing {
    sender: mpsc::UnboundedSender<Heard>,
    refusals: Arc<AtomicUsize>,
}

impl Ear {
    /// Answers 202 to the first `refusals` requests, and 200 from then on.
    pub(crate) async fn open(refusals: usize) -> Self {
        let (sender, heard) = mpsc::unbounded_channel();
        let hearing = Hearing {
            sender,
            refusals: Arc::new(AtomicUsize::new(refusals)),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hear", listener.local_addr().expect("an address"));
        let app = Router::new().route("/hear", post(hear)).with_state(hearing);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, heard }
    }

    pub(crate) async fn next(&mut self) -> Heard {
        let heard = tokio::time::timeout(PATIENCE, self.heard.recv()).await;
        heard
            .expect("a message in time")
            .expect("the receiver runs")
    }

    /// The `message` of the next account_status webhooks.
    pub(crate) async fn messages(&mut self, count: usize) -> Vec<String> {
        let mut messages = Vec::new();
        for _ in 0..count {
            let heard = self.next().await;
            messages.push(
                heard.body["AccountStatus"]["message"]
                    .as_str()
                    .expect("a message")
                    .to_owned(),
            );
        }
        messages
    }

    pub(crate) fn heard_nothing_more(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }
}

async fn hear(State(hearing): State<Hearing>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = serde_json::from_slice(&body).expect("a JSON body");
    // A test that has heard enough ends before its simulator does.
    hearing.sender.send(Heard { headers, body }).ok();
    let refused = hearing
        .refusals
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        });
    if refused.is_ok() {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    }
}
