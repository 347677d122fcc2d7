//! The routes: the provider's behind the gate, and the control API beside them.

mod accounts;
mod acting;
mod chats;
mod connect;
mod control;
mod disorder;
mod emails;
mod form;
mod hosted;
mod hosted_page;
mod invites;
mod names;
mod owner;
mod profiles;
mod raw;
mod restart;
mod sends;
mod signs;
mod users;
mod webhooks;

use std::sync::Arc;

pub(crate) use names::route_of;

use crate::gate;
use crate::problem::Problem;
use crate::world::World;
use axum::body::Bytes;
use axum::http::{Method, Uri};
use axum::routing::{delete, get, post};
use axum::{Router, middleware};
use serde::de::DeserializeOwned;

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
        .route("/api/v1/accounts/{id}/restart", post(restart::restart))
        .route("/api/v1/users/me", get(users::me))
        .route("/api/v1/hosted/accounts/link", post(hosted::mint))
        .route(
            "/api/v1/webhooks",
            get(webhooks::list).post(webhooks::create),
        )
        .route("/api/v1/webhooks/{id}", delete(webhooks::delete))
        .route(
            "/hosted/{token}",
            get(hosted_page::show).post(hosted_page::submit),
        )
        .merge(outward())
        .method_not_allowed_fallback(nowhere)
        .fallback(nowhere)
        .layer(middleware::from_fn_with_state(
            Arc::clone(world),
            gate::pass,
        ));
    provider
        .merge(control::router())
        .merge(disorder::router())
        .merge(sends::router())
        .merge(signs::router())
        .with_state(Arc::clone(world))
}

/// The routes that act on people, and those by which it is seen afterwards whether they did.
fn outward() -> Router<Arc<World>> {
    Router::new()
        .route("/api/v1/users/invite", post(invites::send))
        .route("/api/v1/users/invite/sent", get(invites::sent))
        .route("/api/v1/users/invite/sent/{id}", delete(invites::withdraw))
        .route("/api/v1/users/relations", get(profiles::relations))
        .route("/api/v1/users/{identifier}", get(profiles::moved))
        .route("/api/v1/users/{identifier}/", get(profiles::one))
        .route("/api/v1/chats", get(chats::list).post(chats::start))
        .route(
            "/api/v1/chats/{id}/messages",
            get(chats::messages).post(chats::write),
        )
        .route(
            "/api/v1/chat_attendees/{id}/chats",
            get(chats::with_attendee),
        )
        .route("/api/v1/emails", get(emails::list).post(emails::send))
        .route("/api/v1/linkedin", post(raw::send))
        .route(
            "/api/v1/linkedin/inmail_balance",
            get(chats::inmail_balance),
        )
}

/// No such route. The body's last line does not speak of an account.
async fn nowhere(method: Method, uri: Uri) -> Problem {
    Problem::not_found(&format!("Cannot {method} {}", uri.path()))
}

/// The provider reads JSON whatever the request says that it is, and names what does not fit.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::invalid_parameters(&format!("The body does not fit: {error}.")))
}
