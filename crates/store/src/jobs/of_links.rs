//! Looks at links that were minted, in case nobody tells of their end (R-LNK-3).

use super::numbered;
use crate::columns::columns;
use crate::error::StoreError;
use crate::sql::{Sql, sql};
use crate::trace;
use crate::tx::Tx;
use policy::decision::NewJob;
use policy::ids::{AccountId, AttemptId};

const LOOK_AFTER: Sql = sql!("attempts/look_after");

impl Tx {
    /// As [`Tx::enqueue`], for a login that mints and may ask for no other job: looks at an attempt that this transaction has
    /// opened, all of one kind and version. Each is a step of a new trace. How many are new.
    pub async fn look_after_link(
        &self,
        (account, attempt): (AccountId, AttemptId),
        jobs: &[NewJob],
    ) -> Result<u64, StoreError> {
        let Some(first) = jobs.first() else {
            return Ok(0);
        };
        let version = first.kind.version;
        let trace = trace::start();
        let jobs = numbered(jobs);
        let wanted = columns(LOOK_AFTER, &jobs)
            .value("account", account.0)
            .value("attempt", attempt.0)
            .with("ids", |(id, _)| *id)
            .value("version", version)
            .with("causes", |(_, job)| job.cause.as_str())
            .with("payloads", |(_, job)| &job.payload)
            .with("run_ats", |(_, job)| job.run_at)
            .with("traceparents", |(id, _)| {
                trace.child(trace::span_of(*id)).to_string()
            });
        let rows = self.rows_with(wanted).await?;
        self.note_created(&rows, &jobs, (trace, None))
    }
}
