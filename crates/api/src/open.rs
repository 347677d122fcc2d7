//! Routes of the links listener. None of them takes a bearer's token: whoever asks is proved by what the request itself
//! holds, a signed name, a shared secret or a page's token, and each route looks at that first.
//!
//! # Adding a route
//! One line in [`links_routes`](crate::api::links_routes), by the method, the path and an async function from [`OpenCall`]
//! to whatever axum can answer with:
//!
//! ```text
//! open(Method::GET, "/r/{token}", pages::show),
//! ```
//!
//! `HEAD` is answered by the route of `GET` unless it has a line of its own. Answers are `no-store` always; other headers are
//! the route's. The log and the metrics see the path with its names in braces, never what stands there, nor the query.

use crate::app::App;
use crate::ask::{Path, drain};
use crate::door::{Answered, astray, peer};
use crate::problem::Problem;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{RawPathParams, Request};
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use operations::Code;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long a body may take to arrive, whatever the other listeners allow.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// One method of one path of the links listener.
#[derive(Clone)]
pub struct OpenRoute {
    /// `GET`, `HEAD` or `POST`.
    pub method: Method,
    /// With names in braces: `/r/{token}`.
    pub path: &'static str,
    handler: Arc<dyn Fn(OpenCall) -> BoxFuture<'static, Response> + Send + Sync>,
}

/// A request to the links listener, of nobody in particular.
pub struct OpenCall {
    pub(crate) app: Arc<App>,
    /// Address of the other end, which may be a proxy's.
    pub peer: IpAddr,
    /// Query, without its question mark.
    pub query: Option<String>,
    /// Headers, none of them looked at.
    pub headers: HeaderMap,
    path: Path,
    body: Body,
}

impl OpenCall {
    /// Part of the path by its name; empty where the path has no such name.
    pub fn part(&self, name: &str) -> &str {
        let part = self.path.iter().find(|(known, _)| known == name);
        part.map_or("", |(_, value)| value)
    }

    /// Body of at most so many bytes, whatever its content type, within 10 s.
    pub(crate) async fn bytes(self, bytes_max: usize) -> Result<Bytes, BodyFault> {
        let length = self.headers.get(header::CONTENT_LENGTH);
        let length: Option<usize> = length.and_then(|it| it.to_str().ok()?.parse().ok());
        let within = BODY_WITHIN.min(self.app.read_timeout);
        if length.is_some_and(|length| bytes_max < length) {
            drain(&self.headers, self.body, within).await;
            return Err(BodyFault::TooLarge(bytes_max));
        }
        let read = tokio::time::timeout(within, axum::body::to_bytes(self.body, bytes_max)).await;
        let read = read.map_err(|_| BodyFault::Slow(within))?;
        // Also the end of a connection: then nobody reads the answer.
        read.map_err(|_| BodyFault::TooLarge(bytes_max))
    }
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    /// Longer than so many bytes.
    TooLarge(usize),
    /// Not there after so long.
    Slow(Duration),
}

impl From<BodyFault> for Problem {
    fn from(fault: BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge(bytes_max) => {
                let detail = format!("a body has at most {bytes_max} bytes");
                Self::of_code(Code::TooLarge, detail)
            }
            BodyFault::Slow(within) => {
                let detail = format!("the body did not arrive within {} s", within.as_secs());
                Self::of_code(Code::SlowBody, detail)
            }
        }
    }
}

/// A route that needs no token.
pub(crate) fn open<F, R>(
    method: Method,
    path: &'static str,
    handler: impl Fn(OpenCall) -> F + Send + Sync + 'static,
) -> OpenRoute
where
    F: Future<Output = R> + Send + 'static,
    R: IntoResponse + 'static,
{
    OpenRoute {
        method,
        path,
        handler: Arc::new(move |call| handler(call).map(IntoResponse::into_response).boxed()),
    }
}

/// A router of these routes; everything else is answered 404 or 405.
pub(crate) fn open_router(app: &Arc<App>, routes: &[OpenRoute]) -> Router {
    let mut doors = Router::new();
    for route in routes {
        let Ok(filter) = MethodFilter::try_from(route.method.clone()) else {
            continue;
        };
        let (app, route, path) = (Arc::clone(app), route.clone(), route.path);
        let answer = move |path: Result<RawPathParams, _>, request: Request| {
            let (app, route) = (Arc::clone(&app), route.clone());
            async move {
                match path {
                    Ok(path) => answer(app, &route, &path, request).await,
                    Err(_) => astray(&app, &request, Problem::missing()),
                }
            }
        };
        doors = doors.route(path, on(filter, answer));
    }
    let (app, other) = (Arc::clone(app), Arc::clone(app));
    doors
        .fallback(move |request: Request| async move { astray(&app, &request, Problem::missing()) })
        .method_not_allowed_fallback(move |request: Request| async move {
            astray(&other, &request, Problem::no_method())
        })
}

async fn answer(
    app: Arc<App>,
    route: &OpenRoute,
    path: &RawPathParams,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let path = path
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let call = OpenCall {
        app,
        peer: peer(&parts.extensions),
        query: parts.uri.query().map(ToOwned::to_owned),
        headers: parts.headers,
        path: path.collect(),
        body,
    };
    let mut response = (route.handler)(call).await;
    response.extensions_mut().insert(Answered {
        route: Some(route.path),
        by: None,
    });
    response
}
