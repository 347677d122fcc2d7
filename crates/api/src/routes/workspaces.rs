//! What operators ask and do about workspaces (R-WSP-1).

use super::ById;
use super::page::limit;
use crate::document::Made;
use crate::methods::{delete, patch, post};
use crate::route::{Look, Route, act, change, shown, view};
use operations::Refused;
use operations::workspaces::{self, WorkspaceView};
use policy::ids::WorkspaceId;
use serde::Deserialize;
use store::operators::Scope;
use utoipa::ToSchema;
use uuid::Uuid;

const READ: Scope = Scope::Read;

/// Place and size of a page of workspaces.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Workspaces {
    /// The id of the last one before.
    after: Option<Uuid>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

/// The part of operators' routes that is about workspaces.
#[rustfmt::skip] // A table: a line a route.
pub(super) fn routes() -> Vec<Route> {
    vec![
        view("/v1/workspaces", READ, "Workspaces, in the order of their ids", |look, asked: Workspaces| shown(workspace_page(look, asked))),
        act::<workspaces::Create>(post(), "/v1/workspaces", "Makes a workspace").makes(&[Made::Id("workspace")]),
        view("/v1/workspaces/{id}", READ, "A workspace with its settings, contacts and subscription", |look, one: ById| shown(workspaces::read_workspace(&look.tx, WorkspaceId(one.id)))).with_etag("version"),
        change::<workspaces::Change>(patch(), "/v1/workspaces/{id}", "Changes a workspace's settings").makes(&[Made::Count("version")]),
        act::<workspaces::Subscribe>(post(), "/v1/workspaces/{id}/subscription", "Says until when a workspace's subscription runs"),
        act::<workspaces::End>(delete(), "/v1/workspaces/{id}", "Ends a workspace: its tokens, its work, its subscription; its rows stay").makes(&[Made::Instant("ended_at")]),
        act::<workspaces::OwnerZone>(post(), "/v1/accounts/{id}/zone", "Says in which zone an account's owner is"),
    ]
}

async fn workspace_page(look: &Look, asked: Workspaces) -> Result<Vec<WorkspaceView>, Refused> {
    let limit = limit(asked.limit)?;
    workspaces::read_workspaces(&look.tx, asked.after.map(WorkspaceId), limit).await
}
