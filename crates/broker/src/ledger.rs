//! Who was confirmed, decided only when it cannot be wrong any more. Pure.
//!
//! lapin hands a returned message to whichever confirmation it completes next, oldest return first, so the
//! one that carries it is often not its own (docs/findings.md#returns). What does hold, because the broker
//! sends a return before the confirmation of the same message and each completed confirmation takes one
//! waiting return:
//!
//! 1. An acknowledgement that carries *nothing* found no return waiting. Its own, if there was one, has been
//!    carried off by a confirmation completed earlier. Completed is not yet seen: so it is held until a
//!    *fence* has gone once round the set of futures, after which everything completed earlier was seen.
//! 2. An acknowledgement that carries *another's* return may have left its own in the line. The line is never
//!    longer than the number of returned messages that are still unconfirmed, all of them in flight by now:
//!    so it is held until everything in flight at that moment has been resolved.
//!
//! Until then a message found in any confirmation's return is `Returned`; afterwards it cannot be.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// What became of one published message. Each accepted message gets exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// As given to `publish`.
    pub message_id: Uuid,
    /// Never taken back.
    pub verdict: Verdict,
}

/// See [`Outcome`]. Only `Confirmed` means that the message lies in its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In its queue, on a majority of the queue's members.
    Confirmed,
    /// No queue of that name: it went nowhere.
    Returned,
    /// The broker refused it: the queue is full (`x-max-length`), or without a majority.
    Nacked,
    /// Not known: the connection went, or no confirmation came in time. It may be in its queue.
    Lost,
}

/// The broker's answer to one message, without the return it happens to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Ack,
    Nack,
}

#[derive(Debug)]
struct Entry {
    message_id: Uuid,
    sent_at: Instant,
    resolved: bool,
    told: bool,
}

/// Messages in flight, in the order in which they were written.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// The sequence number of `entries[0]`.
    base: u64,
    entries: VecDeque<Entry>,
    unresolved: usize,
    /// (fence, sequence number), fences ascending.
    behind_fence: VecDeque<(u64, u64)>,
    /// (last sequence number that must be resolved, sequence number).
    behind_window: Vec<(u64, u64)>,
    fence: u64,
    fence_is_out: bool,
    outcomes: Vec<Outcome>,
}

impl Ledger {
    /// Notes a message as written; the number names it in [`Ledger::resolved`].
    pub(crate) fn sent(&mut self, message_id: Uuid, now: Instant) -> u64 {
        self.entries.push_back(Entry {
            message_id,
            sent_at: now,
            resolved: false,
            told: false,
        });
        self.unresolved += 1;
        self.base + self.entries.len() as u64 - 1
    }

    /// `carried` is the id of the returned message that came with the answer, whosever it is.
    pub(crate) fn resolved(&mut self, sequence: u64, reply: Reply, carried: Option<Uuid>) {
        if let Some(message_id) = carried {
            self.returned(message_id);
        }
        let last = self.base + self.entries.len() as u64 - 1;
        let Some(entry) = self.entry(sequence) else {
            return;
        };
        if std::mem::replace(&mut entry.resolved, true) {
            return;
        }
        let told = entry.told;
        self.unresolved -= 1;
        match (told, reply, carried) {
            (true, ..) => {}
            (false, Reply::Nack, _) => self.tell(sequence, Verdict::Nacked),
            (false, Reply::Ack, None) => self.behind_fence.push_back((self.fence, sequence)),
            (false, Reply::Ack, Some(_)) => self.behind_window.push((last, sequence)),
        }
        self.settle_window();
    }

    /// A fence to send once round the futures, if any verdict waits for one.
    pub(crate) fn fence_wanted(&mut self) -> Option<u64> {
        if self.fence_is_out || self.behind_fence.is_empty() {
            return None;
        }
        self.fence_is_out = true;
        self.fence += 1;
        Some(self.fence - 1)
    }

    /// The fence came out again: what it was sent for is confirmed.
    pub(crate) fn fenced(&mut self, fence: u64) {
        self.fence_is_out = false;
        while let Some((_, sequence)) = self.behind_fence.pop_front_if(|(held, _)| *held <= fence) {
            self.tell(sequence, Verdict::Confirmed);
        }
        self.forget();
    }

    /// Gives up on what was written more than `confirm_timeout` ago.
    pub(crate) fn expire(&mut self, now: Instant, confirm_timeout: Duration) {
        let late = self
            .entries
            .partition_point(|entry| entry.sent_at + confirm_timeout <= now);
        for sequence in self.base..self.base + late as u64 {
            self.tell(sequence, Verdict::Lost);
        }
        self.forget();
    }

    /// The connection is gone, and what it had not decided with it.
    pub(crate) fn close(&mut self) {
        for sequence in self.base..self.base + self.entries.len() as u64 {
            self.tell(sequence, Verdict::Lost);
        }
    }

    /// Messages without an answer, those given up on included.
    pub(crate) fn unresolved(&self) -> usize {
        self.unresolved
    }

    /// The verdicts since the last call, oldest first.
    pub(crate) fn take_outcomes(&mut self) -> std::vec::Drain<'_, Outcome> {
        self.outcomes.drain(..)
    }

    /// A scan, since returns are rare; and all of that id, since a caller may have sent one twice.
    fn returned(&mut self, message_id: Uuid) {
        for index in 0..self.entries.len() {
            if self.entries[index].message_id == message_id {
                self.tell(self.base + index as u64, Verdict::Returned);
            }
        }
    }

    fn settle_window(&mut self) {
        if !self.behind_window.is_empty() {
            let open = self
                .entries
                .iter()
                .position(|entry| !entry.resolved)
                .unwrap_or(self.entries.len());
            let first_open = self.base + open as u64;
            let (decided, held) = self
                .behind_window
                .drain(..)
                .partition::<Vec<_>, _>(|(last, _)| *last < first_open);
            self.behind_window = held;
            for (_, sequence) in decided {
                self.tell(sequence, Verdict::Confirmed);
            }
        }
        self.forget();
    }

    /// The first verdict holds.
    fn tell(&mut self, sequence: u64, verdict: Verdict) {
        let Some(entry) = self.entry(sequence) else {
            return;
        };
        if !std::mem::replace(&mut entry.told, true) {
            let message_id = entry.message_id;
            self.outcomes.push(Outcome {
                message_id,
                verdict,
            });
        }
    }

    fn forget(&mut self) {
        while self
            .entries
            .pop_front_if(|entry| entry.told && entry.resolved)
            .is_some()
        {
            self.base += 1;
        }
    }

    fn entry(&mut self, sequence: u64) -> Option<&mut Entry> {
        let index = usize::try_from(sequence.checked_sub(self.base)?).ok()?;
        self.entries.get_mut(index)
    }
}

#[cfg(test)]
mod tests;
