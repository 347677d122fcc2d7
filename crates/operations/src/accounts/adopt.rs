//! Accounts that operators make.

use crate::{Done, Operation, Refused};
use policy::ids::{SessionId, WorkspaceId};
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Adoption, Scope};
use utoipa::ToSchema;

/// Makes an account of a living session that belongs to nobody. It is connected once its owner's profile has answered;
/// refused if any account of any workspace has the session or is its person.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    /// The session, as the provider calls it.
    #[schema(value_type = String)]
    pub session: SessionId,
    /// Workspace of the account.
    #[schema(value_type = Uuid)]
    pub workspace: WorkspaceId,
    /// Display name of the account.
    pub name: String,
    /// Name that its product gives it, unique in the workspace.
    #[serde(default)]
    pub external_id: Option<String>,
}

impl Operation for Adopt {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!(
            "accounts adopt {} into workspace {}",
            self.session, self.workspace
        )
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let external_id = self.external_id.as_deref().map(str::trim);
        if external_id == Some("") {
            return Err(Refused::invalid("external_id: it is blank"));
        }
        let adoption = Adoption {
            session: &self.session,
            workspace: self.workspace,
            name: &self.name,
            external_id,
        };
        let (account, kind) = tx.adopt_session(act, adoption).await?;
        let says = format!(
            "adopted session {} as a {kind} account; it is connected once its owner's profile has answered",
            self.session
        );
        Ok(Done::new(says).with("account", &account))
    }
}
