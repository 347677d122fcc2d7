//! People whom the planted fleet knew before it sent anything: what the provider's simulator is told.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;

const RELATIONS: Sql = sql!("report/relations");

impl Tx {
    /// Sessions, each with a person whom it writes to without inviting them first. For small fleets.
    pub async fn old_relations(&self) -> Result<Vec<(String, String)>, StoreError> {
        let rows = self.rows(RELATIONS, &[]).await?;
        rows.iter()
            .map(|found| Ok((row::get(found, "session_id")?, row::get(found, "target")?)))
            .collect()
    }
}
