//! Taking capacity for sends, and winning the right to call.

use super::facts::word;
use crate::columns::columns;
use crate::decision::Author;
use crate::error::StoreError;
use crate::number::clamp;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use crate::whole::whole;
use jiff::Timestamp;
use policy::ids::{AccountId, SendId, SessionId};
use policy::sends::Action;
use policy::sends::call::{Request, Started};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

const RESERVE: Sql = sql!("sends/reserve");
const START: Sql = sql!("sends/start");
const CANCEL: Sql = sql!("sends/cancel");

/// What is asked for one send.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    /// The account.
    pub account: AccountId,
    /// The send.
    pub send: SendId,
    /// The most of its action in 24 hours that the rules allow now; the database's own cap is not widened by it.
    pub allowance: u32,
    /// The least time between the end of another call of the account and the start of this one.
    pub gap: Duration,
    /// Version of the rules that this was decided on.
    pub rules_version: i32,
    /// When the account's window closes: the call starts before it. None: no window is known.
    pub closes_at: Option<Timestamp>,
    /// The job that asks.
    pub job: Option<Uuid>,
}

/// What the database said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has its capacity, and its intent is written.
    Reserved,
    /// It was called, or taken back, by somebody else.
    Settled,
    /// The rule that refused it: `weekly_cap`, `spacing`, `status`.
    Refused(String),
}

/// Answer to whether a reserved send may be called now.
#[derive(Debug)]
pub enum Start {
    /// The right to make the one call, once its transaction is committed.
    Won(Started),
    /// Rule that refused it, or the state that the send is in: `settled`, `hold`.
    Refused(String),
}

impl Start {
    /// The right to call, if it was won.
    pub fn won(self) -> Option<Started> {
        match self {
            Self::Won(started) => Some(started),
            Self::Refused(_) => None,
        }
    }
}

impl Tx {
    /// Takes capacity for sends of any number of accounts, in one statement (R-CAP-2). A verdict for each that exists.
    pub async fn reserve(
        &self,
        asks: &[Ask],
        by: &Author<'_>,
    ) -> Result<HashMap<SendId, Verdict>, StoreError> {
        whole!(Ask {
            account,
            send,
            allowance,
            gap,
            rules_version,
            closes_at,
            job
        });
        if asks.is_empty() {
            return Ok(HashMap::new());
        }
        let wanted = columns(RESERVE, asks)
            .with("accounts", |ask| ask.account.0)
            .with("sends", |ask| ask.send.0)
            .with("allowances", |ask| clamp::<i32, _>(ask.allowance))
            .with("gaps_s", |ask| ask.gap.as_secs_f64())
            .with("rules", |ask| ask.rules_version)
            .value("actor", by.actor)
            .with("jobs", |ask| ask.job)
            .with("closes", |ask| ask.closes_at);
        let rows = self.rows_with(wanted).await?;
        rows.iter()
            .map(|found| {
                let verdict = match row::get::<&str>(found, "verdict")? {
                    "reserved" => Verdict::Reserved,
                    "settled" => Verdict::Settled,
                    rule => Verdict::Refused(rule.to_owned()),
                };
                Ok((SendId(row::get(found, "send_id")?), verdict))
            })
            .collect()
    }

    /// Wins the right to make the one call of a reserved send. It counts once this transaction is committed, and not
    /// before: the caller calls after [`Tx::finish`].
    pub async fn start_send(&self, account: AccountId, send: SendId) -> Result<Start, StoreError> {
        let rows = self.rows(START, &[&account.0, &send.0]).await?;
        let Some(found) = rows.first() else {
            return Ok(Start::Refused("there is no such send".to_owned()));
        };
        let verdict: &str = row::get(found, "verdict")?;
        if verdict != "started" {
            return Ok(Start::Refused(verdict.to_owned()));
        }
        Ok(Start::Won(Started::of_row(Request {
            send,
            account,
            session: SessionId(row::get(found, "session_id")?),
            action: word(found, "action", Action::parse)?,
            target: row::get(found, "target")?,
            subject: row::get(found, "subject")?,
            body: row::get(found, "body")?,
            reference: row::get(found, "reference")?,
        })))
    }

    /// Takes back sends that nobody has called, each with the rule that kept it; their enrollments stand in line where
    /// they stood.
    pub async fn cancel_sends(
        &self,
        sends: &[(AccountId, SendId, String)],
        by: &Author<'_>,
    ) -> Result<u64, StoreError> {
        if sends.is_empty() {
            return Ok(0);
        }
        let kept = columns(CANCEL, sends)
            .with("accounts", |(account, _, _)| account.0)
            .with("sends", |(_, send, _)| send.0)
            .with("codes", |(_, _, code)| code.as_str())
            .value("now", self.now().at)
            .value("actor", by.actor)
            .value("job", by.job);
        let rows = self.rows_with(kept).await?;
        Ok(rows.len() as u64)
    }
}
