//! A person asks for a restart of a session that stopped (R-LNK-8).

use crate::{Done, Operation, Refused};
use policy::ids::AccountId;
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;
use uuid::Uuid;

/// Asks for one restart now, inside the fleet's bound; the account's own restarts go on beside it. Refused for every status
/// but `recovering`, and where the session lacks what only its owner can give.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Restart {
    /// Account whose session is restarted.
    pub id: Uuid,
}

impl Operation for Restart {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("accounts restart {}", self.id)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let restart = tx.restart_account(act, AccountId(self.id)).await?;
        let says = "asked for a restart; it is made as soon as the fleet's bound has room, and looked at 45 s later";
        Ok(Done::new(says).with("restart", &restart))
    }
}
