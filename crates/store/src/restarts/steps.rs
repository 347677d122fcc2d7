//! Steps of a restart: written down, begun, ended.

use crate::columns::{columns, values};
use crate::counted::Applied;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use crate::whole::whole;
use jiff::Timestamp;
use policy::ids::{AccountId, RestartId, SessionId};
use policy::losses::NoticeReason;
use policy::restarts::{Restart, RestartChanges, RestartEnd};
use uuid::Uuid;

const RESERVE: Sql = sql!("restarts/reserve");
const WITHDRAW: Sql = sql!("restarts/withdraw");
const ABANDON: Sql = sql!("restarts/abandon");
const START: Sql = sql!("restarts/start");
const CALLED: Sql = sql!("restarts/called");
const SETTLE: Sql = sql!("restarts/settle");

/// Names one restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestartTicket {
    /// The account.
    pub account: AccountId,
    /// The restart.
    pub restart: RestartId,
}

/// A restart that was begun and has no known end yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalledRestart {
    /// Session that it is about.
    pub session: SessionId,
    /// When the right to call was won.
    pub called_at: Timestamp,
}

impl Tx {
    /// Writes restarts down: the intents, committed before anybody calls.
    pub async fn reserve_restarts(&self, restarts: &[Restart]) -> Result<(), StoreError> {
        whole!(Restart {
            id,
            account,
            version,
            rung,
            session
        });
        if restarts.is_empty() {
            return Ok(());
        }
        let written = columns(RESERVE, restarts)
            .with("account_id", |one| one.account.0)
            .with("id", |one| one.id.0)
            .with("version", |one| one.version)
            .with("rung", |one| crate::number::clamp::<i32, _>(one.rung))
            .with("session_id", |one| one.session.0.as_str())
            .value("at", self.now().at);
        self.execute_with(written).await.map(drop)
    }

    /// Takes back restarts that were written down and not called.
    pub async fn withdraw_restarts(&self, tickets: &[RestartTicket]) -> Result<(), StoreError> {
        if tickets.is_empty() {
            return Ok(());
        }
        let withdrawn = columns(WITHDRAW, tickets)
            .with("account_id", |one| one.account.0)
            .with("id", |one| one.restart.0)
            .value("at", self.now().at);
        self.execute_with(withdrawn).await.map(drop)
    }

    /// Tells the owners of these accounts that their sessions have not come back for four hours, once an episode (R-LNK-7).
    pub async fn tell_recovering_long(&self, accounts: &[AccountId]) -> Result<(), StoreError> {
        if accounts.is_empty() {
            return Ok(());
        }
        self.tell_owners(accounts, NoticeReason::RecoveringLong)
            .await
    }

    /// Ends calls of these accounts whose run vanished long ago as unknown.
    pub async fn abandon_restarts(&self, accounts: &[AccountId]) -> Result<(), StoreError> {
        let now = self.now().at;
        let accounts: Vec<Uuid> = accounts.iter().map(|it| it.0).collect();
        each_apart!(
            self,
            Parts::of("sessions.recover", &accounts),
            |id| format!("account {id}"),
            |some| async { self.execute(ABANDON, &[&some, &now]).await }
        );
        Ok(())
    }

    /// Wins the right to make the one call; the session to restart. None: it has moved on.
    pub async fn start_restart(
        &self,
        ticket: RestartTicket,
    ) -> Result<Option<SessionId>, StoreError> {
        let started = values(START)
            .value("account", ticket.account.0)
            .value("id", ticket.restart.0)
            .value("at", self.now().at);
        let rows = self.rows_with(started).await?;
        let session = rows.first().map(|found| row::get(found, "session_id"));
        Ok(session.transpose()?.map(SessionId))
    }

    /// The call that a ticket began; none once its end is known.
    pub async fn called_restart(
        &self,
        ticket: RestartTicket,
    ) -> Result<Option<CalledRestart>, StoreError> {
        let (account, id) = (ticket.account.0, ticket.restart.0);
        let rows = self.rows(CALLED, &[&account, &id]).await?;
        let called = rows.first().map(|found| {
            Ok::<_, StoreError>(CalledRestart {
                session: SessionId(row::get(found, "session_id")?),
                called_at: row::get(found, "called_at")?,
            })
        });
        called.transpose()
    }

    /// Writes the ends of calls.
    pub(crate) async fn apply_restarts(
        &self,
        changes: &RestartChanges,
        at: Timestamp,
    ) -> Result<Applied, StoreError> {
        let RestartChanges { ends } = changes;
        whole!(RestartEnd {
            account,
            restart,
            state,
            code
        });
        let mut applied = Applied::default();
        if ends.is_empty() {
            return Ok(applied);
        }
        let settled = columns(SETTLE, ends)
            .with("account_id", |end| end.account.0)
            .with("id", |end| end.restart.0)
            .with("state", |end| end.state.as_str())
            .with("code", |end| end.code.as_str())
            .value("at", at);
        applied.changed += self.execute_with(settled).await?;
        for end in ends {
            let state = end.state.as_str();
            applied.count("relink_restarts_total", &[("state", state)], 1);
        }
        Ok(applied)
    }
}
