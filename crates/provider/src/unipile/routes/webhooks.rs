//! Routes of webhooks. There is none for taking one away.

use super::{Effect, Route, route};
use reqwest::Method;

pub(crate) const LIST: Route = route(Method::GET, "GET /webhooks", "/webhooks", Effect::Reads);
pub(crate) const REGISTER: Route = route(Method::POST, "POST /webhooks", "/webhooks", Effect::Acts);
