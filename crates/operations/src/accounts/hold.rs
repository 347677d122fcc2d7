//! A person keeps an account from sending.

use crate::text::utc;
use crate::{Done, Life, Operation, Refused};
use policy::ids::AccountId;
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;
use uuid::Uuid;

/// Holds an account for `operator`: nothing of it is sent until the hold ends, and what is reserved is taken back. Said again,
/// it moves the end of the hold that stands.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Account that is held.
    pub id: Uuid,
    /// How long, `6h`; until a person ends it, if not said.
    #[serde(rename = "for", default)]
    pub life: Option<Life>,
}

impl Operation for Hold {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        match self.life {
            Some(life) => format!("accounts hold {} --for {life}", self.id),
            None => format!("accounts hold {}", self.id),
        }
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let life = self.life.map(|it| it.0);
        let ends_at = tx.hold_account(act, AccountId(self.id), life).await?;
        let done = Done::new(match ends_at {
            Some(at) => format!(
                "held the account until {}, or until relink accounts release --hold operator",
                utc(at)
            ),
            None => "held the account until relink accounts release --hold operator".to_owned(),
        });
        Ok(match ends_at {
            Some(at) => done.with("ends_at", &at),
            None => done,
        })
    }
}
