//! Accounts about which a comparison may have something to say.

use super::WatchRun;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::store::Store;
use crate::tx::Tx;
use policy::account::Status;
use policy::ids::AccountId;
use policy::session::Health;
use policy::watch::Pair;
use uuid::Uuid;

const OPEN: Sql = sql!("watch/open_suspects");
const NEXT: Sql = sql!("watch/next_suspects");
const CLOSE: Sql = sql!("watch/close_suspects");

/// Suspects of a run in the order of accounts, found by a transaction of their own: so they can be looked for while the
/// comparison's own transaction carries over what changed, which says nothing of them.
pub struct Suspects {
    tx: Tx,
    first: Option<Lot>,
}

/// Some suspects.
#[derive(Debug, Default)]
pub(super) struct Lot {
    pub(super) accounts: Vec<Uuid>,
    /// Sessions that no account has.
    pub(super) free: Vec<String>,
}

impl Lot {
    pub(super) fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.free.is_empty()
    }
}

impl Store {
    /// Finds the suspects of a run after that account. `pairs` is policy's table of statuses and healths that disagree.
    pub async fn suspects(
        &self,
        run: &WatchRun,
        pairs: &[Pair],
        after: Option<AccountId>,
    ) -> Result<Suspects, StoreError> {
        let tx = self.begin().await?;
        tx.hash_in_memory().await?;
        let asked = values(OPEN)
            .value("writers", &run.writers)
            .value("quiet", quiet(pairs))
            .value("after", after.map(|it| it.0));
        tx.execute_with(asked).await?;
        let mut suspects = Suspects { tx, first: None };
        // The join is made when the first of them are asked for.
        suspects.first = Some(suspects.read_lot().await?);
        Ok(suspects)
    }
}

impl Suspects {
    /// Suspects that nobody was given yet; empty once there are none.
    pub(super) async fn next_lot(&mut self) -> Result<Lot, StoreError> {
        match self.first.take() {
            Some(first) => Ok(first),
            None => self.read_lot().await,
        }
    }

    async fn read_lot(&self) -> Result<Lot, StoreError> {
        let mut lot = Lot::default();
        for found in &self.tx.rows(NEXT, &[]).await? {
            match row::get(found, "account_id")? {
                Some(account) => lot.accounts.push(account),
                None => lot.free.push(row::get(found, "session_id")?),
            }
        }
        Ok(lot)
    }

    /// Ends their transaction.
    pub(super) async fn end(self) -> Result<(), StoreError> {
        self.tx.execute(CLOSE, &[]).await?;
        self.tx.abandon().await;
        Ok(())
    }
}

/// Statuses and healths that agree, whatever the newest attempt.
fn quiet(pairs: &[Pair]) -> Vec<String> {
    let says = |status: Status, health: Health| {
        pairs
            .iter()
            .any(|pair| pair.status == status && pair.answer == health.into())
    };
    let statuses = Status::ALL.into_iter();
    let all = statuses.flat_map(|status| Health::ALL.map(|health| (status, health)));
    all.filter(|(status, health)| !says(*status, *health))
        .map(|(status, health)| format!("{} {}", status.as_str(), health.as_str()))
        .collect()
}
