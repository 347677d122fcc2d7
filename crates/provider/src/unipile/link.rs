//! The body of a hosted link's request.

use crate::{LinkRequest, Purpose};
use jiff::tz::TimeZone;
use reqwest::Url;
use serde_json::{Value, json};

/// What to send; `base` names the API that the hosted page is to speak to.
pub(crate) fn body(request: &LinkRequest, base: &Url) -> Value {
    let mut body = json!({
        "api_url": base.origin().ascii_serialization(),
        "expiresOn": expires_on(request),
        "name": request.name,
        "notify_url": request.notify_url,
    });
    match &request.purpose {
        Purpose::Create { providers } => {
            body["type"] = "create".into();
            // The wildcards are a text of their own, not a list of one.
            body["providers"] = match providers.as_slice() {
                [one] if one.starts_with('*') => one.as_str().into(),
                several => several.into(),
            };
        }
        Purpose::Reconnect { session } => {
            body["type"] = "reconnect".into();
            body["reconnect_account"] = session.0.as_str().into();
        }
    }
    let optional = [
        ("success_redirect_url", &request.success_redirect_url),
        ("failure_redirect_url", &request.failure_redirect_url),
    ];
    for (key, url) in optional {
        if let Some(url) = url {
            body[key] = url.as_str().into();
        }
    }
    body
}

/// Exactly three fractional digits and a `Z`; the provider answers 400 to any other form.
fn expires_on(request: &LinkRequest) -> String {
    let utc = request.expires_at.to_zoned(TimeZone::UTC);
    utc.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::ids::SessionId;

    fn request(purpose: Purpose, expires_at: &str) -> LinkRequest {
        LinkRequest {
            purpose,
            expires_at: expires_at.parse().expect("a time"),
            name: "token".into(),
            notify_url: "https://us/callback?secret=1".into(),
            success_redirect_url: None,
            failure_redirect_url: Some("https://us/sorry".into()),
        }
    }

    #[test]
    fn a_first_link_names_providers_and_a_relink_names_its_session() {
        let base = Url::parse("https://api1.unipile.com:13111/api/v1/").expect("a URL");
        let providers = vec!["LINKEDIN".to_owned()];
        let create = request(Purpose::Create { providers }, "2026-03-01T10:00:00Z");
        assert_eq!(
            body(&create, &base),
            json!({
                "type": "create", "providers": ["LINKEDIN"], "api_url": "https://api1.unipile.com:13111",
                "expiresOn": "2026-03-01T10:00:00.000Z", "name": "token",
                "notify_url": "https://us/callback?secret=1", "failure_redirect_url": "https://us/sorry",
            })
        );
        let session = SessionId("-abc".into());
        let relink = request(
            Purpose::Reconnect { session },
            "2026-03-01T10:00:00.123456789Z",
        );
        let relink = body(&relink, &base);
        assert_eq!(relink["type"], "reconnect");
        assert_eq!(relink["reconnect_account"], "-abc");
        assert_eq!(relink["expiresOn"], "2026-03-01T10:00:00.123Z");
        assert_eq!(relink.get("providers"), None);
    }

    #[test]
    fn a_wildcard_is_sent_as_a_text_and_debug_hides_what_is_secret() {
        let base = Url::parse("http://host").expect("a URL");
        let providers = vec!["*:MAILING".to_owned()];
        let create = request(Purpose::Create { providers }, "2026-03-01T10:00:00Z");
        assert_eq!(body(&create, &base)["providers"], "*:MAILING");
        let shown = format!("{create:?}");
        assert!(
            !shown.contains("token") && !shown.contains("secret"),
            "{shown}"
        );
    }
}
