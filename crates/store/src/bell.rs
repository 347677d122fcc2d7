//! Waking the relay after a commit instead of in it.
//!
//! A transaction that notifies holds a lock of the whole server until its commit is on disk, so such commits come one
//! by one: measured at a third of the rate of others and less. So the ring is a small transaction of its own, which
//! waits for no disk, and what is to be rung for meanwhile goes with the next one. It names the lanes that got jobs, so that
//! the relay need not look for them. A ring that is lost with its process costs what the relay needs to come round by itself:
//! a second in a fleet of five hundred lanes.

mod payload;

use crate::StoreError;
use crate::lane::Lane;
use crate::said::DriverMessage;
use crate::sql::{Sql, sql};
use crate::store::Store;
use crate::trace::Created;
pub(crate) use payload::{LIFTED, read};
use policy::jobs::Queue;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

const RING: Sql = sql!("jobs/ring");

/// What a transaction has to say to the relay once it is committed.
#[derive(Debug, Default)]
pub(crate) struct News {
    created: Mutex<Vec<Created>>,
    lanes: Mutex<HashSet<(Queue, Lane)>>,
    closed: AtomicBool,
}

impl News {
    /// Jobs that the transaction has made, each with its workspace; nil for the fleet.
    pub(crate) fn enqueued(&self, jobs: impl Iterator<Item = (Created, Uuid)>) {
        let mut lanes = self.lanes();
        let mut created = self.created();
        for (job, workspace) in jobs {
            let kind = job.kind.name.to_owned();
            lanes.insert((job.kind.queue, Lane { workspace, kind }));
            created.push(job);
        }
    }

    fn lanes(&self) -> MutexGuard<'_, HashSet<(Queue, Lane)>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The jobs that the transaction has made so far.
    pub(crate) fn created(&self) -> MutexGuard<'_, Vec<Created>> {
        self.created.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn closed(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn take(&self) -> Ring {
        self.created().clear();
        Ring {
            lanes: std::mem::take(&mut *self.lanes()),
            closed: self.closed.swap(false, Ordering::Relaxed),
        }
    }
}

/// What is rung for: lanes that jobs were enqueued in, and whether jobs were closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ring {
    lanes: HashSet<(Queue, Lane)>,
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
        waiting.lanes.extend(ring.lanes);
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
            if let Err(error) = notify(&store, &ring).await {
                tracing::debug!(%error, "a ring was lost; the relay looks by itself");
            }
        }
    });
}

async fn notify(store: &Store, ring: &Ring) -> Result<(), StoreError> {
    let client = store.client().await?;
    let failed = |source| StoreError::Query {
        query: RING.name,
        source: DriverMessage::of(source),
    };
    let statement = client.prepare_cached(RING.text).await.map_err(failed)?;
    let lanes = payload::write(&ring.lanes);
    let params: [&(dyn ToSql + Sync); 2] = [&lanes, &ring.closed];
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
        let lane = |number| Lane {
            workspace: Uuid::from_u128(number),
            kind: "a.kind".to_owned(),
        };
        let enqueued = |numbers: &[u128]| Ring {
            lanes: numbers
                .iter()
                .map(|number| (Queue::Sweeps, lane(*number)))
                .collect(),
            closed: false,
        };
        let closed = Ring {
            closed: true,
            ..Ring::default()
        };
        assert!(bell.add(enqueued(&[1])));
        assert_eq!(bell.next(), Some(enqueued(&[1])));
        assert!(!bell.add(closed.clone()));
        assert!(!bell.add(enqueued(&[2])));
        assert!(!bell.add(enqueued(&[2, 3])));
        let together = Ring {
            closed: true,
            ..enqueued(&[2, 3])
        };
        assert_eq!(bell.next(), Some(together));
        assert_eq!(bell.next(), None);
        assert!(bell.add(enqueued(&[1])));
    }
}
