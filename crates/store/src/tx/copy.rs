//! Rows in bulk, in the server's own binary format.

use super::{Attempted, Tx, counted};
use crate::error::StoreError;
use crate::sql::Sql;
use std::pin::pin;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

/// Type and value of one column of a row.
pub(crate) type Field<'a> = (Type, &'a (dyn ToSql + Sync));

impl Tx {
    /// Writes rows by a `copy … from stdin (format binary)`; rows that break the database's own rules undo no more than
    /// this. `fields` are a row's, in the order of the query's columns.
    pub(crate) async fn attempt_copy<R, const N: usize>(
        &self,
        sql: Sql,
        rows: &[R],
        fields: impl Fn(&R) -> [Field<'_>; N],
    ) -> Result<Attempted, StoreError> {
        let Some(first) = rows.first() else {
            return Ok(Attempted::Done);
        };
        let types = fields(first).map(|(kind, _)| kind);
        self.mark("SAVEPOINT attempt").await?;
        let copied = self.copy(sql, &types, rows, fields).await;
        self.settle_attempt(copied).await
    }

    async fn copy<R, const N: usize>(
        &self,
        sql: Sql,
        types: &[Type],
        rows: &[R],
        fields: impl Fn(&R) -> [Field<'_>; N],
    ) -> Result<(), StoreError> {
        let client = self.client()?;
        let failed = |source| self.failed(sql.name, source);
        let statement = self.prepare(sql).await?;
        let sink = client.copy_in(&statement).await.map_err(failed)?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, types));
        for row in rows {
            let values = fields(row).map(|(_, value)| value);
            writer.as_mut().write(&values).await.map_err(failed)?;
        }
        let written = writer.finish().await.map_err(failed)?;
        counted(sql, rows.len(), written)
    }
}
