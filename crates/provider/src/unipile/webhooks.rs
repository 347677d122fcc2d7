//! Registering webhooks, and listing them. None is ever taken away from here: that is a person's, at the provider.

use super::client::Unipile;
use super::decode::{self, Lacks};
use super::http::Http;
use super::reply::{Reply, shape};
use super::routes::webhooks::{LIST, REGISTER};
use crate::{LIMIT_MAX, NewWebhook, ProviderError, RegisteredWebhook};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

/// Pages that are read at most; a key has a handful of webhooks.
const PAGES_MAX: usize = 20;
/// Longest address and display name that are kept, in bytes.
const TEXT_BYTES_MAX: usize = 2000;

impl Unipile {
    /// Every webhook of our key. One that cannot be read, or too many of them, is an error: the rest would pass for all.
    pub async fn webhooks(&self) -> Result<Vec<RegisteredWebhook>, ProviderError> {
        let mut all = vec![];
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let (items, next) = page(&self.http, cursor.as_deref()).await?;
            all.extend(items);
            if next.is_none() {
                return Ok(all);
            }
            cursor = next;
        }
        Err(shape(&LIST, 200, "an end of the list"))
    }

    /// Registers one; its id. Asked twice the provider has two, and sends each event twice.
    pub async fn register_webhook(&self, new: &NewWebhook<'_>) -> Result<String, ProviderError> {
        let request = self.http.request(&REGISTER, "")?.json(&body(new));
        let (status, value) = self.http.call(&REGISTER, request).await?;
        decode::object(&value, "WebhookCreated")
            .and_then(|()| decode::id(&value, "webhook_id").ok_or(Lacks("webhook_id")))
            .map_err(|Lacks(what)| shape(&REGISTER, status, what))
    }
}

async fn page(
    http: &Http,
    cursor: Option<&str>,
) -> Result<(Vec<RegisteredWebhook>, Option<String>), ProviderError> {
    let mut request = http.request(&LIST, "")?.query(&[("limit", LIMIT_MAX)]);
    if let Some(cursor) = cursor {
        request = request.query(&[("cursor", cursor)]);
    }
    let read = |reply: &Reply<'_>| {
        let lacks = |Lacks(what)| shape(&LIST, reply.status, what);
        let text = reply.text(&LIST)?;
        let (items, next) = decode::list(&text, "WebhookList").map_err(lacks)?;
        let items: Result<_, Lacks> = items.iter().map(registered).collect();
        Ok((items.map_err(lacks)?, next))
    };
    http.call_reading(&LIST, request, read).await
}

fn body(new: &NewWebhook<'_>) -> Value {
    let NewWebhook {
        source,
        url,
        name,
        secret: (header, secret),
    } = new;
    json!({
        "source": source,
        "request_url": url,
        "name": name,
        "format": "json",
        "enabled": true,
        // Without it the provider sends its JSON without saying that it is.
        "headers": [
            { "key": "Content-Type", "value": "application/json" },
            { "key": header, "value": secret.expose_secret() },
        ],
    })
}

fn registered(item: &Value) -> Result<RegisteredWebhook, Lacks> {
    let text = |key| {
        let text = item.get(key).and_then(Value::as_str);
        text.filter(|text| text.len() <= TEXT_BYTES_MAX)
    };
    Ok(RegisteredWebhook {
        id: decode::id(item, "id").ok_or(Lacks("id"))?,
        source: text("source").ok_or(Lacks("source"))?.to_owned(),
        url: text("request_url").ok_or(Lacks("request_url"))?.to_owned(),
        name: text("name").unwrap_or_default().to_owned(),
        // Not said is the provider's default.
        is_enabled: item.get("enabled") != Some(&Value::Bool(false)),
    })
}
