//! Holding the fleet against the list of a run.

use super::WatchRun;
use super::suspects::{Lot, Suspects};
use crate::apart::{Apart, Only};
use crate::attempts::seconds;
use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use jiff::{SignedDuration, Timestamp};
use policy::account::{Cause, Status};
use policy::ids::AccountId;
use policy::life::{ATTEMPT_GRACE, LINK_LIFE};
use policy::listing;
use policy::listing::{Comparability, ListedRun};
use policy::watch::{Pair, RunStep};
use std::time::{Duration, Instant};
use uuid::Uuid;

const SIGHTINGS: Sql = sql!("watch/sightings");
const HASHING: Sql = sql!("watch/hashing");
const FREE: Sql = sql!("watch/free");
const TAKEN: Sql = sql!("watch/taken");
const COMPARE: Sql = sql!("watch/compare");
const TAKEN_SESSIONS: Sql = sql!("apart/taken");

/// Comparison of a run, as alerts of rows set aside name it.
const WORK: &str = "status.compare";

/// Memory of one hash table: a million accounts take half of it.
const HASH_MEMORY: &str = "192MB";

/// Some accounts of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    /// Proposals written.
    pub proposed: u64,
    /// Last account that was compared; none if there was none.
    pub after: Option<AccountId>,
    /// No account is left.
    pub is_last: bool,
}

impl Tx {
    /// What may be done with a run's list now; `news_max` is the age from which on it is no news.
    pub async fn comparability(
        &self,
        run: &WatchRun,
        news_max: SignedDuration,
    ) -> Result<Comparability, StoreError> {
        let rows = self.rows(SIGHTINGS, &[&run.writers]).await?;
        let sightings = rows
            .first()
            .map(|it| row::get(it, "sightings"))
            .transpose()?;
        let listed = ListedRun {
            state: run.state,
            listed_at: run.listed_at,
            sessions: run.sessions,
            sightings: sightings.unwrap_or(0),
        };
        Ok(listing::comparability(&listed, news_max, self.now().at))
    }

    /// Lets the transaction hash whole tables in memory.
    pub async fn hash_in_memory(&self) -> Result<(), StoreError> {
        self.execute(HASHING, &[&HASH_MEMORY]).await.map(drop)
    }

    /// Compares suspects of a run for about `time_max` with what it saw and writes what it proposes. `pairs` is policy's table of
    /// statuses and healths that disagree.
    pub async fn compare_accounts(
        &self,
        run: &WatchRun,
        pairs: &[Pair],
        mut suspects: Suspects,
        time_max: Duration,
    ) -> Result<Compared, StoreError> {
        let began = Instant::now();
        let mut compared = Compared {
            proposed: 0,
            after: None,
            is_last: false,
        };
        loop {
            let lot = suspects.next_lot().await?;
            compared.is_last = lot.is_empty();
            compared.proposed += self.compare_lot(run, pairs, &lot).await?;
            compared.after = lot
                .accounts
                .last()
                .map(|it| AccountId(*it))
                .or(compared.after);
            if compared.is_last || began.elapsed() >= time_max {
                break;
            }
        }
        suspects.end().await?;
        Ok(compared)
    }

    async fn compare_lot(
        &self,
        run: &WatchRun,
        pairs: &[Pair],
        lot: &Lot,
    ) -> Result<u64, StoreError> {
        let Lot { accounts, free } = lot;
        each_apart!(
            self,
            Parts::of(WORK, free),
            |id| format!("session {id}"),
            |some| async { self.execute(FREE, &[&some]).await }
        );
        let proposed = each_apart!(
            self,
            Parts::of(WORK, accounts),
            |id| format!("account {id}"),
            |some| async { self.propose(run, pairs, some).await }
        );
        Ok(proposed.iter().sum())
    }

    async fn propose(
        &self,
        run: &WatchRun,
        pairs: &[Pair],
        accounts: &[Uuid],
    ) -> Result<u64, StoreError> {
        let compared = columns(COMPARE, pairs)
            .value("slot", run.slot)
            .value("account_id", accounts)
            .value("writers", &run.writers)
            .with("status", |pair| pair.status.as_str())
            .with("attempt", |pair| pair.attempt.as_str())
            .with("answer", |pair| pair.answer.as_str())
            .with("class", |pair| pair.class.as_str())
            .with("to_status", |pair| pair.to.map(Status::as_str))
            .with("cause", |pair| pair.cause.map(Cause::as_str))
            .value("grace_s", seconds(ATTEMPT_GRACE))
            .value("link_life_s", seconds(LINK_LIFE))
            .value("at", self.now().at);
        self.execute_with(compared).await
    }

    /// Notes what follows from a list as a whole, once all of it is carried over and compared.
    pub async fn end_comparison(&self) -> Result<(), StoreError> {
        let mut apart = Apart::<String>::of(WORK, "session", values(TAKEN_SESSIONS));
        while let Some(Only(only)) = apart.next(self).await? {
            let ran = self.execute(TAKEN, &[&only]).await;
            apart.end(self, only, ran).await?;
        }
        apart.tell(self).await?;
        self.reset_verifications().await
    }

    /// Ends a run that says nothing.
    pub async fn end_inconclusive(&self, slot: Timestamp, why: &str) -> Result<(), StoreError> {
        let step = RunStep::Inconclusive {
            slot,
            why: why.to_owned(),
        };
        self.apply_run(&step, self.now().at).await
    }
}
