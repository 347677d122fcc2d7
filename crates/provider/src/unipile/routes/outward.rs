//! Routes that do something to a person; the one that takes an invitation back has a file of its own.

use super::{Effect, Route, route};
use reqwest::Method;

pub(crate) const INVITE: Route = route(
    Method::POST,
    "POST /users/invite",
    "/users/invite",
    Effect::Acts,
);
pub(crate) const CHAT: Route = route(Method::POST, "POST /chats", "/chats", Effect::Acts);
/// A `GET`, and it acts: with `notify` the person is told. Its name tells it from the one that does not. Without the slash
/// at its end the provider may answer with a redirect, which is not followed where something may have happened.
pub(crate) const VIEW: Route = route(
    Method::GET,
    "GET /users/{id}?notify=true",
    "/users/{id}/",
    Effect::Acts,
);
/// LinkedIn's own interface, for what the provider has no route for.
pub(crate) const RAW: Route = route(Method::POST, "POST /linkedin", "/linkedin", Effect::Acts);
pub(crate) const EMAIL: Route = route(Method::POST, "POST /emails", "/emails", Effect::Acts);
