//! Acts that call outward: an account with its first link, and a link of an account that is there (R-LNK-1).

use crate::app::App;
use crate::ask::{self, ActRequest, WriteTerms};
use crate::document;
use crate::etag;
use crate::idempotency;
use crate::methods::post;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::route::{Call, Route, said};
use axum::http::{HeaderValue, header};
use futures_util::FutureExt as _;
use operations::keys::{ActKey, KeyHold, KeyUse};
use operations::product::{
    AccountCreated, CreateAccount, LinkFor, LinkProblem, LinkView, NewAccount, OwnerPages,
    OwnersView, Reconnect, account, create_with_link, give_link, given_before, try_link,
};
use operations::{Code, OperationRequest, Performed, Refused};
use policy::ids::{AccountId, WorkspaceId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use store::operators::Scope;
use utoipa::ToSchema;
use uuid::Uuid;

const ACCOUNTS: &str = "/v1/accounts";
const RECONNECT: &str = "/v1/accounts/{id}/reconnect";
const LINKS: &str = "/v1/accounts/{id}/links";

/// An account that was made, with its first link.
#[derive(Serialize, ToSchema)]
struct CreatedAccount {
    #[serde(flatten)]
    account: OwnersView,
    /// Link with which its owner signs in; null where none was wanted, or none could be made.
    link: Option<LinkView>,
    /// Why there is none, where one was wanted. The account is there: ask for another by `reconnect`.
    link_problem: Option<LinkProblem>,
    /// The act's row in the record.
    audit: Option<Uuid>,
}

/// Makes an account, and its first link.
pub(super) fn create_account() -> Route {
    let summary = "Makes an account, and the link with which its owner signs in";
    let of = (ACCOUNTS, Scope::Product, summary);
    let (mut operation, schemas) = document::outward::<CreateAccount, CreatedAccount>(of);
    idempotency::describe_key(&mut operation);
    Route {
        method: post(),
        path: ACCOUNTS,
        scope: Scope::Product,
        is_act: true,
        operation,
        schemas,
        handler: Arc::new(|call| create(call).boxed()),
    }
    .may(&[
        Code::KeyRequired,
        Code::KeyReused,
        Code::KeyInUse,
        Code::IdentityKnown,
    ])
}

/// A link of one of the product's accounts.
pub(super) fn reconnect_of_product() -> Route {
    let summary = "Makes a link with which an account's owner signs in again";
    link_route((RECONNECT, Scope::Product, summary))
}

/// A link of any account, for an operator who helps its owner.
pub(super) fn link_by_operator() -> Route {
    let summary = "Makes a link for an account's owner, as its product would (R-LNK-1)";
    link_route((LINKS, Scope::Operate, summary))
}

fn link_route((path, scope, summary): (&'static str, Scope, &'static str)) -> Route {
    let of = (path, scope, summary);
    let (mut operation, schemas) = document::outward::<Reconnect, LinkView>(of);
    idempotency::describe_key(&mut operation);
    Route {
        method: post(),
        path,
        scope,
        is_act: true,
        operation,
        schemas,
        handler: Arc::new(move |call| link(call, (path, scope)).boxed()),
    }
    .may(&[
        Code::AlreadyConnected,
        Code::LinkInProgress,
        Code::KeyReused,
        Code::KeyInUse,
        Code::Expired,
        Code::ProviderRefused,
        Code::ProviderDown,
        Code::ProviderSilent,
    ])
}

/// An act's terms, the act, and its key.
async fn read<B: DeserializeOwned>(
    call: &mut Call,
    route: &str,
) -> Result<(WriteTerms, B, Option<ActKey>), Problem> {
    let request = ActRequest {
        path: &call.path,
        query: call.query.as_deref(),
        headers: &call.headers,
    };
    let (body, digest) = idempotency::digested(std::mem::take(&mut call.body));
    let (how, asked) = ask::act::<B>(request, body, call.app.read_timeout).await?;
    let key = idempotency::key_of(&call.headers, (route, &call.path), &digest)?;
    Ok((how, asked, key))
}

async fn create(mut call: Call) -> Result<Reply, Problem> {
    let (how, create, key) = read::<CreateAccount>(&mut call, "POST /v1/accounts").await?;
    let (app, token, bearer) = (call.app, call.token, call.bearer);
    if key.is_none() && !how.dry_run {
        let detail = "an account is made once for each Idempotency-Key: send one, best a UUID";
        return Err(Problem::of_code(Code::KeyRequired, detail));
    }
    let of = WorkspaceId(bearer.workspace.unwrap_or_default());
    let acting = Arc::clone(&app);
    let made = app.acts.spawn(async move {
        let asked = OperationRequest {
            token: &token,
            reason: &how.reason,
            dry_run: how.dry_run,
            log: said,
        };
        let (at, by) = ((&acting.store, &acting.minter), by_token(&bearer.token));
        let made = create_with_link(at, (&asked, key.as_ref()), (of, &by), &create).await?;
        match made {
            AccountCreated::Tried(done) => Ok(Reply::shown(done.json(true))),
            AccountCreated::Made(new) => created(&acting, of, new).await,
        }
    });
    ended(made.await)
}

async fn created(app: &App, of: WorkspaceId, new: NewAccount) -> Result<Reply, Refused> {
    let NewAccount {
        account: id,
        act,
        link,
    } = new;
    let pages = OwnerPages::new(app.minter.keys(), app.minter.urls());
    let tx = app.store.begin().await?;
    let view = account(&tx, of, (id, pages)).await;
    tx.abandon().await;
    let (link, link_problem) = match link {
        Some(Ok(link)) => (Some(link), None),
        Some(Err(problem)) => (None, Some(problem)),
        None => (None, None),
    };
    let is_replay = matches!(act, Performed::Before(_));
    let done = act.into_done();
    let audit = done.value("audit").and_then(Value::as_str);
    let shown = CreatedAccount {
        account: view?,
        link,
        link_problem,
        audit: audit.and_then(|it| it.parse().ok()),
    };
    let place = HeaderValue::try_from(format!("{ACCOUNTS}/{id}"));
    let reply = etag::tagged(Reply::created(json(&shown)?), "version");
    let reply = match place {
        Ok(place) => reply.with(header::LOCATION, place),
        Err(_) => reply,
    };
    Ok(if is_replay { replayed(reply) } else { reply })
}

async fn link(mut call: Call, (path, scope): (&'static str, Scope)) -> Result<Reply, Problem> {
    let route = format!("POST {path}");
    let (how, asked, key) = read::<Reconnect>(&mut call, &route).await?;
    let (app, token, bearer) = (call.app, call.token, call.bearer);
    let acting = Arc::clone(&app);
    let made = app.acts.spawn(async move {
        let by = match bearer.workspace {
            Some(_) => by_token(&bearer.token),
            None => format!("operator {}", bearer.operator),
        };
        let account = AccountId(asked.id);
        let of = LinkFor {
            account,
            workspace: workspace_of(&acting, bearer.workspace, account).await?,
            by: &by,
        };
        if how.dry_run {
            let tried = try_link(&acting.store, of, &asked.wish()?).await?;
            return Ok(Reply::shown(tried.json(true)));
        }
        let request = OperationRequest {
            token: &token,
            reason: &how.reason,
            dry_run: false,
            log: said,
        };
        linked(&acting, (&request, scope, key.as_ref()), of, &asked).await
    });
    ended(made.await)
}

async fn linked(
    app: &App,
    (request, scope, key): (&OperationRequest<'_>, Scope, Option<&ActKey>),
    of: LinkFor<'_>,
    asked: &Reconnect,
) -> Result<Reply, Refused> {
    let (at, wish) = ((&app.store, &app.minter), asked.wish()?);
    let hold = match key {
        None => None,
        Some(key) => match KeyHold::begin(&app.store, request.token, scope, key).await? {
            KeyUse::Answered(kept) => {
                let given = given_before(at, of, &kept).await?;
                return Ok(replayed(Reply::shown(json(&given)?)));
            }
            KeyUse::Held(hold) => Some(hold),
        },
    };
    let given = give_link(at, request, of, (&wish, hold.as_ref())).await;
    match (given, hold) {
        (Ok(link), _) if link.reused => Ok(Reply::shown(json(&link)?)),
        (Ok(link), _) => Ok(Reply::created(json(&link)?)),
        (Err(refused), Some(hold)) => {
            // Nothing was done: the next request with the key is a first one. Where that fails, in a minute.
            drop(hold.release(&app.store).await);
            Err(refused)
        }
        (Err(refused), None) => Err(refused),
    }
}

/// The token's workspace; an operator's is that of the account.
async fn workspace_of(
    app: &App,
    of: Option<Uuid>,
    account: AccountId,
) -> Result<WorkspaceId, Refused> {
    if let Some(of) = of {
        return Ok(WorkspaceId(of));
    }
    let tx = app.store.begin().await?;
    let found = tx.account_detail(account).await;
    tx.abandon().await;
    let missing = || Refused::missing(format!("there is no account {account}"));
    Ok(WorkspaceId(
        found?.ok_or_else(missing)?.account.workspace_id,
    ))
}

fn by_token(id: &str) -> String {
    format!("token {id}")
}

fn replayed(reply: Reply) -> Reply {
    let (name, value) = idempotency::replayed();
    reply.with(name, value)
}

fn json(shown: &impl Serialize) -> Result<Value, Refused> {
    let shown = serde_json::to_value(shown);
    shown.map_err(|error| Refused::of_code(Code::Broken, error.to_string()))
}

fn ended(joined: Result<Result<Reply, Refused>, tokio::task::JoinError>) -> Result<Reply, Problem> {
    match joined {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(refused)) => Err(Problem::from(refused)),
        Err(error) => Err(Problem::broken(&error.to_string())),
    }
}
