//! Steering the simulator, and asking the referee what it saw.

use crate::commands::Failure;
use jiff::Timestamp;
use reqwest::Client;
use serde::Serialize;
use serde::de::DeserializeOwned;
use simulator::control::{
    Action, Cap, Change, ClockStep, ClockView, Counts, Faults, Health, LifeLine, LinkView, Manners,
    NewRelations, NewSession, NewSessions, Presence, Script, SessionView, Verdict,
};
use std::time::{Duration, Instant};
use store::report::SessionCap;

/// Time in which a process that was started answers, on a machine with much to do.
const READY_MAX: Duration = Duration::from_mins(1);

/// The simulator's control routes.
pub(crate) struct Control {
    client: Client,
    base: String,
}

impl Control {
    /// `base` is `http://127.0.0.1:port`.
    pub(crate) fn new(base: String) -> Result<Self, Failure> {
        let client = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .build()?;
        Ok(Self { client, base })
    }

    /// Waits until it answers.
    pub(crate) async fn ready(&self) -> Result<(), Failure> {
        let began = Instant::now();
        let mut looks = tokio::time::interval(Duration::from_millis(50));
        loop {
            looks.tick().await;
            let answered = self
                .client
                .get(format!("{}/readyz", self.base))
                .send()
                .await;
            match answered.and_then(reqwest::Response::error_for_status) {
                Ok(_) => return Ok(()),
                Err(error) if began.elapsed() > READY_MAX => return Err(error.into()),
                Err(_) => {}
            }
        }
    }

    pub(crate) async fn create(&self, sessions: Vec<NewSession>) -> Result<(), Failure> {
        self.post("sessions", &NewSessions::Listed { sessions })
            .await
    }

    pub(crate) async fn load(&self, script: &Script) -> Result<(), Failure> {
        self.post("script", script).await
    }

    /// What goes wrong from now on.
    pub(crate) async fn befall(&self, faults: &Faults) -> Result<(), Failure> {
        self.put("faults", faults).await
    }

    /// How people behave from now on.
    pub(crate) async fn behave(&self, manners: &Manners) -> Result<(), Failure> {
        self.put("manners", manners).await
    }

    /// Makes people relations of a session.
    pub(crate) async fn relate(
        &self,
        session: String,
        members: Vec<String>,
    ) -> Result<(), Failure> {
        self.post("relations", &NewRelations { session, members })
            .await
    }

    /// Tells the referee what to allow. A session's first caps also judge what it did before.
    pub(crate) async fn allow(&self, caps: &[SessionCap]) -> Result<(), Failure> {
        let caps: Vec<Cap> = caps
            .iter()
            .filter_map(|(session, action, day, week)| {
                let action = Action::ALL.into_iter().find(|it| it.name() == action)?;
                Some(Cap {
                    session: Some(session.clone()),
                    action,
                    day: u64::try_from(*day).ok(),
                    week: u64::try_from(*week).ok(),
                })
            })
            .collect();
        self.post("caps", &caps).await
    }

    /// The referee's judgement of everything that was done.
    pub(crate) async fn verdict(&self) -> Result<Verdict, Failure> {
        self.get("verdict").await
    }

    /// Every session that ever was, as the provider knows it.
    pub(crate) async fn sessions(&self) -> Result<Vec<SessionView>, Failure> {
        self.get("sessions").await
    }

    /// Every hosted link that is remembered, the newest last.
    pub(crate) async fn links(&self) -> Result<Vec<LinkView>, Failure> {
        self.get("links").await
    }

    /// Changes the live session of a profile, as an owner or the provider does; its webhooks tell.
    pub(crate) async fn change_session_of(
        &self,
        handle: &str,
        health: Health,
    ) -> Result<(), Failure> {
        let sessions = self.sessions().await?;
        let is_it = |it: &&SessionView| it.handle == handle && it.presence == Presence::Live;
        let session = sessions.iter().find(is_it);
        let session = session.ok_or_else(|| Failure::new("the profile has no live session"))?;
        let change = Change {
            health: Some(health),
            ..Change::default()
        };
        self.post(&format!("sessions/{}", session.id), &change)
            .await
    }

    /// What the provider's clock shows.
    pub(crate) async fn clock(&self) -> Result<Timestamp, Failure> {
        let shown: ClockView = self.get("clock").await?;
        Ok(shown.now)
    }

    /// Steps the provider's clock so many seconds ahead.
    pub(crate) async fn step_clock(&self, ahead_seconds: i64) -> Result<(), Failure> {
        let step = ClockStep {
            to: None,
            ahead_seconds: Some(ahead_seconds),
        };
        self.post("clock", &step).await
    }

    /// The truth about the lives of sessions.
    pub(crate) async fn lives(&self) -> Result<Vec<LifeLine>, Failure> {
        let url = format!("{}/control/lives", self.base);
        let answered = self.client.get(url).send().await?.error_for_status()?;
        let text = answered.text().await?;
        let lives: Result<_, _> = text.lines().map(serde_json::from_str).collect();
        Ok(lives?)
    }

    pub(crate) async fn counts(&self) -> Result<Counts, Failure> {
        self.get("counts").await
    }

    async fn post(&self, what: &str, body: &impl Serialize) -> Result<(), Failure> {
        let sent = self
            .client
            .post(format!("{}/control/{what}", self.base))
            .json(body)
            .send()
            .await?;
        refused(what, sent).await
    }

    async fn put(&self, what: &str, body: &impl Serialize) -> Result<(), Failure> {
        let url = format!("{}/control/{what}", self.base);
        let sent = self.client.put(url).json(body).send().await?;
        refused(what, sent).await
    }

    async fn get<T: DeserializeOwned>(&self, what: &str) -> Result<T, Failure> {
        let answered = self
            .client
            .get(format!("{}/control/{what}", self.base))
            .send()
            .await?;
        Ok(answered.error_for_status()?.json().await?)
    }
}

/// An error unless it was accepted.
async fn refused(what: &str, sent: reqwest::Response) -> Result<(), Failure> {
    if sent.status().is_success() {
        return Ok(());
    }
    let status = sent.status();
    Err(Failure::new(format!(
        "the simulator refused its {what}: {status} {}",
        sent.text().await?
    )))
}
