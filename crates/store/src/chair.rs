//! The chair beside the scheduler's lease: a lock of a session of its own, which PostgreSQL gives up the moment that its process
//! is gone. Followers wait for it, so that the next one knows at once. Who leads is said by the lease alone.

use crate::config::Config;
use crate::error::StoreError;
use crate::said::DriverMessage;
use tokio::task::JoinHandle;
use tokio_postgres::Client;

/// Waits are cut into pieces of ten seconds: a statement that waits holds a snapshot, and an old one keeps dead rows alive.
/// A machine that vanished without a word is noticed after some twenty seconds.
const SETTINGS: &str =
    "set lock_timeout = '10s'; set statement_timeout = '30s'; set tcp_keepalives_idle = 5;
    set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3";
/// A wait that ends without the lock is no error, and so no line in the server's log.
const WAIT: &str = "do $$ begin perform pg_advisory_lock(7267, 1); exception when lock_not_available then null; end $$";
/// At once: whoever has the lock of its own session gets it again.
const HAS: &str = "select pg_try_advisory_lock(7267, 1) as has";
const WHO: &str = "select pg_backend_pid() as pid";

/// Session that waits for the chair or sits in it. Dropping it gets up.
pub struct Chair {
    client: Client,
    connection: JoinHandle<()>,
    session: i32,
}

impl Chair {
    /// Connects.
    pub async fn connect(config: &Config) -> Result<Self, StoreError> {
        let failed = |source| said("sit", source);
        let connected = config.parsed()?.connect(config.tls()?).await;
        let (client, connection) = connected.map_err(failed)?;
        let connection = tokio::spawn(async move {
            // However it ends, whoever asks it next is told.
            connection.await.ok();
        });
        client.batch_execute(SETTINGS).await.map_err(failed)?;
        let found = client.query_one(WHO, &[]).await.map_err(failed)?;
        let session = crate::row::get(&found, "pid")?;
        Ok(Self {
            client,
            connection,
            session,
        })
    }

    /// Process of the server that has the session, as `pg_locks` names it.
    pub fn session(&self) -> i32 {
        self.session
    }

    /// Waits until this session has the chair.
    pub async fn sit(&self) -> Result<(), StoreError> {
        let failed = |source| said("sit", source);
        loop {
            self.client.batch_execute(WAIT).await.map_err(failed)?;
            let found = self.client.query_one(HAS, &[]).await.map_err(failed)?;
            if crate::row::get(&found, "has")? {
                return Ok(());
            }
        }
    }

    /// Waits until the session is gone, and with it the chair. Cancel-safe.
    pub async fn lost(&mut self) {
        (&mut self.connection).await.ok();
    }
}

fn said(query: &'static str, source: tokio_postgres::Error) -> StoreError {
    StoreError::Query {
        query,
        source: DriverMessage::of(source),
    }
}
