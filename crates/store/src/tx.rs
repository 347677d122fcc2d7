//! A transaction, and the only commit there is.
//!
//! Two measured facts shape it. `commit()` of the driver answers `Ok` when the server turned the commit into a
//! rollback; so every deferred constraint is checked first, as a statement, which fails in an aborted transaction.
//! And a dropped commit future may or may not have committed; so the commit runs in a task that nobody drops.

mod attempt;
mod commit;
mod copy;
mod parts;
mod unread;

use crate::bell::{self, News};
use crate::clock::NOW;
use crate::columns::{Columns, borrowed};
use crate::error::StoreError;
use crate::sql::Sql;
use crate::store::Store;
use crate::{ClockReading, row};
use deadpool_postgres::Object;
use std::task::Poll;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

pub(crate) use attempt::Attempted;
use commit::commit;
pub(crate) use copy::Field;
pub use parts::Parts;
pub(crate) use parts::{OnRefused, SET_ASIDE_MAX, each_apart, reason, set_aside};
use unread::Unread;
pub(crate) use unread::account_of;

/// An open transaction. Dropping it rolls it back.
pub struct Tx {
    client: Option<Object>,
    store: Store,
    now: ClockReading,
    /// For the relay, after the commit.
    pub(crate) news: News,
    /// Rows that could not be read, for operators.
    unread: Unread,
}

impl Tx {
    pub(crate) async fn begin(store: &Store) -> Result<Self, StoreError> {
        Self::begin_as(store, "BEGIN").await
    }

