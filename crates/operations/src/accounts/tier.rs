//! What an account pays for, as far as caps differ by it (R-CAP-1).

use crate::{Done, Operation, Refused};
use policy::ids::AccountId;
use policy::sends::Tier;
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use store::schemas::TierName;
use utoipa::ToSchema;
use uuid::Uuid;

/// Says what an account pays for. Caps that were lifted over a higher tier's are lifted no more under a lower one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTier {
    /// Account whose tier it is.
    pub id: Uuid,
    /// `free`, or `premium` for Premium and Sales Navigator.
    #[schema(value_type = TierName)]
    pub tier: String,
}

impl Operation for SetTier {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("accounts tier {} {}", self.id, self.tier)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let tier = Tier::parse(&self.tier).ok_or_else(|| {
            let all = Tier::ALL.map(Tier::as_str).join(", ");
            Refused::invalid(format!("tier: there are {all}"))
        })?;
        let (was, unlifted) = tx.tier_account(act, AccountId(self.id), tier).await?;
        let lifts = match unlifted.as_slice() {
            [] => String::new(),
            actions => format!("; caps lifted no more: {}", actions.join(", ")),
        };
        Ok(Done::new(format!(
            "set the tier to {tier}, which was {was}; its caps hold at once{lifts}"
        )))
    }
}
