//! Notices that operators have told again, and owners who want none (R-LNK-7).

use super::Act;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::AccountId;
use policy::notices::NoticeName;

const REDRIVE_NOTICE: Sql = sql!("operators/redrive_notice");
const OPT_OUT: Sql = sql!("notices/opt_out");

impl Tx {
    /// Has a notice told with the next look that nobody was told of; the database refuses what may have been told.
    pub async fn redrive_notice(
        &self,
        act: &Act<'_>,
        notice: NoticeName,
    ) -> Result<(), StoreError> {
        let asked = values(REDRIVE_NOTICE)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", notice.account.0)
            .value("episode", notice.episode)
            .value("step", notice.step.number())
            .value("reason", act.reason);
        self.rows_with(asked).await.map(drop)
    }

    /// Takes the owner of an account off the list of its workspace's mails; false where the account has none.
    pub async fn opt_out(&self, account: AccountId) -> Result<bool, StoreError> {
        let rows = self.rows(OPT_OUT, &[&account.0]).await?;
        let found = rows.first().map(|found| row::get(found, "is_known"));
        Ok(found.transpose()?.unwrap_or(false))
    }
}
