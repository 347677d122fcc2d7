//! A route: what is asked, with which scope, what it does, and what the document says of it, in one value. So nothing is
//! routed that is not in the document, and nothing is in the document that is not routed.

use crate::app::App;
use crate::ask::{self, ActRequest, Path};
use crate::document;
use crate::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, Method};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use operations::{Operation, OperationRequest, Refused};
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
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// What a route does with a call.
pub(crate) type Handler =
    Arc<dyn Fn(Call) -> BoxFuture<'static, Result<Value, Problem>> + Send + Sync>;

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
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
    pub(crate) handler: Handler,
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
}

impl Look {
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
) -> Result<Value, Problem> {
    let question = ask::question(&call.path, call.query.as_deref())?;
    let tx = call.app.store.begin().await.map_err(Refused::from)?;
    let look = Look {
        tx,
        bearer: call.bearer,
        removals: call.app.removals,
    };
    let shown = show(&look, question).await;
    look.tx.abandon().await;
    let shown = serde_json::to_value(shown?);
    shown.map_err(|error| Problem::broken(&error.to_string()))
}

/// A route that does something: `O`'s fields are the path's names and the body's.
pub(crate) fn act<O>(method: Method, path: &'static str, summary: &'static str) -> Route
where
    O: Operation + DeserializeOwned + ToSchema + Send + Sync + 'static,
{
    let (operation, schemas) = document::act::<O>(&method, path, summary);
    Route {
        method,
        path,
        scope: O::SCOPE,
        is_act: true,
        operation,
        schemas,
        handler: Arc::new(|call| perform::<O>(call).boxed()),
    }
}

async fn perform<O>(call: Call) -> Result<Value, Problem>
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
    let (how, operation) = ask::act::<O>(request, call.body, within).await?;
    let store = app.store.clone();
    let acting = app.acts.spawn(async move {
        let asked = OperationRequest {
            token: &token,
            reason: &how.reason,
            dry_run: how.dry_run,
            log: said,
        };
        let done = operations::perform(&store, &asked, &operation).await?;
        Ok::<_, Refused>(done.json(how.dry_run))
    });
    match acting.await {
        Ok(ended) => Ok(ended?),
        Err(error) => Err(Problem::broken(&error.to_string())),
    }
}

/// An act's line in the log (R-DEL-5).
pub(crate) fn said(line: &str) {
    tracing::warn!("{line}");
}
