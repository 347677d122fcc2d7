//! The one route on which this program deletes anything at the provider: an invitation of the account's own, by its
//! id. A tidy test lets no other file name the method, so no session can be deleted by a slip of a constant.

use super::{Effect, Route, route};
use reqwest::Method;

pub(crate) const WITHDRAW: Route = route(
    Method::DELETE,
    "DELETE /users/invite/sent/{id}",
    "/users/invite/sent/{id}",
    Effect::Acts,
);
