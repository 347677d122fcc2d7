//! What waits in the lanes of a queue: walked a bounded number at a time, and noted for those who cannot walk that far.

use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use uuid::Uuid;

const LANES: Sql = sql!("queues/lanes");
const NAMES: Sql = sql!("queues/names");
const NOTE: Sql = sql!("queues/note_depths");

/// Rows that a look reads of a queue for each of its counts; what is more is `at least`.
pub const COUNTED_MAX: i64 = 10_000;

/// Waiting jobs of one kind of one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Workspace, and kind: the lane's place in the order of lanes.
    pub place: (Uuid, String),
    /// Jobs that a worker could start now.
    pub due: i64,
    /// Jobs whose time is yet to come.
    pub later: i64,
    /// Jobs that a pause holds back, due or not.
    pub paused: i64,
    /// When the first of the due came due.
    pub due_since: Option<Timestamp>,
    /// When the first of the paused came due; null if none has.
    pub paused_since: Option<Timestamp>,
    /// More of it was left unread, and may be any of the three.
    pub is_cut: bool,
    /// When its first job comes due, where none of it is yet; null for never.
    pub next_at: Option<Timestamp>,
}

/// What a lap over all lanes of a queue found of a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueDepth {
    /// The queue.
    pub queue: String,
    /// The kind of job.
    pub kind: String,
    /// Jobs that a worker could start now.
    pub due: i64,
    /// Jobs whose time is yet to come.
    pub later: i64,
    /// Jobs that a pause holds back.
    pub paused: i64,
    /// The three are a lower bound.
    pub is_more: bool,
    /// How long the oldest of the due had waited when it was seen, in seconds.
    pub due_age_s: Option<f64>,
}

impl Tx {
    /// The next lanes of a queue behind one, at most `limit`; fewer: there are no more.
    pub async fn lane_depths(
        &self,
        queue: &str,
        behind: Option<&(Uuid, String)>,
        limit: i32,
    ) -> Result<Vec<Lane>, StoreError> {
        let rows: i32 = crate::number::clamp(COUNTED_MAX);
        let asked = values(LANES)
            .value("queue", queue)
            .value("workspace", behind.map(|it| it.0))
            .value("kind", behind.map(|it| it.1.as_str()))
            .value("at", self.now().at)
            .value("lanes", limit)
            .value("rows", rows);
        let rows = self.rows_with(asked).await?;
        rows.iter()
            .map(|found| {
                let count = |column| row::get::<i32>(found, column).map(i64::from);
                Ok(Lane {
                    place: (row::get(found, "workspace_id")?, row::get(found, "kind")?),
                    due: count("due")?,
                    later: count("later")?,
                    paused: count("paused")?,
                    due_since: row::get(found, "due_since")?,
                    paused_since: row::get(found, "paused_since")?,
                    is_cut: row::get(found, "is_cut")?,
                    next_at: row::get(found, "next_at")?,
                })
            })
            .collect()
    }

    /// Queues in which something waits, of whatever build.
    pub async fn queues_in_use(&self) -> Result<Vec<String>, StoreError> {
        let rows = self.rows(NAMES, &[]).await?;
        rows.iter().map(|found| row::get(found, "queue")).collect()
    }

    /// Notes what laps found, for looks that cannot walk all lanes; a queue or kind that is missing has nothing.
    pub async fn note_depths(&self, depths: &[QueueDepth]) -> Result<(), StoreError> {
        let count = |of: i64| crate::number::clamp::<i32, _>(of);
        let noted = columns(NOTE, depths)
            .with("queue", |one| one.queue.as_str())
            .with("kind", |one| one.kind.as_str())
            .with("due", |one| count(one.due))
            .with("later", |one| count(one.later))
            .with("paused", |one| count(one.paused))
            .with("is_more", |one| one.is_more)
            .with("due_age_s", |one| one.due_age_s)
            .value("at", self.now().at);
        self.execute_with(noted).await.map(drop)
    }
}
