//! What lies in the queues, for people and for the autoscaler.

use crate::error::StoreError;
use crate::number::clamp;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::SignedDuration;
use policy::jobs::{KINDS, Queue};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

const LIST: Sql = sql!("queues/list");
const AGE: Sql = sql!("queues/age");

/// Over how much of the machine's time the rate is taken.
const RATE_OVER_S: f64 = 60.0;

/// A queue, or a kind of job in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct QueueRow {
    /// The queue.
    pub queue: String,
    /// The kind; none: all of them.
    pub kind: Option<String>,
    /// Jobs that a worker could start now.
    pub due: i64,
    /// Jobs whose time is yet to come.
    pub later: i64,
    /// Jobs that a pause holds back, due or not.
    pub paused: i64,
    /// Leased jobs; sets of jobs that run in one transaction count as due until it ends.
    pub running: i64,
    /// Seconds that the oldest of the due has waited.
    pub oldest_s: Option<f64>,
    /// Jobs done in a second, over the last minute.
    pub per_second: f64,
    /// Waiting jobs that have failed and will be tried again.
    pub failed: i64,
    /// Dead letters.
    pub dead: i64,
}

impl QueueRow {
    fn empty(queue: &str, kind: Option<&str>) -> Self {
        Self {
            queue: queue.to_owned(),
            kind: kind.map(str::to_owned),
            ..Self::default()
        }
    }

    fn add(&mut self, other: &Self) {
        self.due += other.due;
        self.later += other.later;
        self.paused += other.paused;
        self.running += other.running;
        self.oldest_s = match (self.oldest_s, other.oldest_s) {
            (Some(one), Some(two)) => Some(one.max(two)),
            (one, two) => one.or(two),
        };
        self.per_second += other.per_second;
        self.failed += other.failed;
        self.dead += other.dead;
    }
}

impl Tx {
    /// Every queue, also empty ones; with `kinds` every kind instead.
    pub async fn queues(&self, kinds: bool) -> Result<Vec<QueueRow>, StoreError> {
        let now = self.now();
        let minute = SignedDuration::from_secs_f64(RATE_OVER_S * now.rate);
        let since = now.at.checked_sub(minute).unwrap_or(now.at);
        let mut shown: BTreeMap<(String, Option<String>), QueueRow> = BTreeMap::new();
        let known = KINDS
            .iter()
            .map(|kind| (kind.queue, kinds.then_some(kind.name)));
        for (queue, kind) in known.chain(
            Queue::ALL
                .map(|queue| (queue, None))
                .into_iter()
                .filter(|_| !kinds),
        ) {
            let empty = QueueRow::empty(queue.as_str(), kind);
            shown.insert((empty.queue.clone(), empty.kind.clone()), empty);
        }
        for found in self.rows(LIST, &[&now.at, &since]).await? {
            let (queue, kind): (String, String) =
                (row::get(&found, "queue")?, row::get(&found, "kind")?);
            let kind = kinds.then_some(kind);
            let done: i32 = clamp(row::get::<i64>(&found, "done")?);
            let more = QueueRow {
                queue: queue.clone(),
                kind: kind.clone(),
                due: row::get(&found, "due")?,
                later: row::get(&found, "later")?,
                paused: row::get(&found, "paused")?,
                running: row::get(&found, "running")?,
                oldest_s: row::get(&found, "oldest_s")?,
                per_second: f64::from(done) / RATE_OVER_S,
                failed: row::get(&found, "failed")?,
                dead: row::get(&found, "dead")?,
            };
            let row = shown
                .entry((queue, kind))
                .or_insert_with_key(|(queue, kind)| QueueRow::empty(queue, kind.as_deref()));
            row.add(&more);
        }
        Ok(shown.into_values().collect())
    }

    /// How long the oldest job of a queue waits that could start now, in seconds; 0 if none does, or it is paused.
    pub async fn autoscaler_age(&self, queue: &str) -> Result<f64, StoreError> {
        let rows = self.rows(AGE, &[&queue]).await?;
        rows.first()
            .map_or(Ok(0.0), |found| row::get(found, "age_s"))
    }
}
