//! What the relay would ring for, asked as it asks.

use policy::jobs::Queue;
use store::Tx;
use store::relay::{DueJob, LaneLook};

/// More than any test enqueues.
const ALL: i32 = 100_000;

/// Every due job of a queue that no pause keeps, whatever was rung for; jobs suspected of killing workers among them.
pub async fn due_jobs(tx: &Tx, queue: Queue) -> Vec<DueJob> {
    let holds = tx.holds().await.expect("read the pauses");
    let lanes = tx.lanes(queue, None, ALL).await.expect("find the lanes");
    let looks: Vec<LaneLook> = lanes
        .into_iter()
        .map(|(lane, _)| LaneLook {
            after: None,
            take: i64::from(ALL),
            budget: i64::from(ALL),
            shares: holds.shares(queue, lane.workspace, &lane.kind),
            lane,
        })
        .filter(|look| !look.shares.is_none())
        .collect();
    let rows = tx.due(queue, &looks, &holds, &[], true).await;
    let rows = rows.expect("look").into_iter();
    rows.filter(|row| row.may_start)
        .map(|row| row.job)
        .collect()
}
