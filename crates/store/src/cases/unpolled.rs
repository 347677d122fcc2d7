//! Cases whose next poll is no job that will run.

use crate::columns::values;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Tx, account_of};
use policy::confirm::{ASK_AGAIN, UnpolledCase};
use policy::ids::{AccountId, CaseId, SessionId, WorkspaceId};
use policy::schedule::ShardRange;
use tokio_postgres::Row;

const UNPOLLED: Sql = sql!("cases/unpolled");

impl Tx {
    /// Open cases of a range of shards that nobody would poll any more, the oldest first, at most `limit`.
    pub async fn unpolled_cases(
        &self,
        shards: ShardRange,
        limit: i64,
    ) -> Result<Vec<UnpolledCase>, StoreError> {
        let (first, last) = shard_ends(shards);
        let stalled = values(UNPOLLED)
            .value("first", first)
            .value("last", last)
            .value("at", self.now().at)
            .value("wait_s", ASK_AGAIN.as_secs_f64())
            .value("limit", limit);
        let rows = self.rows_with(stalled).await?;
        Ok(self.readable("cases.unpolled", &rows, account_of("account_id"), unpolled))
    }
}

fn unpolled(found: &Row) -> Result<UnpolledCase, StoreError> {
    let number: i32 = row::get(found, "number")?;
    let times: i32 = row::get(found, "times")?;
    Ok(UnpolledCase {
        case: CaseId(row::get(found, "id")?),
        account: AccountId(row::get(found, "account_id")?),
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        session: SessionId(row::get(found, "session_id")?),
        opened_at: row::get(found, "opened_at")?,
        number: u32::try_from(number).unwrap_or(1),
        asked: u32::try_from(times).unwrap_or(0),
        is_stopped: row::get(found, "is_stopped")?,
    })
}
