//! The simulator inside the test's process, and its control calls.

use jiff::Timestamp;
use provider::{Config, Provider, Unipile};
use reqwest::Client;
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use simulator::control::{
    Cap, Change, ClockStep, Counts, Deletes, EffectLine, Faults, HandInvitations, Limit, LinkView,
    LogLine, Manners, NewRelations, NewSession, NewSessions, Odd, ScriptedRefusal, SessionRestart,
    Verdict,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Our key.
pub const KEY: &str = "key-canary-4f81c2";
/// A call that takes longer has failed; the tests' latency fault is longer.
pub const CALL_TIMEOUT: Duration = Duration::from_millis(800);

/// A running simulator; it stops when the last of these is dropped.
#[derive(Clone)]
pub struct SimulatedProvider {
    base: String,
    client: Client,
    _stop: Arc<DropGuard>,
}

impl SimulatedProvider {
    /// Starts one on a loopback port whose clock shows `at`.
    pub async fn start(at: Timestamp) -> Self {
        crate::site::secure();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let stop = CancellationToken::new();
        let config = simulator::Config::new(KEY, at);
        tokio::spawn(simulator::serve(listener, config, stop.clone()));
        let client = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client");
        Self {
            base: format!("http://{address}"),
            client,
            _stop: Arc::new(stop.drop_guard()),
        }
    }

    /// The real client, pointed at it.
    pub fn unipile(&self) -> Arc<dyn Provider> {
        self.unipile_within(CALL_TIMEOUT)
    }

    /// The same, with another time after which a call has failed.
    pub fn unipile_within(&self, timeout: Duration) -> Arc<dyn Provider> {
        client_of(&self.base, timeout)
    }

    /// Scheme, host and port.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sessions come to be.
    pub async fn create(&self, sessions: Vec<NewSession>) {
        self.send("sessions", &NewSessions::Listed { sessions })
            .await;
    }

    /// Something becomes of one session.
    pub async fn change(&self, session: &str, change: Change) {
        let id = Some(session.to_owned());
        self.send("sessions/bulk", &[Change { id, ..change }]).await;
    }

    /// The same becomes of many.
    pub async fn change_all(&self, sessions: &[String], change: &Change) {
        let changes: Vec<Change> = sessions
            .iter()
            .map(|id| Change {
                id: Some(id.clone()),
                ..change.clone()
            })
            .collect();
        self.send("sessions/bulk", &changes).await;
    }

    /// From now on this goes wrong, and nothing else.
    pub async fn faults(&self, faults: &Faults) {
        let url = format!("{}/control/faults", self.base);
        let sent = self.client.put(url).json(faults).send().await;
        let answer = sent.expect("the simulator");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// From now on these sessions are odd.
    pub async fn odd(&self, odd: &[Odd]) {
        self.send("oddities", &odd).await;
    }

    /// From now on restarts of these sessions end so.
    pub async fn restart_so(&self, restarts: &[SessionRestart]) {
        self.send("restarts", &restarts).await;
    }

    /// What the referee saw.
    pub async fn counts(&self) -> Counts {
        self.get("counts").await
    }

    /// Every hosted link, the newest last.
    pub async fn hosted_links(&self) -> Vec<LinkView> {
        self.get("links").await
    }

    /// How often a route was asked for a session, as the log names both; only while the log is shorter than its page.
    pub async fn asked(&self, route: &str, session: &str) -> usize {
        let url = format!("{}/control/log?since=0&limit=100000", self.base);
        let sent = self.client.get(url).send().await.expect("the simulator");
        let lines = sent.text().await.expect("the log");
        let is_it =
            |line: &LogLine| line.route == route && line.account.as_deref() == Some(session);
        lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line of the log"))
            .filter(is_it)
            .count()
    }

    /// Every request to delete a session that arrived.
    pub async fn deletes(&self) -> Deletes {
        self.get("deletes").await
    }

    /// Steps the simulator's clock to `at`; never backwards.
    pub async fn clock(&self, at: Timestamp) {
        let step = ClockStep {
            to: Some(at),
            ..ClockStep::default()
        };
        self.send("clock", &step).await;
    }

    /// The next matching outward calls are refused so.
    pub async fn refuse(&self, refusal: &ScriptedRefusal) {
        self.send("refusals", refusal).await;
    }

    /// What the referee is to allow; it judges what happened before too.
    pub async fn caps(&self, caps: &[Cap]) {
        self.send("caps", caps).await;
    }

    /// People whom a session is connected to.
    pub async fn relations(&self, session: &str, members: &[&str]) {
        let relations = NewRelations {
            session: session.to_owned(),
            members: members.iter().map(|one| (*one).to_owned()).collect(),
        };
        self.send("relations", &relations).await;
    }

    /// How the provider's people behave.
    pub async fn manners(&self, manners: &Manners) {
        let url = format!("{}/control/manners", self.base);
        let sent = self.client.put(url).json(manners).send().await;
        let answer = sent.expect("the simulator");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// The owner of a session invites people by hand.
    pub async fn by_hand(&self, invitations: &HandInvitations) {
        self.send("invitations", invitations).await;
    }

    /// The provider's own limits from now on.
    pub async fn limits(&self, limits: &[Limit]) {
        self.send("limits", limits).await;
    }

    /// The referee's judgement of every outward effect.
    pub async fn verdict(&self) -> Verdict {
        self.get("verdict").await
    }

    /// Every outward effect, oldest first.
    pub async fn effects(&self) -> Vec<EffectLine> {
        let mut all: Vec<EffectLine> = vec![];
        loop {
            let since = all.last().map_or(0, |line| line.number);
            let url = format!("{}/control/effects?since={since}&limit=1000", self.base);
            let text = self
                .client
                .get(url)
                .send()
                .await
                .expect("the simulator")
                .text()
                .await;
            let lines = text.expect("lines");
            let page: Vec<EffectLine> = lines
                .lines()
                .map(|line| serde_json::from_str(line).expect("an effect"))
                .collect();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }

    async fn send(&self, what: &str, body: &(impl Serialize + ?Sized)) {
        let url = format!("{}/control/{what}", self.base);
        let sent = self.client.post(url).json(body).send().await;
        let answer = sent.expect("the simulator");
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        assert!(status.is_success(), "{what}: {status} {text}");
    }

    async fn get<T: DeserializeOwned>(&self, what: &str) -> T {
        let url = format!("{}/control/{what}", self.base);
        let sent = self.client.get(url).send().await;
        sent.expect("the simulator").json().await.expect("its JSON")
    }
}

/// The real client, pointed anywhere, with so much patience.
pub fn client_of(base: &str, patience: Duration) -> Arc<dyn Provider> {
    let mut config = Config::new(base.to_owned(), SecretString::from(KEY.to_owned()));
    config.total_timeout = patience;
    Arc::new(Unipile::new(config).expect("a client of the provider"))
}
