//! What a person says of a send whose outcome is unknown (R-CAP-6).

use super::Act;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::{AccountId, SendId};

const DECIDE_SEND: Sql = sql!("operators/decide_send");

policy::words! {
    /// What a person found at the provider.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum SendFinding {
        /// It happened: the enrollment goes on.
        Found = "found",
        /// It did not: the same step goes again, with a new reservation.
        Absent = "absent",
    }
}

/// A send that was unknown, and where its enrollment stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedSend {
    /// Its sender.
    pub account: AccountId,
    /// The word in our tables.
    pub action: String,
    /// To whom.
    pub target: String,
    /// `active`, `done` or `stopped`, and its step, `2. message`; none for a send of no enrollment.
    pub enrollment: Option<(String, String)>,
}

impl Tx {
    /// Settles an unknown send as a person found it. Refused for any other, and for `absent` while its request may still
    /// reach the provider.
    pub async fn decide_send(
        &self,
        act: &Act<'_>,
        send: SendId,
        finding: SendFinding,
    ) -> Result<DecidedSend, StoreError> {
        let asked = values(DECIDE_SEND)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("send", send.0)
            .value("as", finding.as_str())
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        let found = rows.first().ok_or_else(|| StoreError::Row {
            column: "account_id",
            why: "no answer".into(),
        })?;
        let state: Option<String> = row::get(found, "enrollment_state")?;
        Ok(DecidedSend {
            account: AccountId(row::get(found, "account_id")?),
            action: row::get(found, "action")?,
            target: row::get(found, "target")?,
            enrollment: state.zip(row::get(found, "step")?),
        })
    }
}
