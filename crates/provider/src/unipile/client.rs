//! The client: one HTTP call a method, each with its limits.

use super::decode::{self, Lacks};
use super::reply::{Reply, shape, weigh};
use super::routes::{self, Route};
use super::{link, retry_after, session, setup, tls};
use crate::{
    Answered, Cause, Class, Config, ConfigError, HostedLink, LIMIT_MAX, LinkRequest, Owner, Page,
    Provider, ProviderError,
};
use policy::ids::SessionId;
use policy::session::Session;
use reqwest::header::{DATE, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, Url, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::fmt;

/// Unipile's v1. Cheap to share behind an `Arc`; holds a pool of connections.
pub struct Unipile {
    client: Client,
    base: Url,
    key: SecretString,
    body_bytes_max: usize,
}

impl Unipile {
    /// A client; nothing is sent yet. Proxies named in the environment are not used.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let limits_hold = !config.connect_timeout.is_zero()
            && !config.total_timeout.is_zero()
            && config.body_bytes_max > 0;
        if !limits_hold {
            return Err(ConfigError::Limit);
        }
        let base = setup::base(&config.base_url)?;
        let tls = tls::config(config.ca_pem.as_deref(), base.scheme() == "https")?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .default_headers(setup::headers(&config.api_key)?)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(config.connect_timeout)
            .timeout(config.total_timeout)
            .build()
            .map_err(|error| ConfigError::Client(error.into()))?;
        Ok(Self {
            client,
            base,
            key: config.api_key,
            body_bytes_max: config.body_bytes_max,
        })
    }

    /// A request on a route, for the session `id` where the path names one.
    fn request(&self, route: &Route, id: &str) -> Result<RequestBuilder, ProviderError> {
        let Some(url) = route.url(&self.base, id) else {
            let cause = Cause::NotSent("no path can carry this session id");
            return Err(ProviderError::new(route.name, Class::BadRequest, cause));
        };
        Ok(self.client.request(route.method.clone(), url))
    }

    /// Sends once and reads the whole answer; any 2xx will do, for the provider's pages disagree on which.
    async fn call(
        &self,
        route: &Route,
        request: RequestBuilder,
    ) -> Result<(u16, Value), ProviderError> {
        let response = request
            .send()
            .await
            .map_err(|error| transport(route, None, error))?;
        let status = response.status().as_u16();
        let text = |name| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let retry_after = text(RETRY_AFTER).and_then(|value| retry_after::parse(value, text(DATE)));
        let body = self.body(route, response).await?;
        let reply = Reply {
            status,
            retry_after,
            body: &body,
            secret: self.key.expose_secret(),
        };
        Ok((status, reply.json(route)?))
    }

    async fn body(&self, route: &Route, mut response: Response) -> Result<Vec<u8>, ProviderError> {
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| transport(route, Some(status), error))?
        {
            if self.body_bytes_max - body.len() < chunk.len() {
                let class = weigh(route, Some(status), Class::Unreadable);
                let cause = Cause::TooLong(self.body_bytes_max);
                let error = ProviderError::new(route.name, class, cause);
                return Err(ProviderError {
                    status: Some(status),
                    ..error
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    async fn page(&self, cursor: Option<&str>, limit: u16) -> Result<Page, ProviderError> {
        let route = &routes::LIST;
        let mut request = self
            .request(route, "")?
            .query(&[("limit", limit.clamp(1, LIMIT_MAX))]);
        if let Some(cursor) = cursor {
            request = request.query(&[("cursor", cursor)]);
        }
        let (status, value) = self.call(route, request).await?;
        decode::page(&value).map_err(|Lacks(what)| shape(route, status, what))
    }

    async fn session(&self, id: &SessionId) -> Result<Session, ProviderError> {
        let route = &routes::GET;
        let (status, value) = self.call(route, self.request(route, &id.0)?).await?;
        // This answer is evidence for or against a removal, so here only a 200 will do (R-DEL gate 3).
        if status != 200 {
            return Err(shape(route, status, "status 200"));
        }
        let session = session::session(&value).map_err(|Lacks(what)| shape(route, status, what))?;
        same(route, status, id, Some(&session.id.0))?;
        Ok(session)
    }

    async fn restarted(&self, id: &SessionId) -> Result<(), ProviderError> {
        let route = &routes::RESTART;
        let (status, value) = self.call(route, self.request(route, &id.0)?).await?;
        same(route, status, id, named(&value))?;
        if decode::restarted(&value).map_err(|Lacks(what)| shape(route, status, what))? {
            return Ok(());
        }
        let cause = Cause::Refused("AccountFailedToRestart".into());
        let error = ProviderError::new(route.name, Class::Transient, cause);
        Err(ProviderError {
            status: Some(status),
            ..error
        })
    }

    async fn link(&self, wanted: &LinkRequest) -> Result<HostedLink, ProviderError> {
        let route = &routes::LINK;
        let request = self
            .request(route, "")?
            .json(&link::body(wanted, &self.base));
        let (status, value) = self.call(route, request).await?;
        decode::hosted_link(&value).map_err(|Lacks(what)| shape(route, status, what))
    }

    async fn owner(&self, id: &SessionId) -> Result<Owner, ProviderError> {
        let route = &routes::ME;
        let request = self.request(route, "")?.query(&[("account_id", &id.0)]);
        let (status, value) = self.call(route, request).await?;
        same(route, status, id, named(&value))?;
        decode::owner(&value).map_err(|Lacks(what)| shape(route, status, what))
    }
}

impl Provider for Unipile {
    fn list_sessions<'a>(&'a self, cursor: Option<&'a str>, limit: u16) -> Answered<'a, Page> {
        Box::pin(self.page(cursor, limit))
    }

    fn get_session<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Session> {
        Box::pin(self.session(id))
    }

    fn restart<'a>(&'a self, id: &'a SessionId) -> Answered<'a, ()> {
        Box::pin(self.restarted(id))
    }

    fn hosted_link<'a>(&'a self, request: &'a LinkRequest) -> Answered<'a, HostedLink> {
        Box::pin(self.link(request))
    }

    fn me<'a>(&'a self, id: &'a SessionId) -> Answered<'a, Owner> {
        Box::pin(self.owner(id))
    }
}

impl fmt::Debug for Unipile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.base.as_str();
        f.debug_struct("Unipile")
            .field("base", &base)
            .finish_non_exhaustive()
    }
}

/// The URL is left out of what is kept: it names a session, and cursors.
fn transport(route: &Route, status: Option<u16>, error: reqwest::Error) -> ProviderError {
    let (connect, builder, timeout) = (error.is_connect(), error.is_builder(), error.is_timeout());
    let source = error.without_url().into();
    let (class, cause) = if builder {
        (
            Class::BadRequest,
            Cause::NotSent("the request could not be built"),
        )
    } else if connect {
        (Class::Transient, Cause::Unreached(source))
    } else if timeout {
        (
            weigh(route, status, Class::Transient),
            Cause::TimedOut(source),
        )
    } else {
        (
            weigh(route, status, Class::Transient),
            Cause::Broken(source),
        )
    };
    ProviderError {
        status,
        ..ProviderError::new(route.name, class, cause)
    }
}

/// Refuses an answer that names another session than the one asked for; `named` is `None` where it names none.
fn same(
    route: &Route,
    status: u16,
    asked: &SessionId,
    named: Option<&str>,
) -> Result<(), ProviderError> {
    if named.is_none_or(|named| named == asked.0) {
        return Ok(());
    }
    let error = ProviderError::new(route.name, Class::Mismatch, Cause::OtherSession);
    Err(ProviderError {
        status: Some(status),
        ..error
    })
}

fn named(value: &Value) -> Option<&str> {
    value.get("account_id").and_then(Value::as_str)
}
