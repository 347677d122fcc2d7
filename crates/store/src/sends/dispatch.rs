//! Finding whose turn it is, and planning it (R-CAP-4).

use super::facts::{AsSender, SENDERS, action_facts, sender};
use crate::columns::columns;
use crate::columns::values;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::{SignedDuration, Timestamp};
use policy::ids::{AccountId, EnrollmentId};
use policy::schedule::ShardRange;
use policy::sends::decided::Closed;
use policy::sends::sender::ActionFacts;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

const PAGE: Sql = sql!("sends/page");
const OFFERS: Sql = sql!("sends/offers");
const CLOSE_ACTIONS: Sql = sql!("sends/close_actions");

/// Where a walk through the accounts of a range stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(i16, Uuid);

impl Cursor {
    /// Before the first account.
    pub const START: Self = Self(-1, Uuid::nil());
}

/// Some accounts that may send.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Those for whom an enrollment is due, with what is offered them, the fairest first.
    pub accounts: Vec<(AsSender, Vec<Offered>)>,
    /// Accounts whose rows hold what no rule can read, with the first such column; the others go on without them.
    pub unreadable: Vec<(AccountId, String)>,
    /// Where the next page begins; none after the last.
    pub next: Option<Cursor>,
}

/// An enrollment whose turn it is for one action of its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// The enrollment.
    pub enrollment: EnrollmentId,
    /// What is known of its action.
    pub facts: ActionFacts,
}

impl Tx {
    /// The next accounts of a range of shards that may send and have something due; actions that are closed beyond
    /// `horizon` are left out. `limit` bounds what is looked at, and so the memory.
    pub async fn offers(
        &self,
        shards: ShardRange,
        after: Cursor,
        horizon: SignedDuration,
        limit: i64,
    ) -> Result<Page, StoreError> {
        let now = self.now().at;
        let (first, last) = shard_ends(shards);
        let page = values(PAGE)
            .value("first", first)
            .value("last", last)
            .value("after_shard", after.0)
            .value("after_id", after.1)
            .value("at", now)
            .value("limit", limit);
        let rows = self.rows_with(page).await?;
        let Some(at_end) = rows.last() else {
            return Ok(Page::default());
        };
        let next = Cursor(row::get(at_end, "shard")?, row::get(at_end, "id")?);
        let ids: Vec<AccountId> = rows
            .iter()
            .map(|found| row::get(found, "id").map(AccountId))
            .collect::<Result<_, _>>()?;
        Ok(Page {
            next: Some(next),
            ..self.offers_of(&ids, horizon).await?
        })
    }

    /// What is offered to some accounts that may send; the answer is no page's end. In the order of the accounts.
    pub async fn offers_of(
        &self,
        accounts: &[AccountId],
        horizon: SignedDuration,
    ) -> Result<Page, StoreError> {
        let ids: Vec<Uuid> = accounts.iter().map(|one| one.0).collect();
        let now = self.now().at;
        let soon = now.checked_add(horizon).unwrap_or(Timestamp::MAX);
        let mut page = Page::default();
        let mut offers: Vec<(Uuid, Vec<Offered>)> = vec![];
        for found in self.rows(OFFERS, &[&ids, &now, &soon]).await? {
            let account: Uuid = row::get(&found, "account_id")?;
            match (offered(&found), offers.last_mut()) {
                (Err(error), _) => page
                    .unreadable
                    .push((AccountId(account), error.to_string())),
                (Ok(one), Some((newest, list))) if *newest == account => list.push(one),
                (Ok(one), _) => offers.push((account, vec![one])),
            }
        }
        let mut senders = self.readable_senders(&offers, &mut page.unreadable).await?;
        page.accounts = offers
            .into_iter()
            .filter_map(|(account, list)| senders.remove(&account).map(|sender| (sender, list)))
            .collect();
        Ok(page)
    }

    /// The accounts of offers as senders. One that cannot be read is named and left out, also with what could be read of it.
    async fn readable_senders(
        &self,
        offers: &[(Uuid, Vec<Offered>)],
        unreadable: &mut Vec<(AccountId, String)>,
    ) -> Result<HashMap<Uuid, AsSender>, StoreError> {
        let wanted: Vec<Uuid> = offers.iter().map(|(account, _)| *account).collect();
        let mut senders = HashMap::new();
        if wanted.is_empty() {
            return Ok(senders);
        }
        for found in self.rows(SENDERS, &[&wanted, &self.now().at]).await? {
            let account: Uuid = row::get(&found, "account_id")?;
            match sender(&found) {
                Ok(sender) => drop(senders.insert(account, sender)),
                Err(error) => unreadable.push((AccountId(account), error.to_string())),
            }
        }
        for (account, _) in &*unreadable {
            senders.remove(&account.0);
        }
        Ok(senders)
    }

    /// Nobody looks at these actions until then (R-CAP-4).
    pub async fn close_actions(&self, closed: &[Closed]) -> Result<(), StoreError> {
        if closed.is_empty() {
            return Ok(());
        }
        let closed = columns(CLOSE_ACTIONS, closed)
            .with("account_id", |one| one.account.0)
            .with("action", |one| one.action.as_str())
            .with("until", |one| one.until)
            .with("rule", |one| one.rule)
            .value("at", self.now().at);
        self.execute_with(closed).await.map(drop)
    }
}

fn offered(found: &Row) -> Result<Offered, StoreError> {
    Ok(Offered {
        enrollment: EnrollmentId(row::get(found, "enrollment_id")?),
        facts: action_facts(found)?,
    })
}
