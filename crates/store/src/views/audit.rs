//! The audit of accounts: its end, its news, and all of it.

use super::{PAGE_MAX, bounded};
use crate::audit::digested;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::store::Store;
use crate::tx::Tx;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use utoipa::ToSchema;
use uuid::Uuid;

const TAIL: Sql = sql!("views/audit_tail");
const NEWS: Sql = sql!("views/audit_news");
const GAPS: Sql = sql!("views/audit_gaps");
const EXPORT: Sql = sql!("views/audit_export");

/// A transaction that writes audit is over after so long: its statements and its idleness end after a minute (config).
const TRANSACTION_MAX: Duration = Duration::from_mins(10);
/// Ids that may be on their way at a time.
const IN_FLIGHT_MAX: i64 = 10_000;

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
    /// Form of `digested`: 1 in old rows, 2 is framed.
    pub form: i16,
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
        let page = values(EXPORT)
            .value("from", from)
            .value("to", to)
            .value("after", after)
            .value("account", account)
            .value("limit", limit);
        let rows = self.rows_with(page).await?;
        rows.iter().map(read).collect()
    }
}

impl Store {
    /// A transaction that sees the database as it is now, whatever is committed meanwhile, and can only read.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        Tx::snapshot(self).await
    }
}

/// Reads the audit as it grows: every row once, as it is committed. Ids are drawn before the commit, so that one passed
/// over is asked for again until its transaction must be over.
pub struct Follower {
    store: Store,
    account: Option<Uuid>,
    last_id: i64,
    /// Ids before the last one that were not there, and since when.
    gaps: BTreeMap<i64, Instant>,
}

impl Follower {
    /// Begins with the newest rows.
    pub async fn start(
        store: &Store,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<(Self, Vec<AuditView>), StoreError> {
        let begun = store.reading_snapshot(async |tx| {
            let rows = tx.audit_tail(filter, limit).await?;
            let found = tx.rows(GAPS, &[&IN_FLIGHT_MAX]).await?;
            let found = found.first().ok_or_else(|| StoreError::Row {
                column: "last_id",
                why: "no answer".into(),
            })?;
            let gaps: Vec<i64> = row::get(found, "gaps")?;
            Ok::<_, StoreError>((row::get(found, "last_id")?, gaps, rows))
        });
        let (last_id, gaps, rows) = begun.await?;
        let now = Instant::now();
        let follower = Self {
            store: store.clone(),
            account: filter.account,
            last_id,
            gaps: gaps.into_iter().map(|id| (id, now)).collect(),
        };
        Ok((follower, rows))
    }

    /// What was committed since the last look, a page of it; call again while it is as long as [`PAGE_MAX`].
    pub async fn news(&mut self) -> Result<Vec<AuditView>, StoreError> {
        self.gaps
            .retain(|_, since| since.elapsed() < TRANSACTION_MAX);
        let gaps: Vec<i64> = self.gaps.keys().copied().collect();
        let params: [&(dyn ToSql + Sync); 3] = [&self.last_id, &gaps, &i64::from(PAGE_MAX)];
        let rows = self
            .store
            .reading_snapshot(async |tx| tx.rows(NEWS, &params).await);
        let mut rows: Vec<AuditView> = rows.await?.iter().map(read).collect::<Result<_, _>>()?;
        for row in &rows {
            self.note(row.id);
        }
        rows.retain(|row| self.account.is_none_or(|account| row.account_id == account));
        Ok(rows)
    }

    fn note(&mut self, id: i64) {
        if self.gaps.remove(&id).is_some() {
            return;
        }
        let now = Instant::now();
        // After a crash the sequence leaps; what lies further back than any transaction is no gap.
        let first = (self.last_id + 1).max(id - IN_FLIGHT_MAX);
        self.gaps.extend((first..id).map(|gap| (gap, now)));
        self.last_id = self.last_id.max(id);
    }
}

fn read(found: &Row) -> Result<AuditView, StoreError> {
    let hex = |column| -> Result<Option<String>, StoreError> {
        let bytes: Option<Vec<u8>> = row::get(found, column)?;
        Ok(bytes.map(|bytes| in_hex(&bytes)))
    };
    let form: i16 = row::get(found, "form")?;
    let fields: Option<Vec<Option<String>>> = row::get(found, "fields")?;
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
        digested: fields.map(|fields| digested(form, &fields)),
        form,
    })
}

fn in_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}
