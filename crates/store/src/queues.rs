//! What lies in the queues, for people and for the autoscaler.

use crate::columns::values;
use crate::depths::COUNTED_MAX;
use crate::error::StoreError;
use crate::number::clamp;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::SignedDuration;
use policy::jobs::{KINDS, Queue};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Row;
use utoipa::ToSchema;

const LIST: Sql = sql!("queues/list");
const AGE: Sql = sql!("queues/age");

/// Lanes of a queue that a look walks; of those behind them the leader's last lap tells.
const LANES_MAX: i32 = 500;
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
    /// Names of the counts above that are a lower bound: no more than some rows of a queue are read.
    pub at_least: BTreeSet<&'static str>,
}

/// Counts that may be a lower bound, each with the column that says so.
const BOUNDED: [(&str, &str); 6] = [
    ("due", "due_is_more"),
    ("later", "later_is_more"),
    ("paused", "paused_is_more"),
    ("running", "running_is_more"),
    ("failed", "failed_is_more"),
    ("dead", "dead_is_more"),
];

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
        self.at_least.extend(&other.at_least);
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
        let queues = Queue::ALL.map(Queue::as_str).to_vec();
        let asked = values(LIST)
            .value("queues", queues)
            .value("at", now.at)
            .value("since", since)
            .value("lanes", LANES_MAX)
            .value("rows", COUNTED_MAX);
        for found in self.rows_with(asked).await? {
            let (queue, kind): (String, String) =
                (row::get(&found, "queue")?, row::get(&found, "kind")?);
            let kind = kinds.then_some(kind);
            let more = queue_row(&found, queue.clone(), kind.clone())?;
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

fn queue_row(found: &Row, queue: String, kind: Option<String>) -> Result<QueueRow, StoreError> {
    let done: i32 = clamp(row::get::<i64>(found, "done")?);
    let mut at_least = BTreeSet::new();
    for (name, column) in BOUNDED {
        if row::get(found, column)? {
            at_least.insert(name);
        }
    }
    let count = |column| row::get::<i64>(found, column).map(|it| it.min(COUNTED_MAX));
    Ok(QueueRow {
        queue,
        kind,
        due: count("due")?,
        later: count("later")?,
        paused: count("paused")?,
        running: count("running")?,
        oldest_s: row::get(found, "oldest_s")?,
        per_second: f64::from(done) / RATE_OVER_S,
        failed: count("failed")?,
        dead: count("dead")?,
        at_least,
    })
}
