//! What owners and their product ask for over HTTP: the product's API (`product.rs`, `take_back.rs`), our pages, the provider's page.

mod product;
mod take_back;

pub(super) use product::Link;

use super::diary::Diary;
use crate::commands::Failure;
use crate::up::control::Control;
use crate::up::mailbox::Shelf;
use fleet::chain;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use secrecy::SecretString;
use std::path::Path;
use std::time::{Duration, Instant};

/// A page or an answer that takes longer is asked for again.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Times that something is asked for which nobody answers.
const TRIES: u32 = 5;
/// Time of this machine between two of them, and between two looks at what changes by itself.
const WAIT: Duration = Duration::from_secs(1);
/// Time of this machine for which everything is waited for, however fast the fleet's clock runs.
const PATIENCE_LEAST: Duration = Duration::from_secs(30);

/// Where everything is.
pub(crate) struct SiteAddresses {
    /// Product listener, `http://127.0.0.1:8080`.
    pub(crate) product: String,
    /// A product's token.
    pub(crate) token: SecretString,
    /// Provider, without a path.
    pub(crate) provider: String,
}

/// Everything that owners reach.
pub(crate) struct Site {
    addresses: SiteAddresses,
    client: Client,
    pub(super) control: Control,
    pub(super) mails: Shelf,
    pub(super) diary: Diary,
    speed: f64,
}

impl Site {
    /// `speed` is that of the fleet's clock; what owners do is written to a file in `logs`.
    pub(crate) fn new(
        addresses: SiteAddresses,
        mails: Shelf,
        logs: &Path,
        speed: f64,
    ) -> Result<Self, Failure> {
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(ANSWER_MAX)
            .build()?;
        Ok(Self {
            control: Control::new(addresses.provider.clone())?,
            client,
            mails,
            diary: Diary::begin(logs, speed)?,
            addresses,
            speed,
        })
    }

    /// Waits so many minutes of the fleet's clock.
    pub(super) async fn pass(&self, minutes: f64) {
        tokio::time::sleep(Duration::from_secs_f64(minutes * 60.0 / self.speed)).await;
    }

    /// Asks until the answer is there; none after so many minutes of the fleet's clock.
    pub(super) async fn until<T, F>(
        &self,
        minutes: f64,
        ask: impl Fn() -> F,
    ) -> Result<Option<T>, Failure>
    where
        F: Future<Output = Result<Option<T>, Failure>>,
    {
        let patience = Duration::from_secs_f64(minutes * 60.0 / self.speed);
        let ends = Instant::now() + patience.max(PATIENCE_LEAST);
        loop {
            let found = ask().await?;
            if found.is_some() || ends <= Instant::now() {
                return Ok(found);
            }
            tokio::time::sleep(WAIT).await;
        }
    }

    /// Opens a page, of ours or of the provider's, as a browser does; whether it is one that can be used.
    pub(super) async fn opens(&self, page: &str) -> Result<bool, Failure> {
        let answer = self.asked("open a page", || self.client.get(page)).await?;
        Ok(answer.status() == StatusCode::OK)
    }

    /// Presses the button of a page of ours; the provider's page that it leads to, if it does.
    pub(super) async fn press(&self, page: &str, is_dead: bool) -> Result<Option<String>, Failure> {
        let form = if is_dead { "dead=1" } else { "" };
        let answer = self
            .asked("press a button", || self.form(page, form))
            .await?;
        let place = location(&answer);
        let hosted = place.filter(|it| it.starts_with(&self.addresses.provider));
        if let Some(hosted) = &hosted {
            self.diary.given(hosted);
        }
        Ok(hosted)
    }

    /// Does something on the provider's page, and goes on to where that sends the browser; whether the page took it.
    pub(super) async fn fill(&self, page: &str, deed: &str, handle: &str) -> Result<bool, Failure> {
        let form = format!("deed={deed}&handle={handle}");
        let answer = self
            .asked("fill in a page", || self.form(page, &form))
            .await?;
        // Whether it was taken or refused, nobody can use it again.
        self.diary.is_over(page);
        let is_taken =
            answer.status() == StatusCode::OK || answer.status() == StatusCode::SEE_OTHER;
        if let Some(onward) = location(&answer) {
            self.opens(&onward).await?;
        }
        Ok(is_taken)
    }

    fn form(&self, page: &str, form: &str) -> RequestBuilder {
        let post = self.client.post(page).body(form.to_owned());
        post.header(CONTENT_TYPE, "application/x-www-form-urlencoded")
    }

    /// Asks, and again where nobody answers or the answer is to come later.
    async fn asked(
        &self,
        what: &str,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Response, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            let why = match request().send().await {
                Ok(answer) if answer.status() != StatusCode::SERVICE_UNAVAILABLE => {
                    return Ok(answer);
                }
                Ok(answer) => answer.status().to_string(),
                // An address may be a secret.
                Err(error) => chain(&error.without_url()),
            };
            if tries == TRIES {
                return Err(Failure::new(format!("{what}: {why}")));
            }
            tokio::time::sleep(WAIT).await;
        }
    }
}

fn location(answer: &Response) -> Option<String> {
    let place = answer.headers().get(LOCATION)?.to_str().ok()?;
    Some(place.to_owned())
}
