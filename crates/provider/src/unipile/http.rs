//! One HTTP call at a time, each with its limits: the only place from which a request leaves.

use super::door::{Cut, Thinner};
use super::reply::{Reply, weigh};
use super::routes::{Effect, LIST, Route};
use super::{moved, retry_after, setup, tls};
use crate::{Cause, Class, Config, ConfigError, ProviderError};
use jiff::Timestamp;
use metrics::{counter, histogram};
use reqwest::header::{DATE, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, Url, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

/// How many times what is kept of a body may come to be read for it.
const RAW_FACTOR: usize = 8;

/// No answer has shown a clock yet.
const NO_CLOCK: i64 = i64::MIN;

/// What sends.
pub(crate) struct Http {
    /// For what leaves nothing behind: keeps its connections.
    reads: Client,
    /// For what acts: a connection a call. On one that was kept, the library itself sends a request again when it finds
    /// the connection closed, and only it knows whether a byte had left.
    acts: Client,
    pub(crate) base: Url,
    key: SecretString,
    body_bytes_max: usize,
    /// The provider's clock as its last answer showed it, in seconds since 1970; [`NO_CLOCK`] before the first.
    clock_s: AtomicI64,
}

impl Http {
    /// Nothing is sent yet.
    pub(crate) fn new(config: Config) -> Result<Self, ConfigError> {
        setup::limits(&config)?;
        let base = setup::base(&config.base_url)?;
        Ok(Self {
            reads: built(builder(&config, &base)?)?,
            acts: acting(&config, &base)?,
            base,
            key: config.api_key,
            body_bytes_max: config.body_bytes_max,
            clock_s: AtomicI64::new(NO_CLOCK),
        })
    }

    /// Instant that the provider's own clock has shown by now; none before its first answer.
    pub(crate) fn clock(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.clock_s.load(Ordering::Relaxed)).ok()
    }

    /// A request on a route, for `id` where the path names one.
    pub(crate) fn request(&self, route: &Route, id: &str) -> Result<RequestBuilder, ProviderError> {
        let Some(url) = route.url(&self.base, id) else {
            let cause = Cause::NotSent("no path can carry this id");
            return Err(ProviderError::new(route.name, Class::Unsayable, cause));
        };
        let client = match route.effect {
            Effect::Reads => &self.reads,
            Effect::Acts => &self.acts,
        };
        Ok(client.request(route.method.clone(), url))
    }

    /// Sends once and reads the whole answer; any 2xx will do, for the provider's pages disagree on which.
    pub(crate) async fn call(
        &self,
        route: &Route,
        request: RequestBuilder,
    ) -> Result<(u16, Value), ProviderError> {
        let read = |reply: &Reply<'_>| Ok((reply.status, reply.json(route)?));
        self.call_reading(route, request, read).await
    }

    /// The same, read in another way than as one JSON.
    pub(crate) async fn call_reading<T>(
        &self,
        route: &Route,
        request: RequestBuilder,
        read: impl FnOnce(&Reply<'_>) -> Result<T, ProviderError> + Send,
    ) -> Result<T, ProviderError> {
        let began = Instant::now();
        let answer = self.ask(route, request, read).await;
        let outcome = match &answer {
            Ok(_) => "ok",
            Err(error) => error.class.as_str(),
        };
        counter!("relink_provider_calls_total", "route" => route.name, "outcome" => outcome)
            .increment(1);
        histogram!("relink_provider_call_duration_seconds", "route" => route.name)
            .record(began.elapsed().as_secs_f64());
        answer
    }

    async fn ask<T>(
        &self,
        route: &Route,
        request: RequestBuilder,
        read: impl FnOnce(&Reply<'_>) -> Result<T, ProviderError> + Send,
    ) -> Result<T, ProviderError> {
        let failed = |error| transport(route, None, error);
        let (client, request) = request.build_split();
        let request = request.map_err(failed)?;
        let asked = request.url().clone();
        let mut response = client.execute(request).await.map_err(failed)?;
        if let Some(moved) = moved::followed(route, &asked, &response) {
            response = client.get(moved).send().await.map_err(failed)?;
        }
        let status = response.status().as_u16();
        let text = |name| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let retry_after = text(RETRY_AFTER).and_then(|value| retry_after::parse(value, text(DATE)));
        let date = text(DATE).and_then(retry_after::instant);
        if let Some(date) = date {
            self.clock_s.store(date.as_second(), Ordering::Relaxed);
        }
        let body = self.body(route, response).await?;
        read(&Reply {
            status,
            retry_after,
            date,
            body: body.as_deref(),
            body_bytes_max: self.body_bytes_max,
            secret: self.key.expose_secret(),
        })
    }

    /// The body, as far as it is kept; or what was noted of one that is too long.
    async fn body(
        &self,
        route: &Route,
        mut response: Response,
    ) -> Result<Result<Vec<u8>, Cut>, ProviderError> {
        let status = response.status().as_u16();
        let mut thinner = Thinner::new(self.body_bytes_max);
        let mut left = self.body_bytes_max.saturating_mul(RAW_FACTOR);
        let failed = |error| transport(route, Some(status), error);
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            let Some(rest) = left.checked_sub(chunk.len()) else {
                return Ok(Err(Cut::default()));
            };
            left = rest;
            thinner.push(&chunk);
            // Of a list the rest tells where it goes on.
            if thinner.is_full() && route.name != LIST.name {
                break;
            }
        }
        Ok(thinner.done())
    }
}

/// A client that makes a connection for each call, and closes it.
pub(crate) fn acting(config: &Config, base: &Url) -> Result<Client, ConfigError> {
    built(builder(config, base)?.pool_max_idle_per_host(0))
}

fn built(builder: ClientBuilder) -> Result<Client, ConfigError> {
    builder
        .build()
        .map_err(|error| ConfigError::Client(error.into()))
}

fn builder(config: &Config, base: &Url) -> Result<ClientBuilder, ConfigError> {
    let tls = tls::config(config.ca_pem.as_deref(), base.scheme() == "https")?;
    Ok(Client::builder()
        .tls_backend_preconfigured(tls)
        .default_headers(setup::headers(&config.api_key)?)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .connect_timeout(config.connect_timeout)
        .timeout(config.total_timeout))
}

/// The URL is left out of what is kept: it names a session, and cursors.
fn transport(route: &Route, status: Option<u16>, error: reqwest::Error) -> ProviderError {
    let (connect, builder, timeout) = (error.is_connect(), error.is_builder(), error.is_timeout());
    let source = error.without_url().into();
    let (class, cause) = if builder {
        (
            Class::Unsayable,
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
