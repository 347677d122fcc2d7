//! Reading rows by column name, into the policy's types.

use crate::error::StoreError;
use policy::account::Status;
use policy::ids::{AccountId, Identity, SessionId, WorkspaceId};
use policy::verify::AccountRow;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

/// The value of a column; an error names it.
pub(crate) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: &'static str) -> Result<T, StoreError> {
    row.try_get(column).map_err(|error| StoreError::Row {
        column,
        why: error.to_string(),
    })
}

/// A status column, read as text.
pub(crate) fn status(row: &Row, column: &'static str) -> Result<Status, StoreError> {
    let word: &str = get(row, column)?;
    Status::parse(word).ok_or_else(|| StoreError::Row {
        column,
        why: format!("unknown status {word}"),
    })
}

/// The account columns that rules look at, under the names that `accounts/row.sql` gives them.
pub(crate) fn account(row: &Row, id: &'static str) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        account: AccountId(get(row, id)?),
        workspace: WorkspaceId(get(row, "workspace_id")?),
        version: get(row, "status_version")?,
        status: status(row, "status")?,
        since: get(row, "status_since")?,
        session: get::<Option<String>>(row, "session_id")?.map(SessionId),
        identity: get::<Option<String>>(row, "identity")?.map(Identity),
    })
}
