//! What the crate `removal` needs to make its one call itself: no function here sends anything. The method that
//! removes a session stands in that crate alone, and a tidy test lets no other file name this module.

use super::{http, routes, setup};
use crate::{Config, ConfigError};
use policy::ids::SessionId;
use reqwest::{Client, Url};

/// A client for calls that act: the key among its headers, our trust, the limits of time; a connection a call, and no
/// redirect, retry or proxy.
pub fn client(config: &Config) -> Result<Client, ConfigError> {
    setup::limits(config)?;
    http::acting(config, &setup::base(&config.base_url)?)
}

/// The URL that every route is below.
pub fn base(config: &Config) -> Result<Url, ConfigError> {
    setup::base(&config.base_url)
}

/// The one path of this very session below `base`; `None` for an id that no path can carry (empty, `.`, `..`, with
/// control characters).
pub fn account_url(base: &Url, id: &SessionId) -> Option<Url> {
    routes::GET.url(base, &id.0)
}
