//! Locks of the rows that several duties write, in the one order of docs/database.md: accounts before what is theirs, all that
//! a transaction needs at once and by id, then campaigns in the same way.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::account::{Status, StatusChanges};
use policy::campaigns::CampaignChanges;
use policy::decision::Decision;
use policy::ids::AccountId;
use policy::links::LinkChanges;
use policy::restarts::RestartChanges;
use policy::sends::decided::SendChanges;
use std::collections::HashSet;
use uuid::Uuid;

const ACCOUNTS: Sql = sql!("accounts/lock");
const FREE_ACCOUNTS: Sql = sql!("accounts/lock_free");
const CAMPAIGNS: Sql = sql!("campaigns/lock");

impl Tx {
    /// Waits for accounts and holds them until the transaction ends. Only before every other lock of a transaction, and once.
    pub async fn lock_accounts(&self, accounts: &[AccountId]) -> Result<(), StoreError> {
        if accounts.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = accounts.iter().map(|account| account.0).collect();
        self.rows(ACCOUNTS, &[&ids]).await.map(drop)
    }

    /// Holds those of some accounts that nobody else holds, and waits for none: at any time, for work that comes again.
    pub async fn lock_free_accounts(
        &self,
        accounts: &[AccountId],
    ) -> Result<HashSet<AccountId>, StoreError> {
        if accounts.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<Uuid> = accounts.iter().map(|account| account.0).collect();
        let rows = self.rows(FREE_ACCOUNTS, &[&ids]).await?;
        rows.iter()
            .map(|found| row::get(found, "id").map(AccountId))
            .collect()
    }

    /// Locks all accounts of which a decision writes anything, then all campaigns that it changes or whose sender it loses.
    pub(crate) async fn lock_rows_of(&self, decision: &Decision) -> Result<(), StoreError> {
        self.lock_accounts(&accounts(decision)).await?;
        let (lost, campaigns) = campaigns(decision);
        if lost.is_empty() && campaigns.is_empty() {
            return Ok(());
        }
        self.rows(CAMPAIGNS, &[&lost, &campaigns]).await.map(drop)
    }
}

/// Accounts of a decision. Cases, stopped losses, verifications and removals have rows and an order of their own.
fn accounts(decision: &Decision) -> Vec<AccountId> {
    let StatusChanges {
        flips,
        holds,
        ended_holds,
        attempts: _,
        lapsed: _,
    } = &decision.status;
    let SendChanges {
        settlements,
        cooldowns,
        holds: protective,
        looks,
        silences,
        clocks,
        by_hand,
    } = &decision.sends;
    let RestartChanges { ends } = &decision.restarts;
    let LinkChanges {
        answered,
        refused,
        candidates,
        merges,
        events: _,
        landed: _,
        forgets: _,
    } = &decision.links;
    let links = answered
        .iter()
        .map(|one| one.account)
        .chain(refused.iter().map(|one| one.account))
        .chain(candidates.iter().map(|one| one.account))
        .chain(merges.iter().map(|one| one.account));
    let status = flips
        .iter()
        .map(|one| one.account)
        .chain(holds.iter().map(|one| one.account))
        .chain(ended_holds.iter().map(|one| one.account));
    let sends = settlements
        .iter()
        .map(|one| one.account)
        .chain(cooldowns.iter().map(|one| one.account))
        .chain(protective.iter().map(|one| one.account))
        .chain(looks.iter().map(|one| one.account))
        .chain(silences.iter().map(|one| one.account))
        .chain(clocks.iter().map(|one| one.account))
        .chain(by_hand.iter().map(|one| one.account));
    status
        .chain(sends)
        .chain(links)
        .chain(ends.iter().map(|one| one.account))
        .collect()
}

/// Accounts that a decision takes from campaigns, and the campaigns that it names.
fn campaigns(decision: &Decision) -> (Vec<Uuid>, Vec<Uuid>) {
    let flips = decision.status.flips.iter();
    let lost = flips.filter(|flip| flip.from == Status::Connected);
    let CampaignChanges { heals, pauses } = &decision.campaigns;
    let named = heals
        .iter()
        .map(|heal| heal.campaign.0)
        .chain(pauses.iter().map(|pause| pause.campaign.0));
    (lost.map(|flip| flip.account.0).collect(), named.collect())
}
