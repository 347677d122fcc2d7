//! Finding whose turn it is, and planning it (R-CAP-4).

use super::facts::{AsSender, action_facts};
use crate::columns::columns;
use crate::columns::values;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::{SignedDuration, Timestamp};
use policy::ids::{AccountId, EnrollmentId, SendId, WorkspaceId};
use policy::schedule::ShardRange;
use policy::sends::decided::Closed;
use policy::sends::sender::ActionFacts;
use std::collections::HashMap;
use uuid::Uuid;

const PAGE: Sql = sql!("sends/page");
const OFFERS: Sql = sql!("sends/offers");
const PLAN: Sql = sql!("sends/plan");
const CLOSE_ACTIONS: Sql = sql!("sends/close_actions");

/// Where a walk through the accounts of a range stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(i16, Uuid);

impl Cursor {
    /// Before the first account.
    pub const START: Self = Self(-1, Uuid::nil());
}

/// Some accounts that may send.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Those for whom an enrollment is due, with what is offered them, the fairest first.
    pub accounts: Vec<(AsSender, Vec<Offered>)>,
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

/// A send that was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The send.
    pub send: SendId,
    /// Its account.
    pub account: AccountId,
    /// Its tenant.
    pub workspace: WorkspaceId,
    /// When it may go.
    pub slot_at: Timestamp,
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
            return Ok(Page {
                accounts: vec![],
                next: None,
            });
        };
        let next = Cursor(row::get(at_end, "shard")?, row::get(at_end, "id")?);
        let ids: Vec<Uuid> = rows
            .iter()
            .map(|found| row::get(found, "id"))
            .collect::<Result<_, _>>()?;
        let soon = now.checked_add(horizon).unwrap_or(Timestamp::MAX);
        let mut offers: Vec<(Uuid, Vec<Offered>)> = vec![];
        for found in self.rows(OFFERS, &[&ids, &now, &soon]).await? {
            let account: Uuid = row::get(&found, "account_id")?;
            let offered = Offered {
                enrollment: EnrollmentId(row::get(&found, "enrollment_id")?),
                facts: action_facts(&found)?,
            };
            match offers.last_mut() {
                Some((newest, offered_already)) if *newest == account => {
                    offered_already.push(offered);
                }
                _ => offers.push((account, vec![offered])),
            }
        }
        let wanted: Vec<Uuid> = offers.iter().map(|(account, _)| *account).collect();
        let mut senders: HashMap<Uuid, AsSender> = HashMap::new();
        if !wanted.is_empty() {
            let found = self.senders(&wanted).await?;
            senders.extend(found.into_iter().map(|one| (one.sender.account.0, one)));
        }
        let accounts = offers
            .into_iter()
            .filter_map(|(account, list)| senders.remove(&account).map(|sender| (sender, list)))
            .collect();
        Ok(Page {
            accounts,
            next: Some(next),
        })
    }

    /// Plans the present steps of enrollments. Those that moved on meanwhile are not in the answer.
    pub async fn plan(
        &self,
        plans: &[(EnrollmentId, Timestamp)],
    ) -> Result<Vec<Planned>, StoreError> {
        if plans.is_empty() {
            return Ok(vec![]);
        }
        let planned = columns(PLAN, plans)
            .with("sends", |_| Uuid::now_v7())
            .with("enrollments", |(enrollment, _)| enrollment.0)
            .with("slots", |(_, at)| *at)
            .value("now", self.now().at);
        let rows = self.rows_with(planned).await?;
        rows.iter()
            .map(|found| {
                Ok(Planned {
                    send: SendId(row::get(found, "send_id")?),
                    account: AccountId(row::get(found, "account_id")?),
                    workspace: WorkspaceId(row::get(found, "workspace_id")?),
                    slot_at: row::get(found, "slot_at")?,
                })
            })
            .collect()
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
