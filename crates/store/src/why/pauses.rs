//! Pauses of work, as a person asks why something is not sent (R-Q-1).

use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::WorkspaceId;
use policy::jobs::{
    CAMPAIGNS_HEAL, CAMPAIGNS_RESUME, Kind, SENDS_DISPATCH, SENDS_EXECUTE, SENDS_RESOLVE,
    SENDS_SETTLE,
};
use uuid::Uuid;

const WORK_PAUSES: Sql = sql!("why/work_pauses");

/// Kinds of jobs without which nothing is planned, called, settled or resumed.
const NEEDED: [Kind; 6] = [
    SENDS_DISPATCH,
    SENDS_EXECUTE,
    SENDS_SETTLE,
    SENDS_RESOLVE,
    CAMPAIGNS_HEAL,
    CAMPAIGNS_RESUME,
];

/// Pause of work that holds back sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkPauseSheet {
    /// Its id.
    pub id: Uuid,
    /// `everything`, `queue`, `kind`, `workspace` or `account`.
    pub scope: String,
    /// Name or id of what it is over; empty for everything.
    pub target: String,
    /// `hold` or `drain`.
    pub mode: String,
    /// Since when.
    pub paused_at: Timestamp,
    /// Who paused it.
    pub paused_by: String,
    /// Reason given.
    pub why: String,
    /// When it ends by itself; none: a person lifts it.
    pub ends_at: Option<Timestamp>,
    /// Lifted, with a ramp that lasts until then.
    pub ramp_until: Option<Timestamp>,
}

impl Tx {
    /// Pauses of work that hold back the sends of a workspace's accounts, the oldest first.
    pub async fn work_pauses(
        &self,
        workspace: WorkspaceId,
        accounts: &[Uuid],
    ) -> Result<Vec<WorkPauseSheet>, StoreError> {
        let asked = values(WORK_PAUSES)
            .value("queues", NEEDED.map(|kind| kind.queue.as_str()).to_vec())
            .value("kinds", NEEDED.map(|kind| kind.name).to_vec())
            .value("workspace", workspace.0)
            .value("accounts", accounts)
            .value("at", self.now().at);
        let rows = self.rows_with(asked).await?;
        rows.iter()
            .map(|found| {
                let lifted: Option<Timestamp> = row::get(found, "lifted_at")?;
                let ramp: Option<Timestamp> = row::get(found, "ramp_until")?;
                Ok(WorkPauseSheet {
                    id: row::get(found, "id")?,
                    scope: row::get(found, "scope")?,
                    target: row::get(found, "target")?,
                    mode: row::get(found, "mode")?,
                    paused_at: row::get(found, "paused_at")?,
                    paused_by: row::get(found, "paused_by")?,
                    why: row::get(found, "why")?,
                    ends_at: row::get(found, "ends_at")?,
                    ramp_until: lifted.and(ramp),
                })
            })
            .collect()
    }
}
