//! Room for jobs in hand: less by half when a claim finds the database slow, more by one with each that does not. So work in
//! flight shrinks with what the database can do, and grows back by itself (R-Q-2).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// A claim that lasts longer, its wait for a connection included, has found the database slow.
const SLOW: Duration = Duration::from_secs(1);
/// After a decrease the next one waits for so long: what is in hand by then was taken before.
const DECREASE_EVERY: Duration = Duration::from_secs(1);

/// Room for jobs of one queue.
pub(crate) struct Room {
    max: usize,
    min: usize,
    held: Mutex<Occupancy>,
    /// Line before the door: first come, first served.
    line: tokio::sync::Mutex<()>,
    freed: Notify,
}

#[derive(Debug)]
struct Occupancy {
    limit: usize,
    used: usize,
    decreased_at: Option<Instant>,
}

/// Part of the room, given back when dropped.
pub(crate) struct Share<'a> {
    room: &'a Room,
    jobs: usize,
}

impl Share<'_> {
    /// Jobs that there is room for, from 1.
    pub(crate) fn jobs(&self) -> usize {
        self.jobs
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.room.held().used -= self.jobs;
        self.room.freed.notify_one();
    }
}

impl Room {
    /// Makes room for `max` jobs, and for `min` however slow the database is: fewer than have a connection each wait for none,
    /// and to take still fewer would only slow them down.
    pub(crate) fn new(min: usize, max: usize) -> Self {
        let min = min.max(1);
        let max = max.max(min);
        Self {
            max,
            min,
            held: Mutex::new(Occupancy {
                limit: max,
                used: 0,
                decreased_at: None,
            }),
            line: tokio::sync::Mutex::new(()),
            freed: Notify::new(),
        }
    }

    /// Waits for room for at most `jobs`.
    pub(crate) async fn take(&self, jobs: usize) -> Share<'_> {
        let _first = self.line.lock().await;
        loop {
            if let Some(share) = self.take_now(jobs) {
                return share;
            }
            self.freed.notified().await;
        }
    }

    /// Takes room for at most `jobs`, if there is any.
    pub(crate) fn take_now(&self, jobs: usize) -> Option<Share<'_>> {
        let mut held = self.held();
        let free = held.limit.saturating_sub(held.used);
        let jobs = jobs.max(1).min(free);
        held.used += jobs;
        // Made only if it is handed out: one that is dropped here would wait for what is held here.
        (0 < jobs).then(|| Share { room: self, jobs })
    }

    /// Notes how long a claim took. Whether the room has changed.
    pub(crate) fn note_claim(&self, took: Duration) -> bool {
        let mut held = self.held();
        let before = held.limit;
        if took < SLOW {
            held.limit = (before + 1).min(self.max);
        } else {
            held.decrease(Instant::now(), self.min);
        }
        let is_changed = held.limit != before;
        drop(held);
        self.freed.notify_one();
        is_changed
    }

    /// Jobs that may be in hand now.
    pub(crate) fn limit(&self) -> usize {
        self.held().limit
    }

    fn held(&self) -> MutexGuard<'_, Occupancy> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Occupancy {
    fn decrease(&mut self, now: Instant, min: usize) {
        let is_early = self
            .decreased_at
            .is_some_and(|at| now.duration_since(at) < DECREASE_EVERY);
        if !is_early {
            // Of what is in hand: a limit far above it would shrink for long without any effect.
            self.limit = (self.limit.min(self.used) / 2).max(min);
            self.decreased_at = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_q_2_room_halves_with_slow_claims_and_grows_by_one_with_quick_ones() {
        let room = Room::new(1, 64);
        let share = room.take_now(40).expect("room");
        assert_eq!((share.jobs(), room.limit()), (40, 64));
        assert!(!room.note_claim(SLOW.saturating_sub(Duration::from_millis(1))));
        assert!(room.note_claim(SLOW), "half of what is in hand");
        assert_eq!(room.limit(), 20);
        assert!(!room.note_claim(SLOW), "not twice for one stall");
        assert!(room.take_now(1).is_none(), "more is in hand than may be");
        drop(share);
        assert!(room.note_claim(Duration::ZERO));
        assert_eq!(room.limit(), 21);
        let share = room.take_now(50).map(|it| it.jobs());
        assert_eq!(share, Some(21), "a part of what was asked for");
        for _ in 0..100 {
            room.note_claim(Duration::ZERO);
        }
        assert_eq!(room.limit(), 64, "and no further");
    }

    #[test]
    fn r_q_2_room_shrinks_to_its_least_and_no_further() {
        let mut held = Occupancy {
            limit: 64,
            used: 3,
            decreased_at: None,
        };
        let start = Instant::now();
        for (second, min, limit) in [(0, 2, 2), (1, 2, 2), (2, 1, 1), (3, 1, 1)] {
            held.decrease(start + Duration::from_secs(second), min);
            assert_eq!(held.limit, limit);
        }
        assert_eq!(Room::new(0, 0).take_now(5).map(|it| it.jobs()), Some(1));
    }

    #[tokio::test]
    async fn r_q_2_who_waits_for_room_is_served_in_turn() {
        let room = Room::new(1, 2);
        let first = room.take(2).await;
        let second = async { room.take(5).await.jobs() };
        let freeing = async { drop(first) };
        let (jobs, ()) = tokio::join!(second, freeing);
        assert_eq!(jobs, 2);
    }
}
