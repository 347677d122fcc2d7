//! Steering the simulator, and asking the referee what it saw.

use crate::commands::Failure;
use reqwest::Client;
use serde::Serialize;
use serde::de::DeserializeOwned;
use simulator::control::{Counts, NewSession, NewSessions, Script};
use std::time::{Duration, Instant};

const READY_MAX: Duration = Duration::from_secs(10);

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
        if sent.status().is_success() {
            return Ok(());
        }
        let status = sent.status();
        Err(Failure::new(format!(
            "the simulator refused its {what}: {status} {}",
            sent.text().await?
        )))
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
