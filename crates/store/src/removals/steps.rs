//! Writing what was decided about removals.

use crate::decision::Author;
use crate::error::StoreError;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::RemovalId;
use policy::interlock::{Proof, RemovalStep};

const SETTLE: Sql = sql!("removals/settle");

impl Tx {
    pub(crate) async fn apply_removals(
        &self,
        steps: &[RemovalStep],
        by: &Author<'_>,
    ) -> Result<(), StoreError> {
        let looks: Vec<_> = steps
            .iter()
            .filter_map(|step| match step {
                RemovalStep::Looked(look) => Some(look),
                _ => None,
            })
            .collect();
        self.end_looks(&looks).await?;
        for step in steps {
            match step {
                RemovalStep::Looked(_) => {}
                RemovalStep::Withdrawn { removal, why } => {
                    self.end_removal(*removal, "withdrawn", why, by).await?;
                }
                RemovalStep::Settled {
                    removal,
                    proof,
                    note,
                } => {
                    self.settle_removal(*removal, *proof, note, by).await?;
                }
            }
        }
        Ok(())
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
        let rows = self
            .rows(SETTLE, &[&removal.0, &state, &note, &by.actor, &by.job])
            .await?;
        super::only(&rows, "is_settled")
    }
}
