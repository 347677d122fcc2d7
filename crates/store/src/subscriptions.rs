//! Subscriptions of workspaces: what their end holds, and what their renewal lets go (R-SUB-1).
//!
//! Every statement looks at the subscriptions afresh, and what lets go comes last: a renewal that is committed in the
//! middle of a run is obeyed by that run, one that is committed later by the next.

use crate::apart::Owner;
use crate::columns::columns;
use crate::columns::values;
use crate::decision::Author;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx};
use jiff::Timestamp;
use policy::ids::{AccountId, SendId, WorkspaceId};
use policy::schedule::ShardRange;
use uuid::Uuid;

const LOCK: Sql = sql!("subscriptions/lock");
const HOLD: Sql = sql!("subscriptions/hold");
const RESERVED: Sql = sql!("subscriptions/reserved");
const PAUSE: Sql = sql!("subscriptions/pause");
const NOTE: Sql = sql!("subscriptions/note");
const RELEASE: Sql = sql!("subscriptions/release");
const LIFT: Sql = sql!("subscriptions/lift");
const END: Sql = sql!("subscriptions/end");
const RENEW: Sql = sql!("subscriptions/renew");
const ROW: Sql = sql!("subscriptions/row");

/// Accounts held together; bounds the memory of a run, not its work.
const ACCOUNTS_PER_PAGE: i64 = 1_000;
/// The code of a send that a hold took back, as `sends.execute` writes it.
const HELD: &str = "hold";
/// The sweep, as alerts of rows set aside name it.
const WORK: &str = "subscriptions.grace";

/// A workspace's subscription, if it ever ended or is to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// When it ends or ended; none once it was renewed.
    pub ended_at: Option<Timestamp>,
    /// When it was renewed last.
    pub renewed_at: Option<Timestamp>,
    /// Days of this end that the workspace was told of.
    pub told_days: Vec<i16>,
}

/// Notes that a workspace's subscription ends, or ended, at that instant; false when that changes nothing: it ended
/// before already, or was renewed since. Only the owner can.
pub async fn end(tx: &Tx, workspace: WorkspaceId, ended_at: Timestamp) -> Result<bool, StoreError> {
    let now = tx.now().at;
    let changed = tx.execute(END, &[&workspace.0, &ended_at, &now]).await?;
    Ok(changed > 0)
}

/// Notes that a workspace's subscription was renewed now; false when it runs anyway. Only the owner can.
pub async fn renew(tx: &Tx, workspace: WorkspaceId) -> Result<bool, StoreError> {
    let now = tx.now().at;
    let changed = tx.execute(RENEW, &[&workspace.0, &now]).await?;
    Ok(changed > 0)
}

impl Tx {
    /// Holds the accounts of a range of shards whose subscription ended, and takes back what they have reserved and not
    /// called: once this is committed, none of them begins a call. Returns how many it held.
    pub async fn hold_ended(&self, shards: ShardRange, by: &Author<'_>) -> Result<u64, StoreError> {
        let (first, last) = shard_ends(shards);
        let now = self.now().at;
        let (mut after, mut held) = (Uuid::nil(), 0);
        loop {
            let page = values(LOCK)
                .value("first", first)
                .value("last", last)
                .value("at", now)
                .value("after", after)
                .value("limit", ACCOUNTS_PER_PAGE);
            let rows = self.rows_with(page).await?;
            let ids = uuids(&rows, "id")?;
            let Some(&newest) = ids.last() else {
                return Ok(held);
            };
            after = newest;
            let mut parts = Parts::of(WORK, &ids);
            while let Some(some) = self.next_part(&mut parts).await? {
                let done = self.hold_accounts(some, by).await;
                held += self.end_part(&mut parts, some, done).await?.unwrap_or(0);
            }
            self.tell_aside(parts, |id| format!("account {id}")).await?;
        }
    }

    /// Holds locked accounts and takes back what they have reserved; returns how many it held.
    async fn hold_accounts(&self, accounts: &[Uuid], by: &Author<'_>) -> Result<u64, StoreError> {
        let rows = self.rows(HOLD, &[&accounts, &self.now().at]).await?;
        let held = uuids(&rows, "account_id")?;
        let rows = self.rows(RESERVED, &[&held]).await?;
        let reserved = rows.iter().map(|found| {
            let account = AccountId(row::get(found, "account_id")?);
            let send = SendId(row::get(found, "id")?);
            Ok((account, send, HELD.to_owned()))
        });
        let reserved: Vec<_> = reserved.collect::<Result<_, StoreError>>()?;
        self.cancel_sends(&reserved, by).await?;
        Ok(held.len() as u64)
    }

    /// Pauses the campaigns of a range of shards whose subscription ended; returns how many.
    pub async fn pause_ended(
        &self,
        shards: ShardRange,
        by: &Author<'_>,
    ) -> Result<u64, StoreError> {
        let (first, last) = shard_ends(shards);
        let at = self.now().at;
        self.change_apart(WORK, Owner::Campaign, shards, |only| {
            values(PAUSE)
                .value("first", first)
                .value("last", last)
                .value("at", at)
                .value("actor", by.actor)
                .value("only", only)
        })
        .await
    }

    /// Notes what workspaces of a range of shards are to be told of their ended subscriptions, by policy's days and
    /// cutoffs; returns how many are.
    pub async fn note_ended(
        &self,
        shards: ShardRange,
        cutoffs: &[(i16, Timestamp)],
    ) -> Result<u64, StoreError> {
        let (first, last) = shard_ends(shards);
        let at = self.now().at;
        self.change_apart(WORK, Owner::Workspace, shards, |only| {
            columns(NOTE, cutoffs)
                .value("first", first)
                .value("last", last)
                .value("at", at)
                .with("day", |(day, _)| *day)
                .with("cutoff", |(_, cutoff)| *cutoff)
                .value("only", only)
        })
        .await
    }

    /// Ends the holds and lifts the pauses of subscriptions that run, in a range of shards, and nothing else (R-CAM-1);
    /// returns how many holds and how many pauses.
    pub async fn undo_renewed(
        &self,
        shards: ShardRange,
        by: &Author<'_>,
    ) -> Result<(u64, u64), StoreError> {
        let (first, last) = shard_ends(shards);
        let now = self.now().at;
        let released = self.change_apart(WORK, Owner::Account, shards, |only| {
            values(RELEASE)
                .value("first", first)
                .value("last", last)
                .value("at", now)
                .value("only", only)
        });
        let released = released.await?;
        let lifted = self.change_apart(WORK, Owner::Campaign, shards, |only| {
            values(LIFT)
                .value("first", first)
                .value("last", last)
                .value("at", now)
                .value("actor", by.actor)
                .value("only", only)
        });
        Ok((released, lifted.await?))
    }

    /// A workspace's subscription; none if no end of it was ever told.
    pub async fn subscription(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Option<Subscription>, StoreError> {
        let rows = self.rows(ROW, &[&workspace.0]).await?;
        rows.first()
            .map(|found| {
                Ok(Subscription {
                    ended_at: row::get(found, "ended_at")?,
                    renewed_at: row::get(found, "renewed_at")?,
                    told_days: row::get(found, "told_days")?,
                })
            })
            .transpose()
    }
}

fn uuids(rows: &[tokio_postgres::Row], column: &'static str) -> Result<Vec<Uuid>, StoreError> {
    rows.iter().map(|found| row::get(found, column)).collect()
}
