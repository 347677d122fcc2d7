//! A route: what is asked, with which scope, what it does, and what the document says of it, in one value. So nothing is
//! routed that is not in the document, and nothing is in the document that is not routed.

use crate::app::App;
use crate::ask::{self, ActRequest, Path};
use crate::document;
use crate::etag;
use crate::idempotency;
use crate::problem::Problem;
use crate::reply::Reply;
use axum::body::Body;
use axum::http::{HeaderMap, Method};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use linking::Minter;
use operations::product::OwnerPages;
use operations::{Operation, OperationRequest, Performed, Refused, Versioned};
use policy::ids::WorkspaceId;
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use store::Tx;
use store::guards::ClockKind;
use store::operators::{Bearer, Scope};
use utoipa::ToSchema;

/// What a route does with a call.
pub(crate) type Handler =
    Arc<dyn Fn(Call) -> BoxFuture<'static, Result<Reply, Problem>> + Send + Sync>;

/// One method of one path.
#[derive(Clone)]
pub struct Route {
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    pub method: Method,
    /// With names in braces: `/v1/flags/{name}`.
    pub path: &'static str,
    /// What a token needs.
    pub scope: Scope,
    pub(crate) is_act: bool,
    pub(crate) operation: Value,
    /// Schemas that its part of the document refers to, by their names.
    pub schemas: Vec<(String, Value)>,
    pub(crate) handler: Handler,
}

impl Route {
    /// Same route, with the version in this member of what it shows as its `ETag`.
    pub(crate) fn with_etag(mut self, member: &'static str) -> Self {
        let show = self.handler;
        self.handler = Arc::new(move |call| {
            let shown = show(call);
            async move { Ok(etag::tagged(shown.await?, member)) }.boxed()
        });
        etag::describe_tag(&mut self.operation);
        self
    }
}

/// A request whose token has been looked at, and has the route's scope.
pub(crate) struct Call {
    pub(crate) app: Arc<App>,
    pub(crate) token: SecretString,
    pub(crate) bearer: Bearer,
    pub(crate) path: Path,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

/// What a view looks with.
pub(crate) struct Look {
    /// A transaction that is rolled back.
    pub(crate) tx: Tx,
    /// Who looks.
    pub(crate) bearer: Bearer,
    /// Gate 1 of this process, and its kind of clock.
    pub(crate) removals: (bool, ClockKind),
    minter: Minter,
}

impl Look {
    /// Pages on which owners act.
    pub(crate) fn pages(&self) -> OwnerPages<'_> {
        OwnerPages::new(self.minter.keys(), self.minter.urls())
    }

    /// Whose product looks.
    pub(crate) fn workspace(&self) -> Result<WorkspaceId, Refused> {
        let of = self.bearer.workspace.map(WorkspaceId);
        of.ok_or_else(|| Refused::missing("the token is of no workspace"))
    }
}

/// A view's answer.
pub(crate) type Shown<'a, V> = BoxFuture<'a, Result<V, Refused>>;

/// Any future of the store or of crate `operations`, as a view's answer.
pub(crate) fn shown<'a, V, E: Into<Refused>>(
    read: impl Future<Output = Result<V, E>> + Send + 'a,
) -> Shown<'a, V> {
    read.map(|read| read.map_err(Into::into)).boxed()
}

/// A route that shows something. `Q` is what is asked: its fields are the path's names and the query's.
pub(crate) fn view<Q, V>(
    path: &'static str,
    scope: Scope,
    summary: &'static str,
    show: for<'a> fn(&'a Look, Q) -> Shown<'a, V>,
) -> Route
where
    Q: DeserializeOwned + ToSchema + Send + 'static,
    V: Serialize + ToSchema + Send + 'static,
{
    let (operation, schemas) = document::view::<Q, V>(path, scope, summary);
    Route {
        method: Method::GET,
        path,
        scope,
        is_act: false,
        operation,
        schemas,
        handler: Arc::new(move |call| look(call, show).boxed()),
    }
}

