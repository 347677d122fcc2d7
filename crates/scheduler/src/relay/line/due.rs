//! Due jobs of the lanes whose turn it is.

use super::{Line, SKIP_MAX, SUSPECTS_MAX};
use crate::relay::LaneKey;
use crate::relay::batches::{Chosen, in_turn};
use crate::relay::lanes::Reading;
use std::time::Instant;
use store::lane::Lane;
use store::relay::{DueRow, LaneLook};
use store::{StoreError, Tx};
use uuid::Uuid;

impl Line {
    /// Lanes that the next look reads, and how much of each.
    pub(super) fn picked(&mut self, is_own: bool, room: usize) -> Vec<(LaneKey, LaneLook)> {
        if room == 0 || !self.lanes.is_ready(is_own) {
            return Vec::new();
        }
        let (queue, holds) = (self.queue, &self.holds);
        let is_held = |lane: &Lane| {
            let shares = holds.shares(queue, lane.workspace, &lane.kind);
            shares.is_none()
        };
        let picked = self.lanes.pick(room, is_own, is_held);
        let (take, skip) = (
            room.div_ceil(picked.len().max(1)),
            SKIP_MAX / picked.len().max(1),
        );
        let rung = self.outstanding.by_lane();
        let look = |key: LaneKey| {
            let lane = self.lanes.lane(key);
            let budget = take + skip + rung.get(&key).copied().unwrap_or(0);
            let look = LaneLook {
                after: self.lanes.after(key),
                take: bounded(take),
                budget: bounded(budget),
                shares: holds.shares(queue, lane.workspace, &lane.kind),
                lane,
            };
            (key, look)
        };
        picked.into_iter().map(look).collect()
    }

    /// Due jobs of some lanes, as many as there is room for, and where each lane stands after it.
    pub(super) async fn due(
        &mut self,
        tx: &Tx,
        picked: Vec<(LaneKey, LaneLook)>,
        room: usize,
    ) -> Result<Vec<Chosen>, StoreError> {
        let (keys, looks): (Vec<LaneKey>, Vec<LaneLook>) = picked.into_iter().unzip();
        let mut known = self.outstanding.live_ids();
        known.extend(self.suspects.iter().map(|(id, _)| *id));
        let with_suspects = self.suspects.len() < SUSPECTS_MAX;
        let rows = tx
            .due(self.queue, &looks, &self.holds, &known, with_suspects)
            .await?;
        let lanes: Vec<Lane> = looks.iter().map(|it| it.lane.clone()).collect();
        let next = tx.next_due(self.queue, &lanes).await?;
        let mut of_lane: Vec<Vec<DueRow>> = keys.iter().map(|_| Vec::new()).collect();
        for row in rows {
            if let Some(rows) = of_lane.get_mut(row.lane) {
                rows.push(row);
            }
        }
        let mut chosen = Vec::new();
        for (((key, look), rows), next) in keys.iter().zip(&looks).zip(of_lane).zip(next) {
            let reading = reading(&rows, look.take, next);
            self.lanes.settle(*key, reading, Instant::now());
            for row in rows.into_iter().filter(|row| row.may_start) {
                if row.is_suspect {
                    self.suspects.push((row.job.id, *key));
                } else {
                    chosen.push(Chosen {
                        job: row.job,
                        lane: *key,
                    });
                }
            }
        }
        let mut chosen = in_turn(chosen);
        let left = chosen.split_off(chosen.len().min(room));
        for it in left {
            self.lanes.wake(it.lane);
        }
        Ok(chosen)
    }

    /// The suspect that may run now, if none does.
    pub(super) async fn suspect(&mut self, tx: &Tx) -> Result<Option<Chosen>, StoreError> {
        if self.suspects.is_empty() || self.outstanding.has_suspect() {
            return Ok(None);
        }
        let ids: Vec<Uuid> = self.suspects.iter().map(|(id, _)| *id).collect();
        let Some(job) = tx.next_suspect(self.queue, &ids).await? else {
            return Ok(None);
        };
        let lane = self.suspects.iter().find(|(id, _)| *id == job.id);
        let chosen = lane.map(|(_, lane)| Chosen { job, lane: *lane });
        Ok(chosen)
    }
}

/// How far a lane was read whose rows these are.
fn reading(rows: &[DueRow], take: i64, next: Option<jiff::Timestamp>) -> Reading {
    let starting = rows.iter().filter(|row| row.may_start).count();
    let last = rows.last().filter(|row| row.is_last);
    match last {
        Some(last) if starting == 0 => Reading::Stopped((last.job.run_at, last.job.id)),
        Some(_) => Reading::Filled,
        None if bounded(starting) >= take => Reading::Filled,
        None => Reading::Ended(next),
    }
}

fn bounded(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
