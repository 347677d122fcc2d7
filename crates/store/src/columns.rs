//! Parameters with names: rows turned into one array a column, and values beside them, in the order of the query's `$n`.

use crate::sql::Sql;
use tokio_postgres::types::ToSql;

/// Owned parameters of one query, by position.
pub(crate) type Params<'a> = Vec<Box<dyn ToSql + Sync + Send + 'a>>;

/// A query and its parameters. Names repeat those of the file's first line or alias list; a test compares them.
pub(crate) struct Columns<'a, R> {
    sql: Sql,
    rows: &'a [R],
    params: Params<'a>,
}

/// Begins the parameters of a query over some rows.
pub(crate) fn columns<R>(sql: Sql, rows: &[R]) -> Columns<'_, R> {
    Columns {
        sql,
        rows,
        params: vec![],
    }
}

/// Begins the parameters of a query that takes values only.
pub(crate) fn values<'a>(sql: Sql) -> Columns<'a, ()> {
    columns(sql, &[])
}

impl<'a, R> Columns<'a, R> {
    /// Next parameter: an array with one element a row.
    pub(crate) fn with<T>(mut self, _name: &'static str, read: impl Fn(&'a R) -> T) -> Self
    where
        T: ToSql + Sync + Send + 'a,
    {
        let column: Vec<T> = self.rows.iter().map(read).collect();
        self.params.push(Box::new(column));
        self
    }

    /// Next parameter: one value, whatever the rows.
    pub(crate) fn value(
        mut self,
        _name: &'static str,
        value: impl ToSql + Sync + Send + 'a,
    ) -> Self {
        self.params.push(Box::new(value));
        self
    }

    /// Query, and its parameters in the order in which they were named.
    pub(crate) fn parts(self) -> (Sql, Params<'a>) {
        (self.sql, self.params)
    }
}

/// Parameters as the driver takes them.
pub(crate) fn borrowed<'p>(params: &'p Params<'_>) -> Vec<&'p (dyn ToSql + Sync)> {
    params
        .iter()
        .map(|it| it.as_ref() as &(dyn ToSql + Sync))
        .collect()
}
