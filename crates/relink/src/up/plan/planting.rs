//! Planting a fleet, or going on with one that was kept.

use super::Plan;
use crate::commands::Failure;
use crate::up::at_hand;
use crate::up::progress::say;
use jiff::Timestamp;
use store::Config;

impl Plan {
    /// The plan of a fleet of `accounts` at `from`, planted unless data was kept from a run whose clock stopped at `last`.
    pub(crate) async fn planted(
        accounts: u32,
        owner: &Config,
        last: Option<Timestamp>,
        from: Timestamp,
    ) -> Result<Self, Failure> {
        let mut plan = Self::of(accounts, from);
        if last.is_some() {
            say("going on with the data that was kept");
            at_hand::revoke_old_tokens(owner).await?;
            plan.all_live();
            return Ok(plan);
        }
        say(&format!(
            "planting {} accounts and {} campaigns",
            plan.fleet.accounts.len(),
            plan.fleet.campaigns.len()
        ));
        store::seed::plant(owner, &plan.fleet, from).await?;
        store::seed::sequences(owner, &plan.sequences).await?;
        store::seed::own_caps(owner, &plan.own_caps).await?;
        Ok(plan)
    }
}
