//! A job that does nothing, so that what is measured is the path.

use fleet::{Job, JobError, RowCounts, Spec, Sweep};
use policy::decision::NewJob;
use policy::ids::WorkspaceId;
use policy::jobs::{Kind, Queue};
use serde::{Deserialize, Serialize};
use store::Tx;
use uuid::Uuid;

/// Jobs in a doorbell, unless the command line says otherwise.
pub(crate) const BATCH: u16 = 500;
/// Tenants that the jobs belong to, in turns.
const WORKSPACES: u128 = 4;

pub(crate) const NOTHING: Kind = Kind {
    name: "bench.nothing",
    queue: Queue::Sweeps,
    version: 1,
};

/// About as much as a real job's payload says: whom it is about.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    account: Uuid,
}

/// Does nothing.
pub(crate) struct Nothing;

impl Sweep for Nothing {
    const SPEC: Spec = Spec::new(NOTHING, "Does nothing").batch(BATCH);
    type Payload = Payload;

    async fn sweep(_: &Tx, _: &[Job<Payload>]) -> Result<RowCounts, JobError> {
        Ok(RowCounts::default())
    }
}

/// `count` new jobs, due at once.
pub(crate) fn jobs(count: u32, now: jiff::Timestamp) -> Vec<NewJob> {
    (0..count).map(|number| job(number, now)).collect()
}

fn job(number: u32, now: jiff::Timestamp) -> NewJob {
    let account = Uuid::now_v7();
    NewJob {
        kind: NOTHING,
        cause: format!("{}@{account}/v1", NOTHING.name),
        workspace: Some(WorkspaceId(Uuid::from_u128(
            1 + u128::from(number) % WORKSPACES,
        ))),
        account: None,
        run_at: now,
        payload: serde_json::json!({ "account": account }),
    }
}
