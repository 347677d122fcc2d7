//! The audit of accounts: its end, its news, and all of it.

use super::{PAGE_MAX, bounded};
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::store::Store;
use crate::tx::Tx;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const TAIL: Sql = sql!("views/audit_tail");
const NEWS: Sql = sql!("views/audit_news");
const HORIZON: Sql = sql!("views/audit_horizon");
const FLOOR: Sql = sql!("views/audit_floor");
const EXPORT: Sql = sql!("views/audit_export");

/// Seconds of the machine after which a transaction that writes audit is over: statements and idle transactions end after
/// a minute (config), and a row may be dated back by half an hour (V0003).
const TRANSACTION_S_MAX: f64 = 31.0 * 60.0;
/// Looks between two of the floor: it only saves reading.
const FLOOR_EVERY: u32 = 60;

/// Which audit rows.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of one account.
    pub account: Option<Uuid>,
    /// Recorded since this instant.
    pub since: Option<Timestamp>,
}

/// A change of an account's status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditView {
    /// Steps up; has gaps.
    pub id: i64,
    /// Whose.
    pub account_id: Uuid,
    /// The account's version after it.
    pub version: i64,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// From which status; none for a new account.
    pub from: Option<String>,
    /// To which.
    pub to: String,
    /// Why.
    pub cause: String,
    /// Which process decided it.
    pub actor: String,
    /// Through which login.
    pub recorded_by: String,
    /// In which job.
    pub job_id: Option<Uuid>,
    /// On what.
    #[schema(value_type = Object)]
    pub evidence: Value,
    /// In which transaction.
    pub xid: String,
    /// SHA-256 of the account's row before, in hex; none for the first.
    pub prev_hash: Option<String>,
    /// SHA-256 over the bytes of `prev_hash` and then `digested`, in hex.
    pub hash: Option<String>,
    /// Only in an export: the text that `hash` covers, so that anybody can prove it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digested: Option<String>,
}

impl Tx {
    /// The newest audit rows, the oldest of them first.
    pub async fn audit_tail(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditView>, StoreError> {
        let limit = i64::from(bounded(limit));
        let rows = self
            .rows(TAIL, &[&filter.account, &filter.since, &limit])
            .await?;
        rows.iter().rev().map(read).collect()
    }

    /// One page of the audit of a range of time, after an id; [`PAGE_MAX`] rows unless it is the last one.
    pub async fn audit_export(
        &self,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        account: Option<Uuid>,
        after: i64,
    ) -> Result<Vec<AuditView>, StoreError> {
        let limit = i64::from(PAGE_MAX);
        let rows = self
            .rows(EXPORT, &[&from, &to, &after, &account, &limit])
            .await?;
        rows.iter().map(read).collect()
    }
}

impl Store {
    /// A transaction that sees the database as it is now, whatever is committed meanwhile, and can only read.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        Tx::snapshot(self).await
    }
}

/// Reads the audit as it grows: every committed row once, in the order of transactions, whichever commits first.
pub struct Follower {
    store: Store,
    account: Option<Uuid>,
    /// Everything before this transaction was told.
    told_to: String,
    floor: i64,
    looks: u32,
}

impl Follower {
    /// Begins with the newest rows that are settled; what is on its way comes with the news.
    pub async fn start(
        store: &Store,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<(Self, Vec<AuditView>), StoreError> {
        let snapshot = store.snapshot().await?;
        let begun = async {
            let told_to = horizon(&snapshot).await?;
            let rows = snapshot.audit_tail(filter, limit).await?;
            Ok::<_, StoreError>((told_to, floor(&snapshot).await?, rows))
        };
        let begun = begun.await;
        snapshot.abandon().await;
        let (told_to, floor, mut rows) = begun?;
        let settled = number(&told_to);
        rows.retain(|one| number(&one.xid) < settled);
        let follower = Self {
            store: store.clone(),
            account: filter.account,
            told_to,
            floor,
            looks: 0,
        };
        Ok((follower, rows))
    }

    /// What was settled since the last look, a page; an empty one says that there is no more for now.
    pub async fn news(&mut self) -> Result<Vec<AuditView>, StoreError> {
        let snapshot = self.store.snapshot().await?;
        let read = self.read(&snapshot).await;
        snapshot.abandon().await;
        read
    }

    async fn read(&mut self, snapshot: &Tx) -> Result<Vec<AuditView>, StoreError> {
        let horizon = horizon(snapshot).await?;
        self.looks += 1;
        if self.looks.is_multiple_of(FLOOR_EVERY) {
            self.floor = floor(snapshot).await?;
        }
        let (mut all, mut last) = (vec![], (self.told_to.clone(), 0_i64));
        loop {
            let rows = snapshot
                .rows(
                    NEWS,
                    &[
                        &self.told_to,
                        &horizon,
                        &self.floor,
                        &self.account,
                        &last.0,
                        &last.1,
                        &i64::from(PAGE_MAX),
                    ],
                )
                .await?;
            let page: Vec<AuditView> = rows.iter().map(read).collect::<Result<_, _>>()?;
            if let Some(end) = page.last() {
                last = (end.xid.clone(), end.id);
            }
            let is_last = page.len() < PAGE_MAX as usize;
            all.extend(page);
            if is_last {
                break;
            }
        }
        self.told_to = horizon;
        Ok(all)
    }
}

async fn horizon(tx: &Tx) -> Result<String, StoreError> {
    let rows = tx.rows(HORIZON, &[]).await?;
    rows.first()
        .map_or(Ok(String::new()), |found| row::get(found, "horizon"))
}

async fn floor(tx: &Tx) -> Result<i64, StoreError> {
    let now = tx.now();
    let long = SignedDuration::from_secs_f64(TRANSACTION_S_MAX * now.rate.max(1.0));
    let long_ago = now.at.checked_sub(long).unwrap_or(Timestamp::MIN);
    let rows = tx.rows(FLOOR, &[&long_ago]).await?;
    rows.first().map_or(Ok(0), |found| row::get(found, "floor"))
}

fn number(xid: &str) -> u64 {
    xid.parse().unwrap_or(u64::MAX)
}

fn read(found: &Row) -> Result<AuditView, StoreError> {
    let hex = |column| -> Result<Option<String>, StoreError> {
        let bytes: Option<Vec<u8>> = row::get(found, column)?;
        Ok(bytes.map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    };
    Ok(AuditView {
        id: row::get(found, "id")?,
        account_id: row::get(found, "account_id")?,
        version: row::get(found, "version")?,
        at: row::get(found, "at")?,
        recorded_at: row::get(found, "recorded_at")?,
        from: row::get(found, "from_status")?,
        to: row::get(found, "to_status")?,
        cause: row::get(found, "cause")?,
        actor: row::get(found, "actor")?,
        recorded_by: row::get(found, "recorded_by")?,
        job_id: row::get(found, "job_id")?,
        evidence: row::get(found, "evidence")?,
        xid: row::get(found, "xid")?,
        prev_hash: hex("prev_hash")?,
        hash: hex("hash")?,
        digested: row::get(found, "digested")?,
    })
}
