//! One queue of the relay: what a look at it reads, and what it makes of it. Work is by the room that the window has, and
//! not by how much waits.

mod due;
mod facts;

use super::LaneKey;
use super::batches::Chosen;
use super::lanes::Lanes;
use super::lap::{HEARTBEAT, Lap};
use crate::outstanding::Outstanding;
use fleet::{Entry, retry};
use policy::jobs::Queue;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use store::lane::Lane;
use store::relay::Holds;
use store::{ClockReading, StoreError, Tx};
use uuid::Uuid;

/// Doorbells of full batches that may be on their way for each queue.
const WINDOW_BATCHES: usize = 24;
/// The smallest window, for queues whose jobs ring one by one.
const WINDOW_MIN: usize = 512;
/// Rows of one look that are read beside those that it has room for: to get past what is held row by row.
const SKIP_MAX: usize = 10_000;
/// Jobs set aside at most because two workers vanished with each.
const SUSPECTS_MAX: usize = 64;
/// Pause after a look that got past held rows and found nothing.
const BREATH: Duration = Duration::from_millis(5);

/// One queue.
pub(crate) struct Line {
    pub(crate) queue: Queue,
    /// Jobs in a doorbell at most, by kind.
    pub(crate) batches: HashMap<&'static str, usize>,
    pub(crate) outstanding: Outstanding,
    window: usize,
    lanes: Lanes,
    lap: Lap,
    holds: Holds,
    suspects: Vec<(Uuid, LaneKey)>,
    /// When jobs in workers' hands are asked about, and ramps are looked at.
    round_at: Instant,
    next_look: Instant,
    /// Looks that failed in a row, and until when no other is tried.
    failures: u32,
    blocked_until: Instant,
    is_full: bool,
}

/// What a look chose to ring for.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pub(crate) jobs: Vec<Chosen>,
    /// Two workers vanished with it: it rings and runs alone.
    pub(crate) suspect: Option<Chosen>,
}

/// Room of a look, in jobs.
#[derive(Clone, Copy, Debug)]
struct Room {
    own: usize,
    others: usize,
}

impl Line {
    pub(crate) fn of(queue: Queue, roster: &[Entry], patience: Duration) -> Option<Self> {
        let batches: HashMap<&'static str, usize> = roster
            .iter()
            .filter(|entry| entry.spec.kind.queue == queue)
            .map(|entry| (entry.spec.kind.name, usize::from(entry.spec.batch_max)))
            .collect();
        let widest: usize = batches.values().sum();
        let now = Instant::now();
        (!batches.is_empty()).then(|| Self {
            queue,
            batches,
            outstanding: Outstanding::new(patience),
            window: (widest * WINDOW_BATCHES).max(WINDOW_MIN),
            lanes: Lanes::default(),
            lap: Lap::new(now),
            holds: Holds::default(),
            suspects: Vec::new(),
            round_at: now,
            next_look: now,
            failures: 0,
            blocked_until: now,
            is_full: false,
        })
    }

    /// Jobs were enqueued in a lane.
    pub(crate) fn wake(&mut self, lane: &Lane) {
        if let Some(key) = self.lanes.key(lane) {
            self.wake_all(vec![key]);
        }
    }

    /// Lanes have jobs to ring for; none for a look at what is known already.
    pub(crate) fn wake_all(&mut self, lanes: Vec<LaneKey>) {
        for key in lanes {
            self.lanes.wake(key);
        }
        self.next_look = Instant::now();
    }

    /// Jobs were enqueued, and nobody knows in which lanes.
    pub(crate) fn hurry(&mut self) {
        self.lap.hurry(Instant::now());
        self.next_look = Instant::now();
    }

    /// Everything that is due is to be rung for again.
    pub(crate) fn forget_all(&mut self) {
        let lanes = self.outstanding.forget_all();
        self.lanes.unpark();
        self.wake_all(lanes);
        self.hurry();
    }

    /// Jobs were closed: there is room.
    pub(crate) fn closed(&mut self) {
        if self.is_full {
            self.next_look = Instant::now();
        }
    }

