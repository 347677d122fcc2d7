//! The routes: the provider's behind the gate, and the control API beside them.

mod accounts;
mod connect;
mod control;
mod hosted;
mod owner;
mod signs;
mod users;
mod webhooks;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    http::{Method, Uri},
    middleware,
    routing::{delete, get, post},
};
use serde::de::DeserializeOwned;

use crate::{gate, wire::Problem, world::World};

/// Every route of one simulator.
pub(crate) fn router(world: &Arc<World>) -> Router {
    let provider = Router::new()
        .route(
            "/api/v1/accounts",
            get(accounts::list).post(connect::create),
        )
        .route("/api/v1/accounts/checkpoint", post(connect::solve))
        .route(
            "/api/v1/accounts/{id}",
            get(accounts::one)
                .post(connect::reconnect)
                .delete(accounts::delete),
        )
        .route("/api/v1/accounts/{id}/restart", post(accounts::restart))
        .route("/api/v1/users/me", get(users::me))
        .route("/api/v1/hosted/accounts/link", post(hosted::mint))
        .route(
            "/api/v1/webhooks",
            get(webhooks::list).post(webhooks::create),
        )
        .route("/api/v1/webhooks/{id}", delete(webhooks::delete))
        .route("/hosted/{token}", get(hosted::page))
        .method_not_allowed_fallback(nowhere)
        .fallback(nowhere)
        .layer(middleware::from_fn_with_state(
            Arc::clone(world),
            gate::pass,
        ));
    provider
        .merge(control::router())
        .merge(signs::router())
        .with_state(Arc::clone(world))
}

/// No such route. The body's last line does not speak of an account.
async fn nowhere(method: Method, uri: Uri) -> Problem {
    Problem::not_found(&format!("Cannot {method} {}", uri.path()))
}

/// The route's name for the log and the counters (few values, whatever is asked for), and the account that is meant.
pub(crate) fn route_of(method: &Method, uri: &Uri) -> (String, Option<String>) {
    let segments: Vec<&str> = uri.path().trim_start_matches('/').split('/').collect();
    let known = match (method.as_str(), segments.as_slice()) {
        ("GET" | "POST", ["api", "v1", "accounts"]) => Some(("/accounts", None)),
        ("POST", ["api", "v1", "accounts", "checkpoint"]) => Some(("/accounts/checkpoint", None)),
        ("GET" | "POST" | "DELETE", ["api", "v1", "accounts", id]) => {
            Some(("/accounts/{id}", Some(*id)))
        }
        ("POST", ["api", "v1", "accounts", id, "restart"]) => {
            Some(("/accounts/{id}/restart", Some(*id)))
        }
        ("GET", ["api", "v1", "users", "me"]) => {
            Some(("/users/me", users::account_id(uri.query().unwrap_or(""))))
        }
        ("POST", ["api", "v1", "hosted", "accounts", "link"]) => {
            Some(("/hosted/accounts/link", None))
        }
        ("GET" | "POST", ["api", "v1", "webhooks"]) => Some(("/webhooks", None)),
        ("DELETE", ["api", "v1", "webhooks", _]) => Some(("/webhooks/{id}", None)),
        ("GET", ["hosted", _]) => Some(("/hosted/{token}", None)),
        _ => None,
    };
    match known {
        Some((route, account)) => (format!("{method} {route}"), account.map(ToOwned::to_owned)),
        None => ("other".to_owned(), None),
    }
}

/// The provider reads JSON whatever the request says that it is, and names what does not fit.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::invalid_parameters(&format!("The body does not fit: {error}.")))
}
