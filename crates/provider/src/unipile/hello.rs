//! Whether the provider answers at all: a request without our key, which costs nothing.

use super::{setup, tls};
use crate::{Config, ConfigError};
use reqwest::{Client, redirect, retry};

impl Config {
    /// Host and port of the provider, and whether it is reached by TLS.
    pub fn place(&self) -> Result<(String, u16, bool), ConfigError> {
        let base = setup::base(&self.base_url)?;
        let host = base.host_str().ok_or(ConfigError::BaseUrl)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = base.port_or_known_default().ok_or(ConfigError::BaseUrl)?;
        Ok((host.to_owned(), port, base.scheme() == "https"))
    }

    /// Asks for the provider's headers with no key; the status of whatever answer came. An error is for people.
    pub async fn hello(&self) -> Result<u16, String> {
        let words = |error: reqwest::Error| chain(&error.without_url());
        let base = setup::base(&self.base_url).map_err(|error| error.to_string())?;
        let tls = tls::config(self.ca_pem.as_deref(), base.scheme() == "https");
        let client = Client::builder()
            .tls_backend_preconfigured(tls.map_err(|error| error.to_string())?)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .connect_timeout(self.connect_timeout)
            .timeout(self.total_timeout.min(self.connect_timeout * 3))
            .build()
            .map_err(words)?;
        let answer = client.head(base).send().await.map_err(words)?;
        Ok(answer.status().as_u16())
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        line = format!("{line}: {inner}");
        source = inner.source();
    }
    line
}
