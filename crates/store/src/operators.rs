//! Acts of operators and their tokens: each act has a reason and is written with its audit row (R-AUD-4, V0013). The acts
//! about removals stand here; pauses, dead letters and alerts have files of their own and use [`Act`].

mod adoption;
mod answers;
mod enrollments;
mod handing;
mod lifting;
mod lists;
mod notices;
mod restart;
mod sends;
mod settings;
mod tokens;
mod webhooks;

pub use adoption::Adoption;
pub use answers::StoppedLosses;
pub use enrollments::{EnrollmentAct, EnrollmentSelector, EnrollmentsChanged};
pub use handing::{HandedOut, OwnerDeed, add, hand_out, revoke, take_back};
pub use lists::{FlagRow, LatchRow, RemovalLine, WarrantRow};
pub use sends::{DecidedSend, SendFinding};
pub use settings::KeptCaps;
pub use tokens::{Bearer, NewToken, OperatorRow, Scope, list};

use crate::columns::Columns;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::decision::NewJob;
use policy::ids::{RemovalId, SessionId, WarrantId};
use policy::jobs::{LookAtRemoval, REMOVALS_LOOK};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

const ENABLE_FLAG: Sql = sql!("operators/enable_flag");
const END_FLAG: Sql = sql!("operators/end_flag");
const TRIP_LATCH: Sql = sql!("operators/trip_latch");
const CLEAR_LATCH: Sql = sql!("operators/clear_latch");
const REQUEST_REMOVAL: Sql = sql!("operators/request_removal");
const WITHDRAW_REMOVAL: Sql = sql!("operators/withdraw_removal");
const ISSUE_WARRANT: Sql = sql!("operators/issue_warrant");
const APPROVE_WARRANT: Sql = sql!("operators/approve_warrant");
const REVOKE_WARRANT: Sql = sql!("operators/revoke_warrant");
const NOTE_REFUSED: Sql = sql!("operators/note_refused");

/// One act of one operator: whose token, why, and the id that its audit row gets.
pub struct Act<'a> {
    /// `rlo_…`.
    pub token: &'a SecretString,
    /// Why; blank is refused.
    pub reason: &'a str,
    /// Names the act in `operator_audit`.
    pub audit: Uuid,
}

/// Token of a preview: the same for the same text, and for no other.
pub fn preview_token(previewed: &str) -> String {
    let digest = Sha256::digest(previewed.as_bytes());
    let first = digest.iter().take(8);
    let number = first.fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{number:016x}")
}

impl<'a> Act<'a> {
    /// A new act.
    pub fn new(token: &'a SecretString, reason: &'a str) -> Self {
        Self {
            token,
            reason,
            audit: Uuid::now_v7(),
        }
    }

    pub(crate) fn secret(&self) -> &'a str {
        self.token.expose_secret()
    }
}

impl Tx {
    /// Gate 5: allows removals until the returned instant, at most 4 hours from now. An earlier flag is ended.
    pub async fn enable_flag(
        &self,
        act: &Act<'_>,
        name: &str,
        life: Duration,
    ) -> Result<Timestamp, StoreError> {
        let (id, seconds) = (Uuid::now_v7(), life.as_secs_f64());
        let asked = values(ENABLE_FLAG)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("id", id)
            .value("name", name)
            .value("for_s", seconds)
            .value("reason", act.reason);
        self.acted(asked, "ends_at").await
    }

    /// Ends a flag; how many were open (0 or 1).
    pub async fn end_flag(&self, act: &Act<'_>, name: &str) -> Result<i64, StoreError> {
        let asked = values(END_FLAG)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("name", name)
            .value("reason", act.reason);
        self.acted(asked, "ended").await
    }

    /// Stops every removal until a person clears it. False: it was tripped already.
    pub async fn trip_latch(&self, act: &Act<'_>) -> Result<bool, StoreError> {
        let asked = values(TRIP_LATCH)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("reason", act.reason);
        self.acted(asked, "done").await
    }

