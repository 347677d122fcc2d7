//! Asking to remove a session that is gone (docs/removals.md).

mod status;

pub use status::{GateView, Status, Subject, status};

use crate::{Done, Operation, Refused};
use policy::ids::{RemovalId, SessionId};
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;

/// Asks to remove a session whose case is confirmed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The session, as the provider calls it.
    #[schema(value_type = String)]
    pub session: SessionId,
}

impl Operation for Request {
    const SCOPE: Scope = Scope::Remove;

    fn what(&self) -> String {
        format!("removals request {}", self.session)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let removal = tx.request_removal(act, &self.session).await?;
        let says = format!(
            "requested the removal of session {}; a worker looks at it three times first",
            self.session
        );
        Ok(Done::new(says).with("removal", &removal))
    }
}

/// Gives up a removal that is not permitted yet.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// Which.
    #[schema(value_type = Uuid)]
    pub removal: RemovalId,
}

impl Operation for Withdraw {
    const SCOPE: Scope = Scope::Remove;

    fn what(&self) -> String {
        format!("removals withdraw {}", self.removal)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let removal = self.removal;
        if tx.withdraw_removal(act, removal).await? {
            return Ok(Done::new(format!("withdrawn the removal {removal}")));
        }
        let found = tx.removal(removal).await?;
        Err(match found {
            None => Refused::missing(format!("there is no removal {removal}")),
            Some(found) => {
                Refused::conflict(format!("removal {removal} is {} already", found.state))
            }
        })
    }
}