async fn look<Q: DeserializeOwned, V: Serialize>(
    call: Call,
    show: for<'a> fn(&'a Look, Q) -> Shown<'a, V>,
) -> Result<Reply, Problem> {
    let question = ask::question(&call.path, call.query.as_deref())?;
    let tx = call.app.store.begin().await.map_err(Refused::from)?;
    let look = Look {
        tx,
        bearer: call.bearer,
        removals: call.app.removals,
        minter: call.app.minter.clone(),
    };
    let shown = show(&look, question).await;
    look.tx.abandon().await;
    let shown = serde_json::to_value(shown?).map(Reply::shown);
    shown.map_err(|error| Problem::broken(&error.to_string()))
}

/// What an act's headers add to it, beside its key.
type Conditions<O> = fn(&HeaderMap, &mut O) -> Result<(), Problem>;

/// A route that does something: `O`'s fields are the path's names and the body's.
pub(crate) fn act<O>(method: Method, path: &'static str, summary: &'static str) -> Route
where
    O: Operation + DeserializeOwned + ToSchema + Send + Sync + 'static,
{
    act_under::<O>(method, path, summary, |_, _| Ok(()))
}

/// As [`act`], of something that has a version: it is left alone at another one than `If-Match` says.
pub(crate) fn change<O>(method: Method, path: &'static str, summary: &'static str) -> Route
where
    O: Operation + Versioned + DeserializeOwned + ToSchema + Send + Sync + 'static,
{
    let mut route = act_under::<O>(method, path, summary, etag::accept_version);
    etag::describe_if_match(&mut route.operation, false);
    route
}

/// As [`change`], and `If-Match` must be said.
pub(crate) fn guarded_change<O>(method: Method, path: &'static str, summary: &'static str) -> Route
where
    O: Operation + Versioned + DeserializeOwned + ToSchema + Send + Sync + 'static,
{
    let mut route = act_under::<O>(method, path, summary, etag::demand_version);
    etag::describe_if_match(&mut route.operation, true);
    route
}

fn act_under<O>(
    method: Method,
    path: &'static str,
    summary: &'static str,
    conditions: Conditions<O>,
) -> Route
where
    O: Operation + DeserializeOwned + ToSchema + Send + Sync + 'static,
{
    let (mut operation, schemas) = document::act::<O>(&method, path, summary);
    idempotency::describe_key(&mut operation);
    let name: Arc<str> = format!("{method} {path}").into();
    Route {
        method,
        path,
        scope: O::SCOPE,
        is_act: true,
        operation,
        schemas,
        handler: Arc::new(move |call| {
            let name = Arc::clone(&name);
            async move { perform(call, &name, conditions).await }.boxed()
        }),
    }
}

async fn perform<O>(call: Call, route: &str, conditions: Conditions<O>) -> Result<Reply, Problem>
where
    O: Operation + DeserializeOwned + Send + Sync + 'static,
{
    let (app, token) = (call.app, call.token);
    let within = app.read_timeout;
    let request = ActRequest {
        path: &call.path,
        query: call.query.as_deref(),
        headers: &call.headers,
    };
    let (body, digest) = idempotency::digested(call.body);
    let (how, mut operation) = ask::act::<O>(request, body, within).await?;
    conditions(&call.headers, &mut operation)?;
    let key = idempotency::key_of(&call.headers, (route, &call.path), &digest)?;
    let (store, dry_run) = (app.store.clone(), how.dry_run);
    let acting = app.acts.spawn(async move {
        let asked = OperationRequest {
            token: &token,
            reason: &how.reason,
            dry_run,
            log: said,
        };
        operations::perform_once(&store, &asked, key.as_ref(), &operation).await
    });
    match acting.await {
        Ok(performed) => Ok(reply(&performed?, dry_run)),
        Err(error) => Err(Problem::broken(&error.to_string())),
    }
}

fn reply(performed: &Performed, dry_run: bool) -> Reply {
    match performed {
        Performed::Now(done) => Reply::shown(done.json(dry_run)),
        Performed::Before(done) => {
            let (name, value) = idempotency::replayed();
            Reply::shown(done.json(false)).with(name, value)
        }
    }
}

/// An act's line in the log (R-DEL-5).
pub(crate) fn said(line: &str) {
    tracing::warn!("{line}");
}
