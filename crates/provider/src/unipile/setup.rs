//! From the configuration to what every request shares.

use crate::{Config, ConfigError};
use reqwest::Url;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use secrecy::{ExposeSecret, SecretString};

/// No call without an end.
pub(crate) fn limits(config: &Config) -> Result<(), ConfigError> {
    let hold = !config.connect_timeout.is_zero()
        && !config.total_timeout.is_zero()
        && config.body_bytes_max > 0;
    hold.then_some(()).ok_or(ConfigError::Limit)
}

/// The URL that every route is below.
pub(crate) fn base(text: &str) -> Result<Url, ConfigError> {
    let mut url = Url::parse(text).map_err(|_| ConfigError::BaseUrl)?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !plain {
        return Err(ConfigError::BaseUrl);
    }
    let path = url.path().trim_end_matches('/').to_owned();
    if !path.ends_with("/api/v1") {
        url.set_path(&format!("{path}/api/v1"));
    }
    Ok(url)
}

/// What every request says; the key is marked, so that no library prints it.
pub(crate) fn headers(key: &SecretString) -> Result<HeaderMap, ConfigError> {
    let mut value = HeaderValue::from_str(key.expose_secret()).map_err(|_| ConfigError::ApiKey)?;
    if value.is_empty() {
        return Err(ConfigError::ApiKey);
    }
    value.set_sensitive(true);
    let accept = HeaderValue::from_static("application/json");
    let agent = HeaderValue::from_static(concat!("relink/", env!("CARGO_PKG_VERSION")));
    Ok(HeaderMap::from_iter([
        (HeaderName::from_static("x-api-key"), value),
        (ACCEPT, accept),
        (USER_AGENT, agent),
    ]))
}
