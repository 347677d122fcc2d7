//! Answers and ends of single attempts, under their account's lock (R-LNK-3).

use crate::columns::{Columns, values};
use crate::error::StoreError;
use crate::operators::Act;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::{AttemptOutcome, AttemptPhase};
use policy::ids::{AccountId, AttemptId, SessionId};

const ANSWER: Sql = sql!("attempts/answer");
const CLOSE_ONE: Sql = sql!("attempts/close_one");
const CANCEL: Sql = sql!("attempts/cancel");

impl Tx {
    /// Notes the session that an attempt's page brought, as `answered` or `verifying`: in one statement, so that of two
    /// attempts only the newest open one is answered, whatever comes in between. False: it is not that, its name has ended, or
    /// it has named another session.
    pub async fn answer_attempt(
        &self,
        (account, attempt): (AccountId, AttemptId),
        session: &SessionId,
        (phase, at): (AttemptPhase, Timestamp),
    ) -> Result<bool, StoreError> {
        let answered = values(ANSWER)
            .value("account", account.0)
            .value("attempt", attempt.0)
            .value("session", session.0.as_str())
            .value("state", phase.as_str())
            .value("at", at);
        Ok(self.execute_with(answered).await? == 1)
    }

    /// Closes an attempt. False: it was closed, and keeps its outcome.
    pub async fn close_attempt(
        &self,
        (account, attempt): (AccountId, AttemptId),
        outcome: AttemptOutcome,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let closed = values(CLOSE_ONE)
            .value("account", account.0)
            .value("attempt", attempt.0)
            .value("outcome", outcome.as_str())
            .value("at", at);
        Ok(self.execute_with(closed).await? == 1)
    }

    /// Takes an open attempt back, as a product of the account's workspace or as an operator. False: it was over already, and
    /// nothing is written.
    pub async fn cancel_attempt(
        &self,
        act: &Act<'_>,
        (account, attempt): (AccountId, AttemptId),
    ) -> Result<bool, StoreError> {
        let cancelled = values(CANCEL)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", account.0)
            .value("attempt", attempt.0)
            .value("reason", act.reason);
        self.said_done(cancelled).await
    }

    /// Column `done` of a query that answers one row.
    pub(super) async fn said_done(&self, asked: Columns<'_, ()>) -> Result<bool, StoreError> {
        let rows = self.rows_with(asked).await?;
        let found = rows.first().map(|found| row::get(found, "done"));
        Ok(found.transpose()?.unwrap_or(false))
    }
}
