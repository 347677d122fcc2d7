//! Gate 2's latch. While it is tripped no removal is permitted and none begins; only a person clears it.

use crate::{Done, Operation, Refused};
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;

/// Stops every removal at once, until a person clears it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trip {}

impl Operation for Trip {
    const SCOPE: Scope = Scope::Remove;

    fn what(&self) -> String {
        "latch trip".to_owned()
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        Ok(Done::new(if tx.trip_latch(act).await? {
            "tripped the latch: no removal is permitted or begun until a person clears it"
        } else {
            "found the latch tripped already: no removal is permitted or begun until a person clears it"
        }))
    }
}

/// Lets the other gates decide again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Clear {}

impl Operation for Clear {
    const SCOPE: Scope = Scope::Remove;

    fn what(&self) -> String {
        "latch clear".to_owned()
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        Ok(Done::new(if tx.clear_latch(act).await? {
            "cleared the latch: the other gates decide again"
        } else {
            "found the latch not tripped"
        }))
    }
}
