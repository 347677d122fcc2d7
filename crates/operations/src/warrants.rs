//! Two operators' permission to remove one live, inert duplicate (R-DEL-4).

use crate::text::utc;
use crate::{Done, Operation, Refused};
use policy::ids::{SessionId, WarrantId};
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;

/// Names a session that is linked to nobody. Another operator must approve within the hour.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// The session, as the provider calls it.
    #[schema(value_type = String)]
    pub session: SessionId,
}

impl Operation for Issue {
    const SCOPE: Scope = Scope::Remove;

    fn what(&self) -> String {
        format!("warrant issue {}", self.session)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let (warrant, ends_at) = tx.issue_warrant(act, &self.session).await?;
        let says = format!(
            "issued a warrant for session {}; another operator must approve it before it dies at {}",
            self.session,
            utc(ends_at)
        );
        Ok(Done::new(says)
            .with("warrant", &warrant)
            .with("ends_at", &ends_at))
    }
}

/// Says yes to a warrant that another operator issued. Its removal begins to be looked at.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// Which.
    #[schema(value_type = Uuid)]
    pub warrant: WarrantId,
}

impl Operation for Approve {
    const SCOPE: Scope = Scope::Remove;

    fn what(&self) -> String {
        format!("warrant approve {}", self.warrant)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let removal = tx.approve_warrant(act, self.warrant).await?;
        let says = format!(
            "approved the warrant {}; its removal is requested",
            self.warrant
        );
        Ok(Done::new(says).with("removal", &removal))
    }
}

/// Takes a warrant back; its removal is withdrawn, if it is not permitted yet.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// Which.
    #[schema(value_type = Uuid)]
    pub warrant: WarrantId,
}

impl Operation for Revoke {
    const SCOPE: Scope = Scope::Remove;

    fn what(&self) -> String {
        format!("warrant revoke {}", self.warrant)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let warrant = self.warrant;
        let is_revoked = tx.revoke_warrant(act, warrant).await?;
        let all = tx.warrants().await?;
        let removal = all
            .into_iter()
            .find(|one| one.id == warrant.0)
            .and_then(|one| one.removal_state);
        if !is_revoked {
            let why = format!("warrant: {warrant} is revoked already");
            return Err(Refused::conflict(why));
        }
        Ok(Done::new(match removal {
            None => format!("revoked the warrant {warrant}"),
            Some(state) => format!("revoked the warrant {warrant}; its removal is {state}"),
        }))
    }
}
