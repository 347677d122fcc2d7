//! Writing what was decided about removals.

use crate::columns::values;
use crate::counted::Applied;
use crate::decision::Author;
use crate::error::StoreError;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::RemovalId;
use policy::interlock::{Proof, RemovalChanges, RemovalStep};

const SETTLE: Sql = sql!("removals/settle");

impl Tx {
    /// Writes steps of removals: ends of looks first, then the others in their order.
    pub(crate) async fn apply_removals(
        &self,
        changes: &RemovalChanges,
        by: &Author<'_>,
    ) -> Result<Applied, StoreError> {
        let RemovalChanges { steps } = changes;
        let looks = steps.iter().filter_map(|step| match step {
            RemovalStep::Looked(look) => Some(look),
            RemovalStep::Withdrawn { .. } | RemovalStep::Settled { .. } => None,
        });
        self.end_looks(&looks.collect::<Vec<_>>()).await?;
        let mut applied = Applied::default();
        for step in steps {
            let (removal, state, note) = match step {
                RemovalStep::Looked(_) => continue,
                RemovalStep::Withdrawn { removal, why } => (removal, "withdrawn", why),
                RemovalStep::Settled {
                    removal,
                    proof,
                    note,
                } => (removal, proof.as_str(), note),
            };
            self.end_removal(*removal, state, note, by).await?;
            applied.count("relink_removals_ended_total", &[("state", state)], 1);
        }
        Ok(applied)
    }

    /// Ends a permitted removal, or proves one whose end nobody saw. False: it has moved on.
    pub async fn settle_removal(
        &self,
        removal: RemovalId,
        proof: Proof,
        note: &str,
        by: &Author<'_>,
    ) -> Result<bool, StoreError> {
        self.end_removal(removal, proof.as_str(), note, by).await
    }

    async fn end_removal(
        &self,
        removal: RemovalId,
        state: &str,
        note: &str,
        by: &Author<'_>,
    ) -> Result<bool, StoreError> {
        let end = values(SETTLE)
            .value("removal", removal.0)
            .value("state", state)
            .value("note", note)
            .value("actor", by.actor)
            .value("job", by.job);
        let rows = self.rows_with(end).await?;
        super::only(&rows, "is_settled")
    }
}
