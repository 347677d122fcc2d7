//! Routes on which a send is looked for.

use super::{Effect, Route, route};
use reqwest::Method;

pub(crate) const INVITATIONS: Route = route(
    Method::GET,
    "GET /users/invite/sent",
    "/users/invite/sent",
    Effect::Reads,
);
/// The same path as a view; without `notify` nobody is told.
pub(crate) const PROFILE: Route = route(
    Method::GET,
    "GET /users/{id}",
    "/users/{id}/",
    Effect::Reads,
);
/// Every chat of a session, the one with the newest message first.
pub(crate) const CHATS: Route = route(Method::GET, "GET /chats", "/chats", Effect::Reads);
pub(crate) const CHATS_WITH: Route = route(
    Method::GET,
    "GET /chat_attendees/{id}/chats",
    "/chat_attendees/{id}/chats",
    Effect::Reads,
);
pub(crate) const MESSAGES: Route = route(
    Method::GET,
    "GET /chats/{id}/messages",
    "/chats/{id}/messages",
    Effect::Reads,
);
pub(crate) const EMAILS: Route = route(Method::GET, "GET /emails", "/emails", Effect::Reads);
