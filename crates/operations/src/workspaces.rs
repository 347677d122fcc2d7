//! Workspaces: made, changed and ended by operators, read and configured by their products (R-WSP-1).

mod settings;
mod subscription;
mod texts;
mod view;

pub(crate) use settings::put_setting;
pub use settings::{Contact, Setting, Settings};
pub use subscription::{EndSubscription, RenewSubscription, Subscribe};
pub(crate) use texts::{browser_url, mail_address, short_text};
pub use view::{ConfiguredView, WorkspaceView, read_workspace, read_workspaces};

use crate::hours::known_zone;
use crate::{Done, Operation, Refused, Versioned};
use policy::ids::{AccountId, WorkspaceId};
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;
use uuid::Uuid;

/// Makes a workspace.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Settings to begin with; `name` is needed.
    pub settings: Settings,
}

impl Operation for Create {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        "workspace create".to_owned()
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let id = tx
            .create_workspace(act, &self.settings.as_changes()?)
            .await?;
        Ok(Done::new("made a workspace").with("workspace", &id.0))
    }
}

/// Changes a workspace's settings.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Id of the workspace.
    pub id: Uuid,
    /// Version that the change was made for; a workspace at another is left alone. None: at any.
    #[serde(default)]
    pub version: Option<i32>,
    /// Changes; a setting that is not named stays, and null takes one back to its default.
    pub settings: Settings,
}

impl Versioned for Change {
    fn expect_version(&mut self, version: i32) {
        self.version = Some(version);
    }
}

impl Operation for Change {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("workspace set {}", self.id)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let of = Some(WorkspaceId(self.id));
        change_settings(tx, act, of, self.version, &self.settings).await
    }
}

/// Changes the settings of the product's own workspace.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Configure {
    /// Version that the change was made for; a workspace at another is left alone. None: at any.
    #[serde(skip)]
    pub version: Option<i32>,
    /// Changes; a setting that is not named stays, and null takes one back to its default.
    pub settings: Settings,
}

impl Versioned for Configure {
    fn expect_version(&mut self, version: i32) {
        self.version = Some(version);
    }
}

impl Operation for Configure {
    const SCOPE: Scope = Scope::Product;

    fn what(&self) -> String {
        "workspace configure".to_owned()
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        change_settings(tx, act, None, self.version, &self.settings).await
    }
}

async fn change_settings(
    tx: &Tx,
    act: &Act<'_>,
    of: Option<WorkspaceId>,
    version: Option<i32>,
    settings: &Settings,
) -> Result<Done, Refused> {
    let changes = settings.as_changes()?;
    if changes.as_object().is_none_or(serde_json::Map::is_empty) {
        return Err(Refused::invalid("settings: name one that changes"));
    }
    let version = tx.change_workspace(act, of, version, &changes).await?;
    let says = format!("changed the settings; the workspace is at version {version}");
    Ok(Done::new(says).with_json("version", version.into()))
}

/// Ends a workspace for good; its rows stay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// Id of the workspace.
    pub id: Uuid,
}

impl Operation for End {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("workspace end {}", self.id)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let at = tx.end_workspace(act, WorkspaceId(self.id)).await?;
        let says = "ended the workspace: its tokens are revoked, its work is paused, its subscription is over";
        Ok(Done::new(says).with("ended_at", &at))
    }
}

/// Says in which zone an account's owner is (R-CAP-3).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerZone {
    /// Id of the account.
    pub id: Uuid,
    /// A name of the tz database; null: nobody knows it.
    pub zone: Option<String>,
}

impl Operation for OwnerZone {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("accounts zone {}", self.id)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        if let Some(zone) = &self.zone {
            known_zone(zone)?;
        }
        let zone = self.zone.as_deref();
        tx.set_owner_zone(act, AccountId(self.id), zone).await?;
        Ok(Done::new(match zone {
            Some(zone) => format!("noted that the owner of account {} is in {zone}", self.id),
            None => format!(
                "noted that nobody knows the zone of account {}'s owner",
                self.id
            ),
        }))
    }
}
