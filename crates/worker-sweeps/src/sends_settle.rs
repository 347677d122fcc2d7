//! `sends.settle` (R-CAP-6): asks for a look at every unknown outcome that is due for one.

use fleet::{Job, JobError, Spec, Sweep};
use policy::decision::NewJob;
use policy::jobs::{NameSend, SENDS_RESOLVE, SENDS_SETTLE, TickShards};
use policy::schedule::Every;
use serde_json::json;
use store::Tx;

/// Looks asked for by one run; what is left is asked for by the next.
const LOOKS_MAX: i64 = 5_000;

/// Asks for looks.
pub(crate) struct SendsSettle;

impl Sweep for SendsSettle {
    const SPEC: Spec = Spec::new(
        SENDS_SETTLE,
        "Asks for a look at every send whose outcome is unknown and that is due for one",
    )
    .every(Every::minutes(5))
    .sharded();
    type Payload = TickShards;

    async fn sweep(tx: &Tx, jobs: &[Job<TickShards>]) -> Result<(), JobError> {
        let now = tx.now().at;
        for job in jobs {
            let due = tx.unknown_sends(job.payload.shards, LOOKS_MAX).await?;
            let looks: Vec<NewJob> = due
                .iter()
                .map(|one| NewJob {
                    kind: SENDS_RESOLVE,
                    // The number of looks so far names the next one, however often it is asked for.
                    cause: format!("sends.resolve:{}#{}", one.send, one.looks),
                    workspace: Some(one.workspace),
                    account: Some(one.account),
                    run_at: now,
                    payload: json!(NameSend {
                        account: one.account,
                        send: one.send
                    }),
                })
                .collect();
            tx.enqueue(&looks, None, None).await?;
        }
        Ok(())
    }
}
