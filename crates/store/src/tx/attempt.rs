//! Queries that could be refused for their rows.

use super::Tx;
use crate::columns::Columns;
use crate::error::StoreError;

/// Checks of the commit, now; what comes after them is checked at the commit again.
const CHECK: &str = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED";

/// A query that could be refused for its rows.
#[derive(Debug)]
pub(crate) enum Attempted {
    /// Ran; its changes stand.
    Done,
    /// Refused for a row; the transaction is as before it.
    Refused(StoreError),
}

impl Tx {
    /// Runs a query with named parameters; rows that break the database's own rules undo no more than this query.
    pub(crate) async fn attempt_with<R>(
        &self,
        with: Columns<'_, R>,
    ) -> Result<Attempted, StoreError> {
        self.mark("SAVEPOINT attempt").await?;
        let ran = self.execute_with(with).await.map(drop);
        self.settle_attempt(ran).await
    }

    /// Keeps what was done since the savepoint, or undoes it where its rows were refused. What is checked at the commit only
    /// is checked here: there nobody could tell whose row it was.
    pub(crate) async fn settle_attempt(
        &self,
        ran: Result<(), StoreError>,
    ) -> Result<Attempted, StoreError> {
        let checked = match ran {
            Ok(()) => self.mark(CHECK).await,
            refused => refused,
        };
        match checked {
            Ok(()) => {
                self.mark("RELEASE SAVEPOINT attempt").await?;
                Ok(Attempted::Done)
            }
            Err(error) if error.is_of_the_data() => {
                self.mark("ROLLBACK TO SAVEPOINT attempt").await?;
                Ok(Attempted::Refused(error))
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn mark(&self, statement: &'static str) -> Result<(), StoreError> {
        let marked = self.client()?.batch_execute(statement).await;
        marked.map_err(|source| self.failed("savepoint", source))
    }
}