    /// When the next look is due.
    pub(crate) fn next_look(&self) -> Instant {
        self.next_look.max(self.blocked_until)
    }

    /// Due jobs were left for want of room.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Looks that have failed in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// Notes a look that failed; the next one waits.
    pub(crate) fn stumbled(&mut self) {
        self.failures += 1;
        self.blocked_until = Instant::now() + retry::reconnect(self.failures);
    }

    /// Chooses what to ring for.
    pub(crate) async fn choose(&mut self, tx: &Tx) -> Result<Choice, StoreError> {
        let (now, machine) = (tx.now(), Instant::now());
        self.sift(tx, machine).await?;
        self.hold(tx, machine).await?;
        if self.lap.next() <= machine {
            self.step(tx).await?;
        }
        self.lanes.promote(now.at, machine);
        let room = self.room();
        let mut jobs = Vec::new();
        for (is_own, room) in [(true, room.own), (false, room.others)] {
            let looks = self.picked(is_own, room);
            if !looks.is_empty() {
                jobs.extend(self.due(tx, looks, room).await?);
            }
        }
        let suspect = self.suspect(tx).await?;
        self.failures = 0;
        Ok(Choice { jobs, suspect })
    }

    /// The fleet's own jobs have a quarter of the window always, and all others the rest; alone, the fleet's have as much as
    /// these.
    fn room(&self) -> Room {
        let quarter = self.window / 4;
        let (mut own, mut others) = (0, 0);
        for (lane, count) in self.outstanding.by_lane() {
            if lane.workspace.is_nil() {
                own += count;
            } else {
                others += count;
            }
        }
        let is_alone = others == 0 && !self.lanes.is_ready(false);
        let share = if is_alone {
            self.window - quarter
        } else {
            quarter
        };
        Room {
            own: share.saturating_sub(own),
            others: (self.window - quarter).saturating_sub(others),
        }
    }

    /// Notes a doorbell that went out.
    pub(crate) fn rang(&mut self, jobs: &[Chosen], is_suspect: bool, now: Instant) {
        let rung = jobs.iter().map(|it| (&it.job, it.lane));
        self.outstanding.rang(rung, is_suspect, now);
        if is_suspect {
            let is_rung = |id: &Uuid| jobs.iter().any(|it| it.job.id == *id);
            self.suspects.retain(|(id, _)| !is_rung(id));
        }
    }

    /// Rings that did not arrive: they are rung again at the next look that something else asks for.
    pub(crate) fn returned(&mut self, jobs: &[Uuid]) {
        for lane in self.outstanding.forget(jobs) {
            self.lanes.wake(lane);
        }
    }

    /// Notes what could not be rung for: it stays ready.
    pub(crate) fn left(&mut self, jobs: &[Chosen]) {
        for it in jobs {
            self.lanes.wake(it.lane);
        }
    }

    /// Says when the next look is due, after one that rang for `rang` jobs; `is_refused`: the publisher took no more.
    pub(crate) fn looked(
        &mut self,
        began: Instant,
        now: ClockReading,
        rang: usize,
        is_refused: bool,
    ) {
        let ended = Instant::now();
        let room = self.room();
        let (own, others) = (self.lanes.is_ready(true), self.lanes.is_ready(false));
        self.is_full = is_refused || own && room.own == 0 || others && room.others == 0;
        let has_more = !is_refused && (own && room.own > 0 || others && room.others > 0);
        let in_wait = |then| began.checked_add(now.machine_wait(then));
        let breath = if rang > 0 {
            Duration::ZERO
        } else {
            BREATH.max(ended - began)
        };
        let wakes = [
            has_more.then(|| ended + breath),
            Some(self.lap.next()),
            self.lanes.next_due().and_then(in_wait),
            self.lanes.next_rested(),
            self.holds.changes_at.and_then(in_wait),
        ];
        let next = wakes.into_iter().flatten().min();
        self.next_look = next.unwrap_or(ended).min(ended + HEARTBEAT);
    }
}
