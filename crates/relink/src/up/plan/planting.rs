//! Planting a fleet, or going on with one that was kept.

use super::Plan;
use crate::commands::Failure;
use crate::up::at_hand;
use crate::up::progress::say;
use jiff::Timestamp;
use simulator::control::NewSession;
use std::collections::HashSet;
use store::{Config, Store};

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
            plan.take_back(owner).await?;
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

    /// Sessions that owners linked in earlier runs: the provider has them again, for it forgets whatever it was not told.
    async fn take_back(&mut self, owner: &Config) -> Result<(), Failure> {
        let store = Store::new(owner.clone())?;
        let standings = store.reading(async |tx| tx.standings().await).await;
        store.close();
        let known = self.sessions.iter().filter_map(|it| it.id.clone());
        let known: HashSet<String> = known.collect();
        let linked = standings?.into_iter().filter_map(|account| {
            let id = account.session.filter(|id| !known.contains(id))?;
            Some(NewSession {
                id: Some(id),
                name: Some(account.name),
                identity: Some(account.identity?),
                handle: account.handle,
                ..NewSession::default()
            })
        });
        self.sessions.extend(linked);
        Ok(())
    }
}
