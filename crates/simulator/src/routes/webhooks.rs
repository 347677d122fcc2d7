//! Registering, listing and removing webhooks.

use super::read;
use crate::problem::Problem;
use crate::webhooks::{SUBSCRIPTIONS_MAX, Subscription};
use crate::world::World;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

const SOURCES: [&str; 6] = [
    "messaging",
    "users",
    "account_status",
    "email",
    "email_tracking",
    "calendar_event",
];

#[derive(Deserialize)]
struct Registration {
    source: String,
    request_url: String,
    name: Option<String>,
    format: Option<String>,
    enabled: Option<bool>,
    #[serde(default)]
    account_ids: Vec<String>,
    events: Option<Vec<String>>,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    key: String,
    value: String,
}

/// `POST /webhooks`
pub(super) async fn create(
    State(world): State<Arc<World>>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let wanted: Registration = read(&body)?;
    if !SOURCES.contains(&wanted.source.as_str()) {
        return Err(Problem::invalid_parameters(
            "/source is not one of the known sources.",
        ));
    }
    if !is_http(&wanted.request_url) {
        return Err(Problem::invalid_parameters(
            "/request_url must be an http or https URL.",
        ));
    }
    let sound = |header: &Header| {
        header.key.parse::<HeaderName>().is_ok() && HeaderValue::from_str(&header.value).is_ok()
    };
    if !wanted.headers.iter().all(sound) {
        return Err(Problem::invalid_parameters(
            "/headers must be valid HTTP headers.",
        ));
    }
    let id = world.token();
    let mut subscriptions = world.subscriptions();
    if subscriptions.len() == SUBSCRIPTIONS_MAX {
        return Err(Problem::unavailable());
    }
    subscriptions.push(Subscription {
        id: id.clone(),
        source: wanted.source,
        request_url: wanted.request_url,
        name: wanted.name,
        format: wanted.format.unwrap_or_else(|| "json".to_owned()),
        enabled: wanted.enabled.unwrap_or(true),
        account_ids: wanted.account_ids,
        events: wanted.events,
        headers: wanted
            .headers
            .into_iter()
            .map(|header| (header.key, header.value))
            .collect(),
    });
    Ok((
        StatusCode::CREATED,
        Json(json!({ "object": "WebhookCreated", "webhook_id": id })),
    ))
}

/// `GET /webhooks`: all of them on one page, as there are few.
pub(super) async fn list(State(world): State<Arc<World>>) -> Json<Value> {
    let subscriptions = world.subscriptions().clone();
    let fleet = world.fleet();
    let kind = |id: &str| fleet.any(id).map(|session| session.kind.word());
    let items: Vec<Value> = subscriptions
        .iter()
        .map(|subscription| subscription.view(kind))
        .collect();
    Json(json!({ "object": "WebhookList", "items": items, "cursor": null }))
}

/// `DELETE /webhooks/{id}`
pub(super) async fn delete(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let mut subscriptions = world.subscriptions();
    let place = subscriptions.iter().position(|known| known.id == id);
    subscriptions.remove(place.ok_or_else(|| Problem::not_found("Webhook not found"))?);
    Ok(Json(json!({ "object": "WebhookDeleted" })))
}

/// Whether the provider would take it for a web address.
pub(super) fn is_http(url: &str) -> bool {
    url.strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))
        .is_some_and(|rest| !rest.is_empty())
}
