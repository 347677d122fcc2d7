//! Holds, as decided: the one writer of them beside subscriptions' own sweep.

use crate::columns::columns;
use crate::counted::Applied;
use crate::error::StoreError;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use crate::whole::whole;
use jiff::Timestamp;
use policy::holds::{EndedHold, NewHold};

const HOLD: Sql = sql!("holds/hold");
const END: Sql = sql!("holds/end");

/// Work on holds, as alerts of rows set aside name it.
const HOLDS: &str = "accounts.hold";

impl Tx {
    /// Writes new holds, counted by reason.
    pub(crate) async fn hold(
        &self,
        holds: &[NewHold],
        at: Timestamp,
    ) -> Result<Applied, StoreError> {
        whole!(NewHold {
            account,
            reason,
            until,
            note
        });
        let mut applied = Applied::default();
        each_apart!(
            self,
            Parts::of(HOLDS, holds),
            |one| format!("account {}", one.account),
            |some| async {
                let held = columns(HOLD, some)
                    .with("account_id", |one| one.account.0)
                    .with("reason", |one| one.reason.as_str())
                    .with("ends_at", |one| one.until)
                    .with("note", |one| one.note.as_str())
                    .value("at", at);
                self.execute_with(held).await
            }
        );
        for one in holds {
            applied.count("relink_holds_total", &[("reason", one.reason.as_str())], 1);
        }
        Ok(applied)
    }

    /// Ends holds whose cause is gone.
    pub(crate) async fn end_holds(
        &self,
        ended: &[EndedHold],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        whole!(EndedHold { account, reason });
        each_apart!(
            self,
            Parts::of(HOLDS, ended),
            |one| format!("account {}", one.account),
            |some| async {
                let over = columns(END, some)
                    .with("account_id", |one| one.account.0)
                    .with("reason", |one| one.reason.as_str())
                    .value("at", at);
                self.execute_with(over).await
            }
        );
        Ok(())
    }
}
