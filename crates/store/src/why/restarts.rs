//! Restarts of an account's session, as a person asks about them (R-LNK-8).

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::AccountId;

const RESTARTS: Sql = sql!("why/restarts");

/// One restart of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestartSheet {
    /// Number of the rung; 0 where an operator asked.
    pub rung: i32,
    /// State of it (`restarted`).
    pub state: String,
    /// When it was called, or written down.
    pub at: Timestamp,
    /// The provider's code, or in short what went wrong; empty where nothing did.
    pub code: String,
}

impl Tx {
    /// Restarts since an account is recovering, the newest first, at most twelve.
    pub async fn restarts_of(&self, account: AccountId) -> Result<Vec<RestartSheet>, StoreError> {
        let rows = self.rows(RESTARTS, &[&account.0]).await?;
        rows.iter()
            .map(|found| {
                Ok(RestartSheet {
                    rung: row::get(found, "rung")?,
                    state: row::get(found, "state")?,
                    at: row::get(found, "at")?,
                    code: row::get(found, "code")?,
                })
            })
            .collect()
    }
}
