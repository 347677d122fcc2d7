//! Who else has a session, or is the person behind it, when a flip links it (R-LNK-5): whoever decided the flip.

use super::Flipped;
use crate::columns::columns;
use crate::error::StoreError;
use crate::orphans::owner;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::account::{Flip, Link};
use policy::ids::AccountId;
use policy::orphans::{Owner, claimed};
use std::collections::{BTreeMap, BTreeSet};

const LOCK_CLAIMS: Sql = sql!("accounts/lock_claims");
const CLAIMANTS: Sql = sql!("accounts/claimants");

impl Tx {
    /// Waits for others that link the same sessions or persons, until the end of the transaction.
    pub(super) async fn lock_claims(&self, flips: &[Flip]) -> Result<(), StoreError> {
        let names: Vec<&str> = flips
            .iter()
            .filter_map(|flip| flip.link.as_ref())
            .flat_map(names)
            .collect();
        if !names.is_empty() {
            self.rows(LOCK_CLAIMS, &[&names]).await?;
        }
        Ok(())
    }

    /// Tells of links that were not made because others have the session or are the person; how many those are.
    pub(super) async fn tell_claimed(
        &self,
        flips: &[Flip],
        flipped: &[Flipped],
    ) -> Result<usize, StoreError> {
        let done: BTreeSet<AccountId> = flipped.iter().map(|it| it.account).collect();
        let left: Vec<(AccountId, &Link)> = flips
            .iter()
            .filter(|flip| !done.contains(&flip.account))
            .filter_map(|flip| Some((flip.account, flip.link.as_ref()?)))
            .collect();
        if left.is_empty() {
            return Ok(0);
        }
        let asked = columns(CLAIMANTS, &left)
            .with("account_id", |(account, _)| account.0)
            .with("session_id", |(_, link)| link.session.0.as_str())
            .with("identity", |(_, link)| {
                link.identity.as_ref().map(|person| person.0.as_str())
            });
        let mut owners: BTreeMap<AccountId, Vec<Owner>> = BTreeMap::new();
        for found in &self.rows_with(asked).await? {
            let account = AccountId(row::get(found, "account_id")?);
            owners.entry(account).or_default().push(owner(found)?);
        }
        let told: Vec<_> = left
            .iter()
            .filter_map(|(account, link)| {
                let by = owners.get(account)?;
                Some(claimed(*account, &link.session, by))
            })
            .collect();
        self.raise(&told).await?;
        Ok(told.len())
    }
}

fn names(link: &Link) -> impl Iterator<Item = &str> {
    let person = link.identity.as_ref().map(|it| it.0.as_str());
    std::iter::once(link.session.0.as_str()).chain(person)
}
