//! Whether callbacks and webhooks can come in: our links listener by its address from outside, and the provider's list of
//! webhooks, for which our key is sent. From another place than the provider's, so it proves the way only in part.

use super::finding::Findings;
use super::settings::Settings;
use crate::commands::webhooks::{Wanted, WebhookState, judge};
use ::fleet::chain;
use linking::PublicUrls;
use provider::Unipile;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(8);
/// What our listener answers with to what is no callback.
const PROBLEM: &str = "application/problem+json";

pub(super) async fn look(settings: &Settings, findings: &mut Findings) {
    let Some(urls) = &settings.urls else {
        let why = "RELINK_PUBLIC_URL is not set";
        findings.not_asked("callbacks", why);
        return findings.not_asked("webhooks", why);
    };
    way_in(urls, findings).await;
    webhooks(settings, urls, findings).await;
}

/// An empty object is no callback: nothing is kept of it, and only our listener answers so.
async fn way_in(urls: &PublicUrls, findings: &mut Findings) {
    let (name, url) = ("callbacks", urls.link_callback());
    let place = url.host_str().unwrap_or_default().to_owned();
    let todo = "see whether RELINK_CALLBACK_URL (or RELINK_PUBLIC_URL) leads from outside to RELINK_API_WEBHOOKS_ADDRESS of `relink api`: name, certificate, proxy";
    let asked = async {
        let client = reqwest::Client::builder()
            .user_agent("relink-doctor")
            .redirect(Policy::none())
            .no_proxy()
            .timeout(WITHIN)
            .build()?;
        client.post(url).body("{}").send().await
    };
    match asked.await {
        Ok(answer) => {
            let kind = answer.headers().get(CONTENT_TYPE);
            let is_ours = kind.is_some_and(|it| it.as_bytes() == PROBLEM.as_bytes());
            if answer.status() == 400 && is_ours {
                return findings.ok(name, format!("{place} is our listener"));
            }
            let status = answer.status().as_u16();
            let saw = format!("{place} answers {status}, and not as our listener does");
            findings.fail(name, saw, todo);
        }
        Err(error) => findings.fail(name, chain(&error.without_url()), todo),
    }
}

async fn webhooks(settings: &Settings, urls: &PublicUrls, findings: &mut Findings) {
    let name = "webhooks";
    let (Some(config), Some(secret)) = (&settings.provider, &settings.webhook_secret) else {
        let why = "RELINK_PROVIDER_URL or RELINK_WEBHOOK_SECRET is not set";
        return findings.not_asked(name, why);
    };
    let listed = match Unipile::new(config.clone()) {
        Ok(provider) => provider.webhooks().await.map_err(|error| chain(&error)),
        Err(error) => Err(chain(&error)),
    };
    let all = match listed {
        Ok(all) => all,
        Err(why) => return findings.not_asked(name, why),
    };
    let wanted = Wanted::new(urls.provider_webhook().to_string(), secret);
    let found = judge(&wanted, all);
    let todo = "relink webhooks ensure --reason …; until then states are seen by the watches alone";
    if !found.lacking.is_empty() {
        let lacking: Vec<&str> = found.lacking.iter().map(|it| it.as_str()).collect();
        let saw = format!("the provider has none of ours for {}", lacking.join(", "));
        return findings.warn(name, saw, todo);
    }
    let stale = found.in_state(WebhookState::Stale).count();
    if stale > 0 {
        let saw = format!("{stale} bear the secret of before, or one of somebody's");
        let todo = "take them away at the provider once nothing of before is on its way; `relink webhooks list` names them";
        return findings.warn(name, saw, todo);
    }
    findings.ok(name, "each source has one of ours");
}