    /// Clears the latch. False: it was not tripped.
    pub async fn clear_latch(&self, act: &Act<'_>) -> Result<bool, StoreError> {
        let asked = values(CLEAR_LATCH)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("reason", act.reason);
        self.acted(asked, "done").await
    }

    /// Asks to remove a session that a confirmed case found gone; its looks begin at once.
    pub async fn request_removal(
        &self,
        act: &Act<'_>,
        session: &SessionId,
    ) -> Result<RemovalId, StoreError> {
        let removal = RemovalId(Uuid::now_v7());
        let asked = values(REQUEST_REMOVAL)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("id", removal.0)
            .value("session", session.0.as_str())
            .value("reason", act.reason);
        self.rows_with(asked).await?;
        self.look_at(act, removal).await?;
        Ok(removal)
    }

    /// Gives up a removal that is not permitted yet. False: it is too late for that.
    pub async fn withdraw_removal(
        &self,
        act: &Act<'_>,
        removal: RemovalId,
    ) -> Result<bool, StoreError> {
        let asked = values(WITHDRAW_REMOVAL)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("removal", removal.0)
            .value("reason", act.reason);
        self.acted(asked, "done").await
    }

    /// R-DEL-4, the first person: names one live session that is linked to nobody. Dies at the returned instant.
    pub async fn issue_warrant(
        &self,
        act: &Act<'_>,
        session: &SessionId,
    ) -> Result<(WarrantId, Timestamp), StoreError> {
        let warrant = WarrantId(Uuid::now_v7());
        let asked = values(ISSUE_WARRANT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("id", warrant.0)
            .value("session", session.0.as_str())
            .value("reason", act.reason);
        Ok((warrant, self.acted(asked, "ends_at").await?))
    }

    /// R-DEL-4, the second person; the removal's looks begin at once.
    pub async fn approve_warrant(
        &self,
        act: &Act<'_>,
        warrant: WarrantId,
    ) -> Result<RemovalId, StoreError> {
        let removal = RemovalId(Uuid::now_v7());
        let asked = values(APPROVE_WARRANT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("warrant", warrant.0)
            .value("removal", removal.0)
            .value("reason", act.reason);
        self.rows_with(asked).await?;
        self.look_at(act, removal).await?;
        Ok(removal)
    }

    /// Revokes a warrant, and gives up its removal if that is not permitted yet. False: there is none to revoke.
    pub async fn revoke_warrant(
        &self,
        act: &Act<'_>,
        warrant: WarrantId,
    ) -> Result<bool, StoreError> {
        let asked = values(REVOKE_WARRANT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("warrant", warrant.0)
            .value("reason", act.reason);
        self.acted(asked, "done").await
    }

    /// Tells of an act that was refused, and rolled back with everything it wrote (R-DEL-5), under an alert's code.
    pub async fn note_refused_act(
        &self,
        token: &SecretString,
        what: &str,
        (code, why): (&str, &str),
    ) -> Result<(), StoreError> {
        let noted = values(NOTE_REFUSED)
            .value("token", token.expose_secret())
            .value("act", what)
            .value("why", why)
            .value("code", code);
        self.rows_with(noted).await.map(drop)
    }

    async fn look_at(&self, act: &Act<'_>, removal: RemovalId) -> Result<(), StoreError> {
        let payload = LookAtRemoval { removal, number: 1 };
        let job = NewJob {
            kind: REMOVALS_LOOK,
            cause: format!("{}@{removal}/1", REMOVALS_LOOK.name),
            workspace: None,
            account: None,
            run_at: self.now().at,
            payload: serde_json::json!(payload),
        };
        self.enqueue_of_act(act, &[job]).await.map(drop)
    }

    /// One column of the one row that an operator's function answers.
    pub(crate) async fn acted<T: for<'b> tokio_postgres::types::FromSql<'b>>(
        &self,
        asked: Columns<'_, ()>,
        column: &'static str,
    ) -> Result<T, StoreError> {
        let rows = self.rows_with(asked).await?;
        let found = rows.first().ok_or_else(|| StoreError::Row {
            column,
            why: "no answer".into(),
        })?;
        row::get(found, column)
    }
}
