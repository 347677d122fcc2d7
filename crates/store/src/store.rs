//! The pool, and what is asked outside a transaction.

use crate::bell::Bell;
use crate::clock::NOW;
use crate::config::Config;
use crate::discarded::Discarded;
use crate::error::{StoreError, is_of_all_connections};
use crate::migrate;
use crate::said::DriverMessage;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use crate::{ClockReading, row};
use deadpool_postgres::{Object, Pool};
use std::sync::Arc;
use std::time::Instant;
use tokio_postgres::Row;

const IS_READ_ONLY: Sql = sql!("clock/is_read_only");

/// The database. Cheap to clone; connects when first asked for something.
#[derive(Clone)]
pub struct Store {
    pub(crate) pool: Pool,
    pub(crate) bell: Arc<Bell>,
    discarded: Arc<Discarded>,
    config: Config,
}

/// How a pool of connections stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// As many as it may hold.
    pub max: usize,
    /// Those that somebody uses.
    pub in_use: usize,
    /// Those that nobody uses.
    pub idle: usize,
    /// Those who wait for one.
    pub waiting: usize,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("pool", &self.pool.status())
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Prepares a pool. Nothing is connected yet, so an unreachable server is no error here.
    pub fn new(config: Config) -> Result<Self, StoreError> {
        let discarded = Arc::new(Discarded::default());
        Ok(Self {
            pool: config.pool(&discarded)?,
            bell: Arc::new(Bell::default()),
            discarded,
            config,
        })
    }

    /// Begins a transaction (READ COMMITTED) and reads the clock, in one round trip.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Tx::begin(self).await
    }

    /// Reads in a transaction (READ COMMITTED) that is rolled back before this returns, also after an error.
    pub async fn reading<T, E: From<StoreError>>(
        &self,
        read: impl AsyncFnOnce(&Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        Self::read_in(Tx::begin(self).await?, read).await
    }

    /// Reads the database as it is now, whatever is committed meanwhile, in a transaction that can only read and is
    /// rolled back before this returns.
    pub async fn reading_snapshot<T, E: From<StoreError>>(
        &self,
        read: impl AsyncFnOnce(&Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        Self::read_in(Tx::snapshot(self).await?, read).await
    }

    async fn read_in<T, E: From<StoreError>>(
        tx: Tx,
        read: impl AsyncFnOnce(&Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        let found = read(&tx).await;
        let (store, unread) = (tx.store().clone(), tx.take_unread());
        tx.abandon().await;
        if !unread.is_empty() {
            let telling = Tx::begin(&store).await?;
            Box::pin(telling.raise_all(&unread)).await?;
            telling.finish().await?;
        }
        found
    }

    /// Reads the clock.
    pub async fn now(&self) -> Result<ClockReading, StoreError> {
        let client = self.client().await?;
        let found = self.only_row(&client, NOW).await?;
        Ok(ClockReading {
            at: row::get(&found, "now")?,
            rate: row::get(&found, "rate")?,
        })
    }

    /// Refuses a server that takes no writes, and a schema that is older or newer than this build (R-JOB-5 is for jobs; this
    /// is for tables).
    pub async fn check_schema(&self) -> Result<(), StoreError> {
        let client = self.client().await?;
        let found = self.only_row(&client, IS_READ_ONLY).await?;
        if row::get(&found, "is_read_only")? {
            self.discarded.note_all();
            return Err(StoreError::ReadOnly);
        }
        migrate::check_schema(&client).await
    }

    async fn only_row(&self, client: &Object, sql: Sql) -> Result<Row, StoreError> {
        let statement = client.prepare_cached(sql.text).await;
        let statement = statement.map_err(|source| self.failed(client, sql.name, source))?;
        let found = client.query_one(&statement, &[]).await;
        found.map_err(|source| self.failed(client, sql.name, source))
    }

    /// A connection of the pool, once there is one.
    pub(crate) async fn client(&self) -> Result<Object, StoreError> {
        let began = Instant::now();
        if self.discarded.is_sweep_due() {
            self.pool
                .retain(|_, connection| self.discarded.keeps(connection.created));
        }
        let client = self.pool.get().await;
        metrics::histogram!("relink_database_wait_seconds").record(began.elapsed().as_secs_f64());
        Ok(client?)
    }

    /// Error of a query, judged: a connection that it speaks of leaves the pool, with all others where it speaks of them too.
    pub(crate) fn failed(
        &self,
        client: &Object,
        query: &'static str,
        source: tokio_postgres::Error,
    ) -> StoreError {
        if is_of_all_connections(&source) {
            self.discarded.note_all();
        }
        let error = StoreError::Query {
            query,
            source: DriverMessage::of(source),
        };
        let class = error.class();
        if class.spoils() {
            self.discarded.note(Object::metrics(client).created);
        }
        metrics::counter!("relink_database_errors_total", "class" => class.as_str()).increment(1);
        error
    }

    /// Gives a connection back, or ends it where it must not be used again.
    pub(crate) fn give_back(&self, client: Object) {
        if !self.discarded.keeps(Object::metrics(&client).created) {
            drop(Object::take(client));
        }
    }

    /// How the pool stands.
    pub fn connections(&self) -> Connections {
        let status = self.pool.status();
        Connections {
            max: status.max_size,
            in_use: status.size.saturating_sub(status.available),
            idle: status.available,
            waiting: status.waiting,
        }
    }

    /// Where this store connects to.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Closes the pool; whoever waits for a connection gets an error.
    pub fn close(&self) {
        self.pool.close();
    }
}
