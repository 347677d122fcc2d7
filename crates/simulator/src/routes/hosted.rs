//! Minting hosted links; `hosted_page.rs` shows and ends them.

use super::read;
use super::webhooks::is_http;
use crate::control::{LinkState, LinkView};
use crate::problem::Problem;
use crate::world::World;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

const PROVIDERS: [&str; 9] = [
    "LINKEDIN",
    "WHATSAPP",
    "INSTAGRAM",
    "MESSENGER",
    "TELEGRAM",
    "GOOGLE",
    "OUTLOOK",
    "TWITTER",
    "MAIL",
];
const WILDCARDS: [&str; 4] = ["*", "*:MAILING", "*:MESSAGING", "*:CALENDAR"];

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
struct Wanted {
    #[serde(rename = "type")]
    purpose: String,
    api_url: String,
    #[serde(rename = "expiresOn")]
    expires_on: String,
    providers: Option<Providers>,
    reconnect_account: Option<String>,
    name: Option<String>,
    notify_url: Option<String>,
    success_redirect_url: Option<String>,
    failure_redirect_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Providers {
    Wildcard(String),
    Listed(Vec<String>),
}

impl Providers {
    fn are_known(&self) -> bool {
        match self {
            Self::Wildcard(word) => WILDCARDS.contains(&word.as_str()),
            Self::Listed(words) => {
                !words.is_empty() && words.iter().all(|word| PROVIDERS.contains(&word.as_str()))
            }
        }
    }

    fn first(&self) -> Option<String> {
        match self {
            Self::Wildcard(_) => None,
            Self::Listed(words) => words.first().cloned(),
        }
    }
}

/// `YYYY-MM-DDTHH:MM:SS.mmmZ`: three fractional digits and `Z`, or it is refused, as the provider's pattern does.
fn expiry(text: &str) -> Option<Timestamp> {
    const PATTERN: &[u8] = b"dddd-dd-ddTdd:dd:dd.dddZ";
    let fits = text.len() == PATTERN.len()
        && text
            .bytes()
            .zip(PATTERN)
            .all(|(letter, &wanted)| match wanted {
                b'd' => letter.is_ascii_digit(),
                wanted => letter == wanted,
            });
    if fits { text.parse().ok() } else { None }
}

impl Wanted {
    fn check(&self) -> Result<Timestamp, Problem> {
        let refused = Problem::invalid_parameters;
        let urls = [
            &self.notify_url,
            &self.success_redirect_url,
            &self.failure_redirect_url,
        ];
        if !is_http(&self.api_url) || !urls.into_iter().flatten().all(|url| is_http(url)) {
            return Err(refused(
                "/api_url and the other URLs must be http or https URLs.",
            ));
        }
        if self
            .providers
            .as_ref()
            .is_some_and(|providers| !providers.are_known())
        {
            return Err(refused("/providers names a provider that is not known."));
        }
        let no_account = self.reconnect_account.as_ref().is_none_or(String::is_empty);
        match self.purpose.as_str() {
            "create" if self.providers.is_none() => return Err(refused("/providers is required.")),
            "reconnect" if no_account => return Err(refused("/reconnect_account is required.")),
            "create" | "reconnect" => {}
            _ => return Err(refused("/type must be create or reconnect.")),
        }
        expiry(&self.expires_on)
            .ok_or_else(|| refused("/expiresOn must be like 2025-12-31T23:59:59.999Z."))
    }
}

/// `POST /hosted/accounts/link`
pub(super) async fn mint(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let wanted: Wanted = read(&body)?;
    let expires_on = wanted.check()?;
    if let Some(id) = &wanted.reconnect_account
        && world.fleet().live(id).is_none()
    {
        return Err(Problem::account_not_found());
    }
    let token = world.token();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let url = format!("http://{host}/hosted/{token}");
    let provider = wanted.providers.as_ref().and_then(Providers::first);
    let link = LinkView {
        token,
        url: url.clone(),
        purpose: wanted.purpose,
        name: wanted.name,
        reconnect_account: wanted.reconnect_account,
        notify_url: wanted.notify_url,
        success_redirect_url: wanted.success_redirect_url,
        failure_redirect_url: wanted.failure_redirect_url,
        expires_on,
        minted_at: world.clock.now(),
        opened: 0,
        state: LinkState::Open,
        account_id: None,
    };
    world.links().mint(link, provider);
    world.counts().links_minted += 1;
    Ok((
        StatusCode::CREATED,
        Json(json!({ "object": "HostedAuthURL", "url": url })),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_digits_and_a_z_are_an_expiry() {
        assert!(expiry("2025-12-31T23:59:59.999Z").is_some());
        for text in [
            "2025-12-31T23:59:59Z",
            "2025-12-31T23:59:59.999999Z",
            "2025-12-31T23:59:59.999+00:00",
            "2025-13-31T23:59:59.999Z",
            "",
        ] {
            assert!(expiry(text).is_none(), "{text}");
        }
    }
}
