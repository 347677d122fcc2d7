//! What has changed since the last look: jobs that were taken, pauses, lanes that nobody rang for.

use super::Line;
use crate::outstanding::Returned;
use crate::relay::lap::{HEARTBEAT, JOBS};
use std::collections::HashSet;
use std::time::Instant;
use store::{StoreError, Tx};
use uuid::Uuid;

impl Line {
    /// Takes in what became of the jobs that were rung for, and, each second, of those in workers' hands.
    pub(super) async fn sift(&mut self, tx: &Tx, machine: Instant) -> Result<(), StoreError> {
        let is_round = self.round_at <= machine;
        let asked = self.asked(tx, is_round).await?;
        let aside = self.suspects.iter().map(|(id, _)| *id);
        let all: Vec<Uuid> = asked.iter().copied().chain(aside).collect();
        if is_round {
            self.round_at = machine + HEARTBEAT;
        }
        if all.is_empty() {
            return Ok(());
        }
        let open = tx.open_jobs(&all).await?;
        let now = tx.now().at;
        for Returned { lane, at } in self.outstanding.sift(&asked, &open, now) {
            self.lanes.learn(lane, at, now);
        }
        let waiting: HashSet<Uuid> = open
            .iter()
            .filter(|it| it.is_waiting)
            .map(|it| it.id)
            .collect();
        self.suspects.retain(|(id, _)| waiting.contains(id));
        Ok(())
    }

    /// Jobs whose end may be known. Between rounds those of doorbells that were taken, by one job of each: a look that
    /// asked for its whole window each time would cost more than it rings.
    async fn asked(&self, tx: &Tx, is_round: bool) -> Result<Vec<Uuid>, StoreError> {
        let heads = self.outstanding.heads().filter(|_| !is_round);
        let Some(heads) = heads else {
            return Ok(self.outstanding.asked(is_round));
        };
        let open = tx.open_jobs(&heads).await?;
        Ok(self.outstanding.answered(&heads, &open, tx.now().at))
    }

    /// Reads what is paused. Where that has changed, what a pause has overtaken is forgotten, and what is held no more is
    /// looked for; so it is as a ramp rises.
    pub(super) async fn hold(&mut self, tx: &Tx, machine: Instant) -> Result<(), StoreError> {
        let mut holds = tx.holds().await?;
        let is_changed = !holds.are_those_of(&self.holds);
        if is_changed {
            let rung = self.outstanding.asked(false);
            if !rung.is_empty() {
                let paused = tx.paused_jobs(&rung).await?;
                for lane in self.outstanding.forget(&paused) {
                    self.lanes.wake(lane);
                }
            }
        }
        let has_risen = self.holds.changes_at.is_some_and(|at| at <= tx.now().at);
        if is_changed || holds.is_ramping() && has_risen {
            self.lanes.unpark();
            self.lap.hurry(machine);
        } else {
            // The instant of the next rise stays that of the first look that knew it.
            holds.changes_at = self.holds.changes_at;
        }
        self.holds = holds;
        Ok(())
    }

    pub(super) async fn step(&mut self, tx: &Tx) -> Result<(), StoreError> {
        let (began, now) = (Instant::now(), tx.now().at);
        let lanes = self.lap.step(tx.written(JOBS).await?);
        let mut found = tx.lanes(self.queue, self.lap.after(), lanes).await?;
        for (lane, at) in &found {
            if let Some(key) = self.lanes.key(lane) {
                self.lanes.learn(key, *at, now);
            }
        }
        let (count, last) = (found.len(), found.pop().map(|(lane, _)| lane));
        let ended = Instant::now();
        self.lap.stepped(last, count, ended - began, ended);
        Ok(())
    }
}
