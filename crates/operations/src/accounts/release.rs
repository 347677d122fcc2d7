//! A person lets an account send again (R-CAM-1's kind, for holds).

use crate::{Done, Operation, Refused};
use policy::holds::HoldReason;
use policy::ids::AccountId;
use policy::lifting::Lifting;
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use store::schemas::EndableHold;
use utoipa::ToSchema;
use uuid::Uuid;

/// Ends one hold that a person may end; other holds stay, and so does who the account is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Account to release.
    pub id: Uuid,
    /// Hold to end: `restricted`, `protective`, `operator` or `wrong_account`.
    #[schema(value_type = EndableHold)]
    pub hold: String,
}

impl Operation for Release {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("accounts release {} --hold {}", self.id, self.hold)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let hold = reason(&self.hold)?;
        let still = tx.release_account(act, AccountId(self.id), hold).await?;
        let next = match hold {
            HoldReason::Protective => "; its next send goes alone, and must succeed",
            HoldReason::WrongAccount => {
                "; the next look holds it again unless its own person is back"
            }
            HoldReason::Restricted
            | HoldReason::Subscription
            | HoldReason::Operator
            | HoldReason::SessionGone => "",
        };
        let rest = match still.as_slice() {
            [] => "nothing else holds the account".to_owned(),
            left => format!("still held: {}", left.join(", ")),
        };
        let says = format!("ended {hold}{next}; {rest}");
        Ok(Done::new(says).with_json("holds", serde_json::json!(still)))
    }
}

fn reason(word: &str) -> Result<HoldReason, Refused> {
    let ended: Vec<_> = HoldReason::ended_by_people()
        .map(HoldReason::as_str)
        .collect();
    let found = HoldReason::parse(word).ok_or_else(|| {
        let all = ended.join(", ");
        Refused::invalid(format!("hold: {word:?} is none that a person ends: {all}"))
    })?;
    match found.lifting() {
        Lifting::System(words) => Err(Refused::conflict(format!(
            "hold: no person ends {found}; it is cleared by {words}"
        ))),
        Lifting::Person(_) | Lifting::Either(_) => Ok(found),
    }
}
