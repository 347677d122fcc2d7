//! What flips mean for campaigns and attempts.

use super::{Flipped, ROTATE};
use crate::attempts::count_ended;
use crate::counted::Applied;
use crate::decision::Author;
use crate::error::StoreError;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::{AttemptOutcome, Flip, Status};
use policy::campaigns;
use policy::links::LandedBy;
use std::collections::HashSet;
use uuid::Uuid;

const CLOSE_ATTEMPTS: Sql = sql!("accounts/close_attempts");
const END_ATTEMPTS: Sql = sql!("accounts/end_attempts");
const PAUSE_OF_SENDERS: Sql = sql!("campaigns/pause_of_senders");

impl Tx {
    /// Writes what flips mean for campaigns (R-CAM-2, R-HEAL-1) and for the attempts that they answer. Returns how many
    /// jobs heal campaigns, and what was counted.
    pub(super) async fn follow_flips(
        &self,
        flips: &[Flip],
        flipped: &[Flipped],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<(u64, Applied), StoreError> {
        let those = |wanted: fn(&Flipped) -> bool| -> Vec<Uuid> {
            flipped
                .iter()
                .filter(|flip| wanted(flip))
                .map(|flip| flip.account.0)
                .collect()
        };
        let lost = those(|flip| flip.from == Status::Connected);
        let back = those(|flip| flip.to == Status::Connected);
        if !lost.is_empty() {
            self.execute(ROTATE, &[&lost, &false]).await?;
            self.execute(PAUSE_OF_SENDERS, &[&lost, &at, &by.actor])
                .await?;
        }
        let (mut resumed, mut counted) = (0, Applied::default());
        if !back.is_empty() {
            self.execute(ROTATE, &[&back, &true]).await?;
            self.tell_of_return(&back, at).await?;
            let came_back: HashSet<&Uuid> = back.iter().collect();
            let back: Vec<&Flip> = flips
                .iter()
                .filter(|flip| came_back.contains(&flip.account.0))
                .collect();
            let answered: Vec<Uuid> = back
                .iter()
                .filter_map(|flip| flip.link.as_ref()?.attempt.map(|attempt| attempt.0))
                .collect();
            let closed = self.rows(CLOSE_ATTEMPTS, &[&answered, &at]).await?;
            counted = count_ended(closed.iter())?;
            let jobs = campaigns::resume(&back, at);
            resumed = self.enqueue(&jobs, by.schedule, by.traceparent).await?;
        }
        counted.add(self.end_left_attempts(flipped, at).await?);
        Ok((resumed, counted))
    }

    /// Ends attempts that are open although their account is connected by now, or disconnected: the one is repaired without
    /// them, and nothing that they bring may undo the other.
    async fn end_left_attempts(
        &self,
        flipped: &[Flipped],
        at: Timestamp,
    ) -> Result<Applied, StoreError> {
        let mut applied = Applied::default();
        let ends = [
            (Status::Connected, AttemptOutcome::Repaired),
            (Status::Disconnected, AttemptOutcome::Cancelled),
        ];
        for (to, outcome) in ends {
            let those = flipped.iter().filter(|flip| flip.to == to);
            let those: Vec<Uuid> = those.map(|flip| flip.account.0).collect();
            if !those.is_empty() {
                let word = outcome.as_str();
                let ended = self.rows(END_ATTEMPTS, &[&those, &word, &at]).await?;
                applied.add(count_ended(ended.iter())?);
                if outcome == AttemptOutcome::Repaired {
                    let (by, times) = (LandedBy::Watcher.as_str(), ended.len() as u64);
                    applied.count("relink_link_landed_by_total", &[("by", by)], times);
                }
            }
        }
        Ok(applied)
    }
}
