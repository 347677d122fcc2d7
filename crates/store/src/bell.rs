//! Waking the relay after a commit instead of in it.
//!
//! A transaction that notifies holds a lock of the whole server until its commit is on disk, so such commits come one
//! by one: measured at a third of the rate of others and less. So the ring is a small transaction of its own, which
//! waits for no disk, and what is to be rung for meanwhile goes with the next one. A ring that is lost with its process
//! costs a second: the relay looks by itself that often.

use crate::StoreError;
use crate::said::DriverMessage;
use crate::sql::{Sql, sql};
use crate::store::Store;
use crate::trace::Created;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio_postgres::types::ToSql;

const RING: Sql = sql!("jobs/ring");

/// What a transaction has to say to the relay once it is committed.
#[derive(Debug, Default)]
pub(crate) struct News {
    created: Mutex<Vec<Created>>,
    closed: AtomicBool,
}

impl News {
    pub(crate) fn enqueued(&self, jobs: impl Iterator<Item = Created>) {
        self.created().extend(jobs);
    }

    /// The jobs that the transaction has made so far.
    pub(crate) fn created(&self) -> MutexGuard<'_, Vec<Created>> {
        self.created.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn closed(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn take(&self) -> Ring {
        Ring {
            enqueued: !std::mem::take(&mut *self.created()).is_empty(),
            closed: self.closed.swap(false, Ordering::Relaxed),
        }
    }
}

/// What is rung for: jobs were enqueued, jobs were closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ring {
    enqueued: bool,
    closed: bool,
}

/// What waits to be rung for in this process, and whether somebody is about to.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    state: Mutex<(Ring, bool)>,
}

impl Bell {
    /// True if the caller must ring; otherwise whoever is ringing does.
    fn add(&self, ring: Ring) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (waiting, is_ringing) = &mut *state;
        waiting.enqueued |= ring.enqueued;
        waiting.closed |= ring.closed;
        *waiting != Ring::default() && !std::mem::replace(is_ringing, true)
    }

    /// What to ring for next; none ends the ringing.
    fn next(&self) -> Option<Ring> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let ring = std::mem::take(&mut state.0);
        state.1 = ring != Ring::default();
        state.1.then_some(ring)
    }
}

/// Rings for what has been committed, without waiting for it.
pub(crate) fn ring(store: &Store, news: Ring) {
    if news == Ring::default() || !store.bell.add(news) {
        return;
    }
    let store = store.clone();
    // Ends when nothing is left to ring for; lost with its runtime, it costs the relay a second.
    tokio::spawn(async move {
        while let Some(ring) = store.bell.next() {
            if let Err(error) = notify(&store, ring).await {
                tracing::debug!(%error, "a ring was lost; the relay looks by itself");
            }
        }
    });
}

async fn notify(store: &Store, ring: Ring) -> Result<(), StoreError> {
    let client = store.client().await?;
    let failed = |source| StoreError::Query {
        query: RING.name,
        source: DriverMessage::of(source),
    };
    let statement = client.prepare_cached(RING.text).await.map_err(failed)?;
    let params: [&(dyn ToSql + Sync); 2] = [&ring.enqueued, &ring.closed];
    // Sent together. Nothing in it is worth waiting for the disk, and the lock is held until it is over.
    let (opened, told, committed) = tokio::join!(
        biased;
        client.batch_execute("BEGIN; SET LOCAL synchronous_commit = off"),
        client.execute(&statement, &params),
        client.batch_execute("COMMIT"),
    );
    opened.map_err(failed)?;
    told.map_err(failed)?;
    committed.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_that_come_while_one_is_under_way_go_together_and_none_is_left_behind() {
        let bell = Bell::default();
        let (enqueued, closed) = (
            Ring {
                enqueued: true,
                closed: false,
            },
            Ring {
                enqueued: false,
                closed: true,
            },
        );
        assert!(bell.add(enqueued));
        assert_eq!(bell.next(), Some(enqueued));
        assert!(!bell.add(closed));
        assert!(!bell.add(closed));
        assert_eq!(
            bell.next(),
            Some(Ring {
                enqueued: false,
                closed: true
            })
        );
        assert_eq!(bell.next(), None);
        assert!(bell.add(enqueued));
    }
}
