//! What a consumer has received: the deliveries in this process, and the connection that brought each.

use crate::Delivery;
use lapin::Acker;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// What was received and not yet given out: at most the prefetches of all queues.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    deliveries: Mutex<VecDeque<Delivery>>,
    bell: Notify,
    outstanding: Arc<Outstanding>,
}

/// Deliveries that exist in this process.
#[derive(Debug, Default)]
struct Outstanding {
    count: AtomicUsize,
    none: Notify,
}

/// What the deliveries of one connection share.
#[derive(Debug)]
pub(crate) struct Session {
    /// Cancelled by whoever finds that the connection is of no use.
    pub(crate) broken: CancellationToken,
    abandoned: mpsc::UnboundedSender<Acker>,
    outstanding: Arc<Outstanding>,
    held: AtomicUsize,
}

impl Buffer {
    pub(crate) fn pop(&self) -> Option<Delivery> {
        self.lock().pop_front()
    }

    pub(crate) async fn filled(&self) {
        self.bell.notified().await;
    }

    /// Whether a delivery is alive in this process is what counts, in whichever connection it came.
    pub(crate) async fn all_settled(&self) {
        loop {
            let none = self.outstanding.none.notified();
            if self.outstanding.count.load(Ordering::SeqCst) == 0 {
                return;
            }
            none.await;
        }
    }

    pub(crate) fn push(&self, delivery: Delivery) {
        self.lock().push_back(delivery);
        self.bell.notify_one();
    }

    /// Takes what a session brought.
    pub(crate) fn take_of(&self, session: &Arc<Session>) -> Vec<Delivery> {
        let mut deliveries = self.lock();
        let all = std::mem::take(&mut *deliveries).into_iter();
        let (taken, kept) = all.partition::<VecDeque<_>, _>(|it| it.is_of(session));
        *deliveries = kept;
        taken.into()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Delivery>> {
        // No code that can panic runs under this lock.
        self.deliveries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// The other end brings what was dropped unsettled.
    pub(crate) fn new(buffer: &Buffer) -> (Arc<Self>, mpsc::UnboundedReceiver<Acker>) {
        // Bounded by the prefetch.
        let (abandoned, receiver) = mpsc::unbounded_channel();
        let outstanding = Arc::clone(&buffer.outstanding);
        (
            Arc::new(Self {
                broken: CancellationToken::new(),
                abandoned,
                outstanding,
                held: AtomicUsize::new(0),
            }),
            receiver,
        )
    }

    pub(crate) fn hold(&self) {
        self.held.fetch_add(1, Ordering::SeqCst);
        self.outstanding.count.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn let_go(&self) {
        self.held.fetch_sub(1, Ordering::SeqCst);
        if self.outstanding.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.outstanding.none.notify_waiters();
        }
    }

    /// Deliveries of this session that are alive in this process.
    pub(crate) fn in_hand(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    /// For a delivery that was dropped: the task hands it back, as `drop` cannot wait.
    pub(crate) fn abandon(&self, acker: Acker) {
        // Fails only when the connection is gone, and then the broker has it back already.
        self.abandoned.send(acker).ok();
        self.let_go();
    }
}
