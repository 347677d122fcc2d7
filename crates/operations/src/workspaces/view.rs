//! Workspaces as operators and products read them.

use crate::Refused;
use crate::hours::{day_names, window_text};
use jiff::Timestamp;
use policy::ids::WorkspaceId;
use serde::Serialize;
use store::Tx;
use store::workspaces::WorkspaceRow;
use utoipa::ToSchema;

/// Settings and team of a workspace, as its product reads them. Null is the default.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConfiguredView {
    #[schema(value_type = uuid::Uuid)]
    /// Id of the workspace.
    pub id: WorkspaceId,
    /// Name that people read.
    pub name: String,
    /// Steps up with every change; said with one, it keeps two from overwriting each other.
    pub version: i32,
    /// Zone of accounts whose owner's is not known; null: UTC.
    pub zone: Option<String>,
    /// `09:00-18:00`; null: those hours.
    pub window: Option<String>,
    /// `mon` to `sun`; null: `mon` to `fri`.
    pub days: Option<Vec<&'static str>>,
    /// `pause_campaign` or `continue_with_remaining`.
    pub on_sender_loss: String,
    /// Mail address for owners who need a person.
    pub support_address: Option<String>,
    /// Whether a first link needs a declared profile or address.
    pub require_handle: bool,
    /// How owners are told: `mail`, `event`, `both` or `none`.
    pub notices: String,
    /// Place for an owner's browser after a sign-in; null: our own page.
    pub success_url: Option<String>,
    /// Place for an owner's browser after a sign-in that failed; null: our own page.
    pub failure_url: Option<String>,
    /// The product's team.
    pub contacts: Vec<ContactView>,
    /// End of its subscription, also a past one; null while it runs.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub subscription_ends_at: Option<Timestamp>,
}

/// A person of the team.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactView {
    /// Mail address, in lower case.
    pub address: String,
    /// Name for people; may be empty.
    pub name: String,
}

/// A workspace as operators read it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkspaceView {
    /// Part that its product reads too.
    #[serde(flatten)]
    pub configured: ConfiguredView,
    /// Instant at which an operator made it; of older ones, at which it was planted.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Instant of its end; null: it goes on.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

/// Reads a workspace, whichever it is.
pub async fn read_workspace(tx: &Tx, id: WorkspaceId) -> Result<WorkspaceView, Refused> {
    let found = tx.workspace(id).await?;
    let found = found.ok_or_else(|| Refused::missing(format!("there is no workspace {id}")))?;
    Ok(workspace_view(found))
}

/// At most `limit` workspaces in the order of their ids, those after `after`.
pub async fn read_workspaces(
    tx: &Tx,
    after: Option<WorkspaceId>,
    limit: u32,
) -> Result<Vec<WorkspaceView>, Refused> {
    let found = tx.workspaces(after, limit).await?;
    Ok(found.into_iter().map(workspace_view).collect())
}

fn workspace_view(found: WorkspaceRow) -> WorkspaceView {
    let WorkspaceRow {
        id,
        name,
        version,
        zone,
        window,
        days,
        on_sender_loss,
        support_address,
        require_handle,
        notices,
        success_url,
        failure_url,
        contacts,
        subscription_ends_at,
        created_at,
        ended_at,
    } = found;
    let contacts = contacts.into_iter();
    let configured = ConfiguredView {
        id,
        name,
        version,
        zone,
        window: window.map(window_text),
        days: days.map(day_names),
        on_sender_loss,
        support_address,
        require_handle,
        notices,
        success_url,
        failure_url,
        contacts: contacts
            .map(|(address, name)| ContactView { address, name })
            .collect(),
        subscription_ends_at,
    };
    WorkspaceView {
        configured,
        created_at,
        ended_at,
    }
}
