//! A listener's router: its routes, its document, and words for everything else.

use crate::app::{App, Caller};
use crate::limits::Key;
use crate::openapi::{self, PATH};
use crate::problem::Problem;
use crate::route::{Call, Route, said};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawPathParams, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on};
use operations::{Kind, OperationRequest, Refused};
use secrecy::SecretString;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

/// Where a request came from; stands in its extensions.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What a response was the answer to; stands in its extensions, for the log and the metrics. A closed set: the
/// template, never the path.
#[derive(Clone, Default)]
pub(crate) struct Answered {
    /// The route's path with its names in braces.
    pub(crate) route: Option<&'static str>,
    /// The token's id and owner; never its secret.
    pub(crate) by: Option<(String, String)>,
}

/// A router of these routes; without any, everything is answered 404.
pub(crate) fn router(app: &Arc<App>, routes: &[Route], title: &str, about: &str) -> Router {
    let mut doors = Router::new();
    for route in routes {
        let Ok(filter) = MethodFilter::try_from(route.method.clone()) else {
            continue;
        };
        let (app, route, path) = (Arc::clone(app), Arc::new(route.clone()), route.path);
        let answer = move |path: Result<RawPathParams, _>, request: Request| {
            let (app, route) = (Arc::clone(&app), Arc::clone(&route));
            async move {
                match path {
                    Ok(path) => answer(app, &route, &path, request).await,
                    Err(_) => Problem::missing().into_response(),
                }
            }
        };
        doors = doors.route(path, on(filter, answer));
    }
    if !routes.is_empty() {
        // Made once; it says the same as long as the process runs.
        let document = Bytes::from(openapi::document(title, about, routes).to_string());
        let app = Arc::clone(app);
        let show = move |request: Request| {
            let (app, document) = (Arc::clone(&app), document.clone());
            async move { open(&app, document, &request) }
        };
        doors = doors.route(PATH, get(show));
    }
    let (app, other) = (Arc::clone(app), Arc::clone(app));
    doors
        .fallback(move |request: Request| async move { astray(&app, &request, false) })
        .method_not_allowed_fallback(move |request: Request| async move {
            astray(&other, &request, true)
        })
}

async fn answer(app: Arc<App>, route: &Route, path: &RawPathParams, request: Request) -> Response {
    let mut answered = Answered {
        route: Some(route.path),
        by: None,
    };
    let path = path
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let done = match call(app, route, path.collect(), request).await {
        Ok(call) => {
            answered.by = Some((call.bearer.token.clone(), call.bearer.operator.clone()));
            (route.handler)(call).await
        }
        Err(problem) => Err(problem),
    };
    let mut response = match done {
        Ok(shown) => axum::Json(shown).into_response(),
        Err(problem) => problem.into_response(),
    };
    response.extensions_mut().insert(answered);
    response
}

/// Lets in whoever may: 401 and 403 come before anything is read of what is asked.
async fn call(
    app: Arc<App>,
    route: &Route,
    path: Vec<(String, String)>,
    request: Request,
) -> Result<Call, Problem> {
    let (parts, body) = request.into_parts();
    let (token, bearer) = match app.caller(&parts.headers, peer(&parts.extensions)).await? {
        Caller::Known(token, bearer) => (token, bearer),
        Caller::Unknown(token) => {
            let why = "operator token: unknown, expired or revoked";
            tell(&app, route, &token, Kind::Unknown, why.to_owned()).await;
            return Err(Problem::unknown());
        }
        Caller::Nobody => return Err(Problem::unknown()),
    };
    if !bearer.scopes.contains(&route.scope) {
        let (who, needs) = (&bearer.operator, route.scope.as_str());
        let why = format!("operator token: {who} may not do this: it needs the scope {needs}");
        tell(&app, route, &token, Kind::Forbidden, why).await;
        return Err(Problem::lacks(route.scope));
    }
    Ok(Call {
        app,
        token,
        bearer,
        path,
        query: parts.uri.query().map(ToOwned::to_owned),
        headers: parts.headers,
        body,
    })
}

/// An act that is refused here is told like one that the database refuses (R-DEL-5); a look is not.
async fn tell(app: &App, route: &Route, token: &SecretString, kind: Kind, why: String) {
    if !route.is_act {
        return;
    }
    let asked = OperationRequest {
        token,
        reason: "",
        dry_run: false,
        log: said,
    };
    let what = format!("{} {}", route.method, route.path);
    let what = (what.as_str(), route.scope);
    operations::refuse(&app.store, &asked, what, &Refused { kind, why }).await;
}

fn open(app: &App, document: Bytes, request: &Request) -> Response {
    let taken = app.take(Key::peer(peer(request.extensions())), Instant::now());
    let mut response = match taken {
        Ok(()) => ([(header::CONTENT_TYPE, "application/json")], document).into_response(),
        Err(problem) => problem.into_response(),
    };
    response.extensions_mut().insert(Answered {
        route: Some(PATH),
        by: None,
    });
    response
}

/// What no route is for costs its peer a request, too.
pub(crate) fn astray(app: &App, request: &Request, is_path_known: bool) -> Response {
    let taken = app.take(Key::peer(peer(request.extensions())), Instant::now());
    let problem = match taken {
        Err(problem) => problem,
        Ok(()) if is_path_known => Problem::of(
            StatusCode::METHOD_NOT_ALLOWED,
            "this path has no such method; see the header Allow",
        ),
        Ok(()) => Problem::missing(),
    };
    problem.into_response()
}

pub(crate) fn peer(extensions: &axum::http::Extensions) -> IpAddr {
    let peer = extensions.get::<Peer>();
    peer.map_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), |it| it.0)
}
