//! Reading what a run proposes: counted whole, then share by share.

use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Tx, account_of};
use jiff::Timestamp;
use policy::account::Cause;
use policy::ids::{AccountId, SessionId, StopId, WorkspaceId};
use policy::jobs::ApplyShare;
use policy::watch::{
    AcceptedStop, AccountShare, OddWord, Proposed, ProposedClass, RunCounts, RunProgress, RunStage,
    SHARE_ROWS,
};
use tokio_postgres::Row;
use uuid::Uuid;

const PROGRESS: Sql = sql!("watch/progress");
const COUNTS: Sql = sql!("watch/counts");
const CHUNK: Sql = sql!("watch/chunk");

impl Tx {
    /// How far a run is; none until its list was complete.
    pub async fn run_progress(&self, slot: Timestamp) -> Result<Option<RunProgress>, StoreError> {
        let rows = self.rows(PROGRESS, &[&slot]).await?;
        let Some(found) = rows.first() else {
            return Ok(None);
        };
        let stage = match (row::get(found, "ended")?, row::get(found, "judged")?) {
            (true, _) => RunStage::Ended,
            (false, true) => RunStage::Judged,
            (false, false) => RunStage::Compared,
        };
        let listed_at = row::get(found, "listed_at")?;
        Ok(Some(RunProgress { listed_at, stage }))
    }

    /// What a whole run proposes, held against the hour before.
    pub async fn run_counts(&self, slot: Timestamp) -> Result<RunCounts, StoreError> {
        let asked = values(COUNTS)
            .value("slot", slot)
            .value("at", self.now().at)
            .value("share_rows", i64::from(SHARE_ROWS));
        let rows = self.rows_with(asked).await?;
        let found = rows.first().ok_or(StoreError::Row {
            column: "slot",
            why: "no such run".into(),
        })?;
        Ok(RunCounts {
            slot,
            sessions_listed: row::get(found, "sessions")?,
            watched: row::get(found, "watched")?,
            new_losses: row::get(found, "new_losses")?,
            lost_before: row::get(found, "lost_before")?,
            absent: row::get(found, "absent")?,
            unknown: row::get(found, "unknown")?,
            odd: odd_words(found)?,
            verifiable: row::get(found, "verifiable")?,
            sample: row::get(found, "sample")?,
            shares: shares(found)?,
        })
    }

    /// The proposals of one share that nobody dealt with, in account order.
    pub async fn proposals(&self, share: &ApplyShare) -> Result<Vec<Proposed>, StoreError> {
        let (first, last) = (share.first.0, share.last.0);
        let rows = self.rows(CHUNK, &[&share.slot, &first, &last]).await?;
        Ok(self.readable("status.apply", &rows, account_of("account_id"), proposed))
    }
}

fn shares(found: &Row) -> Result<Vec<AccountShare>, StoreError> {
    let firsts: Vec<Uuid> = row::get(found, "share_firsts")?;
    let lasts: Vec<Uuid> = row::get(found, "share_lasts")?;
    let ends = firsts.into_iter().zip(lasts);
    let shares = ends.map(|(first, last)| AccountShare {
        first: AccountId(first),
        last: AccountId(last),
    });
    Ok(shares.collect())
}

fn odd_words(found: &Row) -> Result<Vec<OddWord>, StoreError> {
    let odd: serde_json::Value = row::get(found, "odd")?;
    serde_json::from_value(odd).map_err(|error| StoreError::Row {
        column: "odd",
        why: error.to_string(),
    })
}

/// One row of `watch/chunk` or `stops/accepted`.
pub(crate) fn proposed(found: &Row) -> Result<Proposed, StoreError> {
    Ok(Proposed {
        account: AccountId(row::get(found, "account_id")?),
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        version: row::get(found, "version")?,
        from: row::status(found, "from_status")?,
        class: class(found)?,
        session: SessionId(row::get(found, "session_id")?),
        observed_at: row::get(found, "observed_at")?,
        words: row::get(found, "words")?,
        case_open: row::get(found, "case_open")?,
        stop: accepted(found)?,
    })
}

fn accepted(found: &Row) -> Result<Option<AcceptedStop>, StoreError> {
    let Some(stop) = row::get::<Option<Uuid>>(found, "stop_id")? else {
        return Ok(None);
    };
    let by: Option<String> = row::get(found, "decided_by")?;
    Ok(Some(AcceptedStop {
        stop: StopId(stop),
        first_run: row::get(found, "first_run")?,
        by: by.unwrap_or_default(),
    }))
}

/// A cause of ours, by its word.
pub(crate) fn cause(found: &Row) -> Result<Cause, StoreError> {
    let word: &str = row::get(found, "cause")?;
    Cause::parse(word).ok_or_else(|| StoreError::Row {
        column: "cause",
        why: format!("unknown cause {word}"),
    })
}

fn class(found: &Row) -> Result<ProposedClass, StoreError> {
    match row::get::<&str>(found, "class")? {
        "loss" => Ok(ProposedClass::Loss {
            to: row::status(found, "to_status")?,
            cause: cause(found)?,
        }),
        "verify" => Ok(ProposedClass::Verify),
        "absent" => Ok(ProposedClass::Absent),
        "unknown" => Ok(ProposedClass::Unknown),
        "stranger" => Ok(ProposedClass::Stranger),
        "returned" => Ok(ProposedClass::Returned),
        other => Err(StoreError::Row {
            column: "class",
            why: format!("unknown class {other}"),
        }),
    }
}
