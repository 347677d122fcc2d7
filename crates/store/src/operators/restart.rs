//! A restart that an operator asks for (R-LNK-8).

use super::Act;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::{AccountId, RestartId, WorkspaceId};
use policy::restarts;

const RESTART_ACCOUNT: Sql = sql!("operators/restart_account");

impl Tx {
    /// Asks for a restart of an account's session now, inside the fleet's bound; the database refuses every status but
    /// `recovering`, and a session that no restart mends.
    pub async fn restart_account(
        &self,
        act: &Act<'_>,
        account: AccountId,
    ) -> Result<RestartId, StoreError> {
        let asked = values(RESTART_ACCOUNT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", account.0)
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        let found = rows.first().ok_or_else(|| StoreError::Row {
            column: "version",
            why: "no answer".into(),
        })?;
        let workspace = WorkspaceId(row::get(found, "workspace_id")?);
        let restart = RestartId(act.audit);
        let version = row::get(found, "version")?;
        let job = restarts::asked_job((account, workspace), version, restart, self.now().at);
        self.enqueue_of_act(act, &[job]).await?;
        Ok(restart)
    }
}
