//! Jobs that an operator's act asks for (R-AUD-4).

use super::{FLEET, numbered};
use crate::columns::columns;
use crate::error::StoreError;
use crate::operators::Act;
use crate::sql::{Sql, sql};
use crate::trace;
use crate::tx::Tx;
use policy::decision::NewJob;

const ENQUEUE_OF_ACT: Sql = sql!("jobs/enqueue_of_act");

impl Tx {
    /// As [`Tx::enqueue`], for an operator's login, which may ask for a job in no other way: the act's audit row is of this
    /// transaction, and the database knows which kind such an act asks for. Each job is a step of a new trace.
    pub(crate) async fn enqueue_of_act(
        &self,
        act: &Act<'_>,
        jobs: &[NewJob],
    ) -> Result<u64, StoreError> {
        if jobs.is_empty() {
            return Ok(0);
        }
        let trace = trace::start();
        let jobs = numbered(jobs);
        let wanted = columns(ENQUEUE_OF_ACT, &jobs)
            .with("ids", |(id, _)| *id)
            .with("queues", |(_, job)| job.kind.queue.as_str())
            .with("kinds", |(_, job)| job.kind.name)
            .with("versions", |(_, job)| job.kind.version)
            .with("causes", |(_, job)| job.cause.as_str())
            .with("workspaces", |(_, job)| {
                job.workspace.map_or(FLEET, |id| id.0)
            })
            .with("accounts", |(_, job)| job.account.map(|id| id.0))
            .with("payloads", |(_, job)| &job.payload)
            .with("run_ats", |(_, job)| job.run_at)
            .with("traceparents", |(id, _)| {
                trace.child(trace::span_of(*id)).to_string()
            })
            .value("token", act.secret())
            .value("audit", act.audit);
        let rows = self.rows_with(wanted).await?;
        self.note_created(&rows, &jobs, (trace, None))
    }
}
