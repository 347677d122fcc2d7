//! Queries that expect something of their rows: that all can be written, or that so many change.

use super::{Tx, counted};
use crate::columns::Columns;
use crate::error::StoreError;
use crate::said::DriverMessage;
use crate::sql::Sql;
use tokio_postgres::types::ToSql;

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
        match self.execute_with(with).await {
            Ok(_) => {
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

    async fn mark(&self, statement: &'static str) -> Result<(), StoreError> {
        let marked = self.client()?.batch_execute(statement).await;
        marked.map_err(|source| StoreError::Query {
            query: "savepoint",
            source: DriverMessage::of(source),
        })
    }

    /// Fails unless exactly `expected` rows changed.
    pub(crate) async fn execute_on(
        &self,
        expected: usize,
        sql: Sql,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<(), StoreError> {
        let changed = self.execute(sql, params).await?;
        counted(sql, expected, changed)
    }
}