    /// Sees the database as it is now, whatever is committed meanwhile; can only read.
    pub(crate) async fn snapshot(store: &Store) -> Result<Self, StoreError> {
        Self::begin_as(store, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await
    }

    pub(crate) async fn begin_as(store: &Store, begin: &str) -> Result<Self, StoreError> {
        let client = store.client().await?;
        let statement = prepare(store, &client, NOW).await?;
        // From here on a failure, or a caller that gives up half way, must roll back, which is what dropping a Tx does.
        let mut tx = Self {
            client: Some(client),
            store: store.clone(),
            now: ClockReading {
                at: jiff::Timestamp::MIN,
                rate: 1.0,
            },
            news: News::default(),
            unread: Unread::default(),
        };
        let client = tx.client()?;
        // Sent together, answered in order: one round trip.
        let (opened, found) = tokio::join!(
            biased;
            client.batch_execute(begin),
            client.query_one(&statement, &[])
        );
        opened.map_err(|source| tx.failed("begin", source))?;
        let found = found.map_err(|source| tx.failed(NOW.name, source))?;
        tx.now = ClockReading {
            at: row::get(&found, "now")?,
            rate: row::get(&found, "rate")?,
        };
        Ok(tx)
    }

    /// The instant that it began, by the database's clock.
    pub fn now(&self) -> ClockReading {
        self.now
    }

    /// The store that it belongs to.
    pub fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) async fn rows(
        &self,
        sql: Sql,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StoreError> {
        let client = self.client()?;
        let statement = self.prepare(sql).await?;
        let found = client.query(&statement, params).await;
        found.map_err(|source| self.failed(sql.name, source))
    }

    /// Several statements in one round trip, each with a snapshot of its own, run in this order.
    pub(crate) async fn rows_in_turn<const N: usize>(
        &self,
        asked: [Columns<'_, ()>; N],
    ) -> Result<[Vec<Row>; N], StoreError> {
        let client = self.client()?;
        let asked = asked.map(Columns::parts);
        let mut statements = Vec::with_capacity(N);
        for (sql, _) in &asked {
            statements.push(self.prepare(*sql).await?);
        }
        let queries = asked.iter().zip(&statements);
        let queries = queries.map(|((sql, params), statement)| async {
            let found = client.query(statement, &borrowed(params)).await;
            found.map_err(|source| self.failed(sql.name, source))
        });
        // A query is sent when it is first asked for, so they go out in this order before any answer is awaited.
        let mut answers = in_order(queries.collect()).await.into_iter();
        let mut found = [const { Vec::new() }; N];
        for rows in &mut found {
            *rows = answers.next().unwrap_or(Err(StoreError::RolledBack))?;
        }
        Ok(found)
    }

    pub(crate) async fn execute(
        &self,
        sql: Sql,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, StoreError> {
        let client = self.client()?;
        let statement = self.prepare(sql).await?;
        let changed = client.execute(&statement, params).await;
        changed.map_err(|source| self.failed(sql.name, source))
    }

    /// Rows that a query answers to parameters with names.
    pub(crate) async fn rows_with<R>(&self, with: Columns<'_, R>) -> Result<Vec<Row>, StoreError> {
        let (sql, params) = with.parts();
        self.rows(sql, &borrowed(&params)).await
    }

    /// Count of rows that a query with named parameters changed.
    pub(crate) async fn execute_with<R>(&self, with: Columns<'_, R>) -> Result<u64, StoreError> {
        let (sql, params) = with.parts();
        self.execute(sql, &borrowed(&params)).await
    }

    /// Fails unless a query with named parameters changed exactly `expected` rows.
    pub(crate) async fn execute_on_with<R>(
        &self,
        expected: usize,
        with: Columns<'_, R>,
    ) -> Result<(), StoreError> {
        let (sql, params) = with.parts();
        let changed = self.execute(sql, &borrowed(&params)).await?;
        counted(sql, expected, changed)
    }

    /// Commits. `Ok` means committed, whatever became of the connection meanwhile.
    pub async fn finish(mut self) -> Result<(), StoreError> {
        let unread = self.take_unread();
        if !unread.is_empty() {
            // Boxed: rare, and part of every transaction's future.
            Box::pin(self.raise_all(&unread)).await?;
        }
        let Some(client) = self.client.take() else {
            return Err(StoreError::RolledBack);
        };
        let (store, news) = (self.store.clone(), self.news.take());
        let committed = tokio::spawn(async move {
            commit(client, &store).await?;
            bell::ring(&store, news);
            Ok(())
        });
        committed.await.map_err(|_| StoreError::RolledBack)?
    }

    /// Rolls back and waits for it, so that its locks are gone when this returns.
    pub async fn abandon(mut self) {
        if let Some(client) = self.client.take() {
            roll_back(&self.store, client).await;
        }
    }

    /// Goes on after a success. After a failure it is rolled back first: what its caller claims next would pass over rows that
    /// it still holds.
    pub async fn go_on<T, E>(self, done: Result<T, E>) -> Result<(Self, T), E> {
        match done {
            Ok(done) => Ok((self, done)),
            Err(error) => {
                self.abandon().await;
                Err(error)
            }
        }
    }

    async fn prepare(&self, sql: Sql) -> Result<Statement, StoreError> {
        prepare(&self.store, self.client()?, sql).await
    }

    /// Error of a query on the transaction's connection.
    fn failed(&self, query: &'static str, source: tokio_postgres::Error) -> StoreError {
        match &self.client {
            Some(client) => self.store.failed(client, query, source),
            None => StoreError::RolledBack,
        }
    }

    fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or(StoreError::RolledBack)
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                let store = self.store.clone();
                drop(runtime.spawn(async move { roll_back(&store, client).await }));
            }
            // No runtime to speak to the server with: closing the connection rolls back.
            Err(_) => drop(Object::take(client)),
        }
    }
}

fn counted(sql: Sql, expected: usize, changed: u64) -> Result<(), StoreError> {
    let expected = expected as u64;
    if changed == expected {
        return Ok(());
    }
    Err(StoreError::Count {
        query: sql.name,
        expected,
        changed,
    })
}

/// Waits for all of them, beginning them in their order.
async fn in_order<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = futures.into_iter().map(|it| (Box::pin(it), None)).collect();
    std::future::poll_fn(|context| {
        for (future, answer) in &mut waiting {
            if answer.is_none()
                && let Poll::Ready(said) = future.as_mut().poll(context)
            {
                *answer = Some(said);
            }
        }
        if waiting.iter().all(|(_, answer)| answer.is_some()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    waiting
        .into_iter()
        .filter_map(|(_, answer)| answer)
        .collect()
}

async fn roll_back(store: &Store, client: Object) {
    if client.batch_execute("ROLLBACK").await.is_err() {
        drop(Object::take(client));
    } else {
        store.give_back(client);
    }
}

async fn prepare(store: &Store, client: &Object, sql: Sql) -> Result<Statement, StoreError> {
    let prepared = client.prepare_cached(sql.text).await;
    prepared.map_err(|source| store.failed(client, sql.name, source))
}
