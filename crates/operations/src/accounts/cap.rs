//! Caps of one account, lowered and, with a note, lifted (R-CAP-1).

use crate::workspaces::{Setting, put_setting};
use crate::{Done, Operation, Refused};
use policy::ids::AccountId;
use policy::sends::Action;
use policy::sends::caps::{OwnCaps, in_force};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::Tx;
use store::operators::{Act, KeptCaps, Scope};
use store::schemas::SendAction;
use utoipa::ToSchema;
use uuid::Uuid;

/// Highest cap that is taken for meant.
const CAP_MAX: u32 = 10_000;

/// Changes an account's own caps of one action. What is not named stays, and null takes it back to the tier's.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// Account whose caps change.
    pub id: Uuid,
    /// Action that they bound, like `invite`.
    #[schema(value_type = SendAction)]
    pub action: String,
    /// Sends in any 24 hours.
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 10_000)]
    pub day: Setting<u32>,
    /// Sends in any 7 × 24 hours.
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 10_000)]
    pub week: Setting<u32>,
    /// A cap above the tier's is meant; why is kept with it.
    #[serde(default)]
    pub lift: bool,
}

impl Operation for Cap {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("accounts cap {} {}", self.id, self.action)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let action = Action::parse(&self.action).ok_or_else(|| {
            let all = Action::ALL.map(Action::as_str).join(", ");
            Refused::invalid(format!("action: there are {all}"))
        })?;
        let changes = self.as_changes()?;
        let asked = (action, &changes, self.lift);
        let kept = tx.cap_account(act, AccountId(self.id), asked).await?;
        let KeptCaps {
            day,
            week,
            is_lifted,
            tier,
        } = kept;
        let own = OwnCaps {
            day,
            week,
            lifted: is_lifted,
        };
        let caps = in_force(tier, Some(own));
        let how = if is_lifted {
            ", lifted"
        } else if caps == tier {
            ", its tier's own"
        } else {
            ""
        };
        let says = format!(
            "set the caps of {action}: {} a day and {} a week{how} (its tier's are {} and {})",
            caps.day, caps.week, tier.day, tier.week
        );
        let in_force = json!({ "day": caps.day, "week": caps.week });
        Ok(Done::new(says).with_json("caps", in_force))
    }
}

impl Cap {
    fn as_changes(&self) -> Result<Value, Refused> {
        let mut changes = Map::new();
        for (name, cap) in [("day", &self.day), ("week", &self.week)] {
            put_setting(&mut changes, name, cap, |it| {
                let too_high = || Refused::invalid(format!("{name}: a cap is at most {CAP_MAX}"));
                (*it <= CAP_MAX).then(|| json!(it)).ok_or_else(too_high)
            })?;
        }
        if changes.is_empty() {
            return Err(Refused::invalid("day: name it, or the week, or both"));
        }
        Ok(Value::Object(changes))
    }
}
