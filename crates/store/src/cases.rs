//! Cases of suspected-missing sessions.

mod apply;
mod unpolled;

use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use crate::verifications::newest_attempt;
use jiff::Timestamp;
use policy::confirm::{Answer, CaseLeave, Poll, SUSPECTED_TOGETHER, SUSPECTS_MAX};
use policy::ids::{AccountId, CaseId, SessionId};
use policy::life::NewestAttempt;
use policy::verify::AccountRow;
use tokio_postgres::Row;
use uuid::Uuid;

const FACTS: Sql = sql!("cases/facts");
const POLLS: Sql = sql!("cases/polls");
const CONTROL: Sql = sql!("cases/control");
const CHECK_LOSSES: Sql = sql!("accounts/check_losses");
const ROW: Sql = sql!("accounts/row");

/// What is known of a case before it is polled again.
#[derive(Clone, Debug)]
pub struct OpenCase {
    /// The suspected session.
    pub session: SessionId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Its account now.
    pub row: AccountRow,
    /// Newest attempt of the account's owner.
    pub attempt: Option<NewestAttempt>,
    /// Polls so far, in order.
    pub polls: Vec<Poll>,
    /// Accounts with a linked session, when the newest run was judged.
    pub fleet: i64,
    /// Other sessions that were suspected within an hour of it; counted to one more than the limit.
    pub other_suspects: i64,
    /// Who lets it have its verdict.
    pub leave: CaseLeave,
    /// Cases of this session that ended because it answered, within 24 hours.
    pub recovered_24h: i64,
}

impl Tx {
    /// An open case; none if it is closed or never was.
    pub async fn open_case(&self, case: CaseId) -> Result<Option<OpenCase>, StoreError> {
        let asked = values(FACTS)
            .value("case", case.0)
            .value("at", self.now().at)
            .value("together_s", SUSPECTED_TOGETHER.as_secs_f64())
            .value("suspects_max", SUSPECTS_MAX);
        let rows = self.rows_with(asked).await?;
        let Some(found) = rows.first() else {
            return Ok(None);
        };
        if row::get(found, "is_closed")? {
            return Ok(None);
        }
        let polls = self.rows(POLLS, &[&case.0]).await?;
        Ok(Some(OpenCase {
            session: SessionId(row::get(found, "case_session")?),
            opened_at: row::get(found, "opened_at")?,
            row: row::account(found, "account_id")?,
            attempt: newest_attempt(found)?,
            polls: polls
                .iter()
                .map(|poll| read_poll(case, poll))
                .collect::<Result<_, _>>()?,
            fleet: row::get(found, "fleet")?,
            other_suspects: row::get(found, "other_suspects")?,
            leave: leave(found)?,
            recovered_24h: row::get(found, "recovered_24h")?,
        }))
    }

    /// A session known good, to be asked beside a suspected one; `spread` (0–255) picks among many.
    pub async fn control_session(
        &self,
        suspected: &SessionId,
        spread: i16,
    ) -> Result<Option<SessionId>, StoreError> {
        let rows = self.rows(CONTROL, &[&suspected.0, &spread]).await?;
        rows.first()
            .map(|found| row::get(found, "session_id").map(SessionId))
            .transpose()
    }

    /// Other accounts that were lost within the hour by any way, and accounts with a linked session when the newest run was
    /// judged.
    pub async fn check_losses(&self, account: AccountId) -> Result<(i64, i64), StoreError> {
        let at = self.now().at;
        let rows = self.rows(CHECK_LOSSES, &[&at, &account.0]).await?;
        let found = rows.first().ok_or(StoreError::Row {
            column: "losses",
            why: "no answer".into(),
        })?;
        Ok((row::get(found, "losses")?, row::get(found, "fleet")?))
    }

    /// One account, as rules look at it.
    pub async fn account(&self, account: AccountId) -> Result<Option<AccountRow>, StoreError> {
        let ids: [Uuid; 1] = [account.0];
        let rows = self.rows(ROW, &[&ids.as_slice()]).await?;
        rows.first()
            .map(|found| row::account(found, "id"))
            .transpose()
    }
}

fn leave(found: &Row) -> Result<CaseLeave, StoreError> {
    if let Some(who) = row::get::<Option<String>>(found, "confirmed_by")? {
        return Ok(CaseLeave::Operator(who));
    }
    let stopped: bool = row::get(found, "is_stopped")?;
    let released: bool = row::get(found, "is_released")?;
    Ok(if released {
        CaseLeave::Run
    } else if stopped {
        CaseLeave::Stopped
    } else {
        CaseLeave::Breaker
    })
}

fn read_poll(case: CaseId, found: &Row) -> Result<Poll, StoreError> {
    let number: i32 = row::get(found, "number")?;
    Ok(Poll {
        case,
        number: u32::try_from(number).unwrap_or(0),
        started_at: row::get(found, "started_at")?,
        finished_at: row::get(found, "finished_at")?,
        answer: answer(row::get(found, "answer")?, row::get(found, "why")?),
        control: row::get::<Option<String>>(found, "control_session")?.map(SessionId),
        control_answer: answer(
            row::get(found, "control_answer")?,
            row::get(found, "control_why")?,
        ),
    })
}

fn answer(word: &str, why: Option<String>) -> Answer {
    match word {
        "present" => Answer::Present,
        "gone" => Answer::Gone,
        _ => Answer::Inconclusive {
            why: why.unwrap_or_default(),
        },
    }
}
