//! What all requests share, and who asks.

use crate::limits::{Key, Limits};
use crate::problem::Problem;
use crate::proofs::Proofs;
use axum::http::{HeaderMap, header};
use linking::Minter;
use operations::Refused;
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::guards::ClockKind;
use store::operators::Bearer;
use store::{Refusal, Store};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// `rlo_`, 12 hex digits, `_`, 64 hex digits.
const TOKEN_BYTES: usize = 81;

/// Shared by every request of the process.
pub(crate) struct App {
    /// As the operators' role.
    pub(crate) store: Store,
    pub(crate) limits: Limits,
    /// One for each request that is being answered.
    pub(crate) slots: Semaphore,
    /// Acts go on when whoever asked has hung up: each ends with its line in the log.
    pub(crate) acts: TaskTracker,
    /// How long a body may take.
    pub(crate) read_timeout: Duration,
    /// Gate 1 of this process and its kind of clock, for the page of gates.
    pub(crate) removals: (bool, ClockKind),
    /// Mints hosted links, with the keys that prove them.
    pub(crate) minter: Minter,
    /// What the provider's webhooks are proved by.
    pub(crate) proofs: Arc<Proofs>,
}

/// Who asks: nobody, a token that is not good, or a bearer.
pub(crate) enum Caller {
    /// No token, or nothing that could be one.
    Nobody,
    /// What looks like a token and is not in force.
    Unknown(SecretString),
    /// A token in force.
    Known(SecretString, Bearer),
}

impl App {
    /// Looks at who asks, and counts the request. Each token that could be one costs one look into the database,
    /// whatever it turns out to be.
    pub(crate) async fn caller(
        &self,
        headers: &HeaderMap,
        peer: IpAddr,
    ) -> Result<Caller, Problem> {
        let (now, address) = (Instant::now(), Key::peer(peer));
        let Some(token) = token(headers) else {
            self.take(address, now)?;
            return Ok(Caller::Nobody);
        };
        let key = Key::token(token.expose_secret());
        let known = self.limits.take_if_known(key, now);
        match known {
            Some(room) => room.map_err(Problem::too_many)?,
            None => self.take(address, now)?,
        }
        let Some(holder) = self.bearer(&token).await? else {
            self.limits.forget(key);
            return Ok(Caller::Unknown(token));
        };
        if known.is_none() {
            self.limits.give_back(address);
            self.take(key, now)?;
        }
        Ok(Caller::Known(token, holder))
    }

    /// Counts a request of somebody who needs no token.
    pub(crate) fn take(&self, key: Key, now: Instant) -> Result<(), Problem> {
        self.limits.take(key, now).map_err(Problem::too_many)
    }

    async fn bearer(&self, token: &SecretString) -> Result<Option<Bearer>, Problem> {
        let unavailable = |error| Problem::from(Refused::from(error));
        let tx = self.store.begin().await.map_err(unavailable)?;
        match tx.bearer(token).await {
            Ok(bearer) => {
                // It notes when the token was used last.
                tx.finish().await.map_err(unavailable)?;
                Ok(Some(bearer))
            }
            Err(error) => {
                tx.abandon().await;
                match error.refusal_kind() {
                    Some(Refusal::Unknown) => Ok(None),
                    _ => Err(unavailable(error)),
                }
            }
        }
    }
}

/// What could be a token; anything else never comes to the database.
fn token(headers: &HeaderMap) -> Option<SecretString> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (only, None) = (all.next()?, all.next()) else {
        return None;
    };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    let rest = token.strip_prefix("rlo_")?;
    let is_one = token.len() == TOKEN_BYTES
        && rest.bytes().filter(|it| *it == b'_').count() == 1
        && rest.bytes().all(|it| it == b'_' || it.is_ascii_hexdigit());
    (is_bearer && is_one).then(|| SecretString::from(token))
}

#[cfg(test)]
mod tests {
    use super::token;
    use axum::http::{HeaderMap, HeaderValue, header};

    fn of(values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_str(value).expect("a header");
            headers.append(header::AUTHORIZATION, value);
        }
        token(&headers).is_some()
    }

    #[test]
    fn only_what_could_be_a_token_is_asked_about() {
        let token = format!("rlo_{}_{}", "0a".repeat(6), "1f".repeat(32));
        let good = format!("Bearer {token}");
        assert!(of(&[&good]) && of(&[&format!("bearer {token}")]));
        assert!(!of(&[]) && !of(&[&good, &good]));
        for bad in [
            token.clone(),
            format!("Basic {token}"),
            format!("Bearer  {token}"),
            format!("Bearer {token}0"),
            format!("Bearer {}", token.replace("1f", "1g")),
            format!("Bearer {}", token.replace("_1f", "01f")),
            "Bearer ".to_owned(),
        ] {
            assert!(!of(&[&bad]), "{bad}");
        }
    }
}
