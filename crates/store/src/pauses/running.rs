//! What still runs of a scope, for those who wait until nothing does.

use super::PauseScope;
use crate::columns::values;
use crate::depths::COUNTED_MAX;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::jobs::{KINDS, Queue};
use std::collections::BTreeSet;

const RUNNING: Sql = sql!("pauses/running");
const SETS: Sql = sql!("pauses/sets");

/// What of a scope is not over yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// Jobs that are leased to a worker.
    pub leased: i64,
    /// A few of them by name.
    pub names: Vec<String>,
    /// Transactions that do sets of jobs.
    pub sets: BTreeSet<String>,
    /// Jobs that have started once and wait to go on, as far as they are counted ([`COUNTED_MAX`]): a pause of mode
    /// `drain` lets them.
    pub started: i64,
}

impl PauseScope {
    /// Queues whose work it can hold.
    fn queues(&self) -> Vec<&str> {
        match self {
            Self::Queue(name) => vec![name],
            Self::Kind(name) => {
                let of_kind = KINDS.iter().filter(|kind| kind.name == name.as_str());
                of_kind.map(|kind| kind.queue.as_str()).collect()
            }
            Self::Everything | Self::Workspace(_) | Self::Account(_) => {
                Queue::ALL.map(Queue::as_str).to_vec()
            }
        }
    }
}

impl Tx {
    /// What of a scope runs.
    pub async fn running(&self, over: &PauseScope) -> Result<Running, StoreError> {
        let (scope, target, kinds) = (over.scope(), over.target(), over.kinds());
        // The sets first: one that fails meanwhile goes on as leases.
        let sets = self.rows(SETS, &[&kinds]).await?;
        let sets: Result<_, _> = sets.iter().map(|found| row::get(found, "holder")).collect();
        let asked = values(RUNNING)
            .value("scope", scope)
            .value("target", target)
            .value("queue", over.queues())
            .value("rows", COUNTED_MAX);
        let rows = self.rows_with(asked).await?;
        let Some(found) = rows.first() else {
            return Ok(Running::default());
        };
        Ok(Running {
            leased: row::get(found, "leased")?,
            names: row::get::<Option<_>>(found, "names")?.unwrap_or_default(),
            sets: sets?,
            started: row::get(found, "started")?,
        })
    }
}
