//! The one call of the program that removes a session at the provider. No other file may name its method; a tidy test
//! holds that.

use crate::{KillSwitch, Permit};
use policy::interlock::Outcome;
use provider::{Config, ConfigError, Provider, answer_of, outward};
use reqwest::{Client, Error, Method, Response, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::fmt;
use std::time::Instant;

/// Longest answer that is read; the provider's own are some hundred bytes.
const BODY_BYTES_MAX: usize = 64 << 10;

/// Longest error type that is repeated, in bytes.
const TYPE_BYTES_MAX: usize = 64;

/// Makes the call. Its `Debug` hides the key.
pub struct Caller {
    client: Client,
    base: Url,
    key: SecretString,
}

impl Caller {
    /// Nothing is sent yet. The limits of time are the configuration's.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            client: outward::client(config)?,
            base: outward::base(config)?,
            key: config.api_key.clone(),
        })
    }

    /// Uses up the permit for one request, on a connection of its own, neither repeated nor redirected; then asks
    /// `provider` for the session. What the request was answered decides nothing: only the question after it can show
    /// that the session is gone.
    pub async fn call(
        &self,
        switch: &KillSwitch,
        permit: Permit,
        provider: &dyn Provider,
    ) -> Outcome {
        let Some(url) = outward::account_url(&self.base, permit.session()) else {
            return not_sent("no path can carry this session's id");
        };
        let request = self.client.request(Method::DELETE, url);
        // Nothing may be awaited from here to the request itself: what holds now would no longer hold then.
        let session = match permit.use_up(Instant::now()) {
            Ok(session) => session,
            Err(why) => return not_sent(&why),
        };
        if let Some(why) = switch.why_off() {
            return not_sent(&format!("the kill switch is off: {why}"));
        }
        let said = match request.send().await {
            Ok(response) => self.words(response).await,
            Err(error) if error.is_connect() => return not_sent("no connection was made"),
            Err(error) if error.is_builder() => return not_sent("the request cannot be built"),
            Err(error) => broken(&error).to_owned(),
        };
        let after = answer_of(&provider.get_session(&session).await);
        Outcome::Called { said, after }
    }

    /// In short what was answered: the status, and the provider's type where it gave one. Nothing else of the body.
    async fn words(&self, mut response: Response) -> String {
        let status = response.status().as_u16();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > BODY_BYTES_MAX => {
                    return format!("{status}, the answer is longer than {BODY_BYTES_MAX} bytes");
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return format!("{status}, {}", broken(&error)),
            }
        }
        match kind(&body, self.key.expose_secret()) {
            Some(kind) => format!("{status} {kind}"),
            None => status.to_string(),
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.base.as_str();
        f.debug_struct("Caller")
            .field("base", &base)
            .finish_non_exhaustive()
    }
}

fn not_sent(why: &str) -> Outcome {
    let why = why.to_owned();
    Outcome::NotSent { why }
}

/// The library's own words name the URL, and with it the session.
fn broken(error: &Error) -> &'static str {
    if error.is_timeout() {
        "no whole answer came in time"
    } else {
        "the connection broke"
    }
}

/// The type in an error body, where it is one of the provider's words. A provider that repeats our key shall not bring
/// it into our tables.
fn kind(body: &[u8], key: &str) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let kind = value.get("type")?.as_str()?;
    let code = kind.strip_prefix("errors/")?;
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let fits = kind.len() <= TYPE_BYTES_MAX && code.bytes().all(word) && !code.contains(key);
    fits.then(|| kind.to_owned())
}
