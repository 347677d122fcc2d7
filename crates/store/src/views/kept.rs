//! Sessions that disconnected accounts kept (R-DIS-4).

use super::{Page, fetched};
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::Status;
use serde::Serialize;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const KEPT: Sql = sql!("views/kept_sessions");

/// A live session that a disconnected account kept: billed, and claimed by nothing but that account's own restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptSession {
    /// The session.
    pub session: String,
    /// The provider's type, `LINKEDIN`.
    pub kind: String,
    /// State of it, as the listing has it: `ok`, `credentials`, …
    pub health: String,
    /// When it was listed for the first time.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// When it was listed last.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// Account that kept it.
    pub account: Uuid,
    /// Name of that account.
    pub name: String,
    /// Workspace of that account.
    pub workspace: Uuid,
    /// Status of that account: `disconnected`, or `connecting` while it is being restored.
    pub status: String,
    /// When the account got that status.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

impl Tx {
    /// One page of live sessions that disconnected accounts kept, by session, after that one.
    pub async fn kept_sessions(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<Page<KeptSession>, StoreError> {
        let rows = self.rows(KEPT, &[&after, &fetched(limit)]).await?;
        let rows = rows.iter().map(kept).collect::<Result<_, _>>()?;
        Ok(Page::of(rows, limit, |one: &KeptSession| {
            one.session.clone()
        }))
    }
}

fn kept(found: &Row) -> Result<KeptSession, StoreError> {
    Ok(KeptSession {
        session: row::get(found, "session_id")?,
        kind: row::get(found, "kind")?,
        health: row::get(found, "health")?,
        first_seen: row::get(found, "first_seen")?,
        last_seen: row::get(found, "seen_at")?,
        account: row::get(found, "account_id")?,
        name: row::get(found, "name")?,
        workspace: row::get(found, "workspace_id")?,
        status: row::status(found, "status").map(Status::as_str)?.to_owned(),
        since: row::get(found, "status_since")?,
    })
}
