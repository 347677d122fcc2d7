//! What accounts did by hand (R-CAP-10).

use crate::columns::columns;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use crate::whole::whole;
use jiff::Timestamp;
use policy::ids::{AccountId, SessionId};
use policy::sends::by_hand::{HandSend, OwnInvitation};

const SESSION: Sql = sql!("sends/session_to_ask");
const OWN: Sql = sql!("sends/own_invitations");
const NOTE: Sql = sql!("sends/note_by_hand");

impl Tx {
    /// The session of an account that is connected now.
    pub async fn session_to_ask(
        &self,
        account: AccountId,
    ) -> Result<Option<SessionId>, StoreError> {
        let rows = self.rows(SESSION, &[&account.0]).await?;
        rows.first()
            .map(|found| row::get(found, "session_id").map(SessionId))
            .transpose()
    }

    /// Invitations of an account that were reserved since then. In no order.
    pub async fn own_invitations(
        &self,
        account: AccountId,
        since: Timestamp,
    ) -> Result<Vec<OwnInvitation>, StoreError> {
        let rows = self.rows(OWN, &[&account.0, &since]).await?;
        rows.iter()
            .map(|found| {
                Ok(OwnInvitation {
                    target: row::get(found, "target")?,
                    reference: row::get(found, "reference")?,
                })
            })
            .collect()
    }

    /// Notes each once, however often it was read before.
    pub(super) async fn note_by_hand(
        &self,
        by_hand: &[HandSend],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        whole!(HandSend {
            account,
            action,
            mark,
            at
        });
        each_apart!(
            self,
            Parts::of("sends.compare", by_hand),
            |one| format!("account {}", one.account),
            |some| async {
                let noted = columns(NOTE, some)
                    .with("accounts", |one| one.account.0)
                    .with("actions", |one| one.action.as_str())
                    .with("marks", |one| one.mark.as_str())
                    .with("ats", |one| one.at)
                    .value("now", at);
                self.rows_with(noted).await
            }
        );
        Ok(())
    }
}
