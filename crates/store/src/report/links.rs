//! Attempts of owners to sign in, and what owners were told.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::notices::NoticeStep;
use std::collections::BTreeMap;
use std::fmt;
use tokio_postgres::Row;
use uuid::Uuid;

const ATTEMPTS: Sql = sql!("report/attempts");
const OVERDUE: Sql = sql!("report/overdue_attempts");
const LANDINGS: Sql = sql!("report/landings");
const NOTICES: Sql = sql!("report/notices");

/// Counts of a demonstration's links and notices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkTotals {
    /// Attempts by state, in the words of `AttemptPhase`: those that are open, and those that ended in the run.
    pub attempts: BTreeMap<String, i64>,
    /// Open attempts whose page, or whose signed name, ended long before.
    pub overdue: Vec<OverdueAttempt>,
    /// Attempts that a connected account ended, by what told of the login, in the words of `LandedBy`.
    pub landed: BTreeMap<String, i64>,
    /// Notices by step, and of each step by state.
    pub notices: BTreeMap<String, BTreeMap<String, i64>>,
}

/// Open attempt that should have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverdueAttempt {
    /// Id of the attempt.
    pub id: Uuid,
    /// Display name of its account.
    pub account: String,
    /// State, in the words of `AttemptPhase`.
    pub state: String,
    /// End of its page.
    pub link_ends_at: Timestamp,
    /// End of its name.
    pub ends_at: Timestamp,
}

impl fmt::Display for OverdueAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            account,
            state,
            link_ends_at,
            ends_at,
        } = self;
        write!(
            f,
            "{account}: attempt {id} is {state}, its page ended {link_ends_at}, its name {ends_at}"
        )
    }
}

impl Tx {
    /// Counts what ended at `since` or later, and what is open; an attempt that should have ended before `overdue_before` is
    /// overdue. For small fleets.
    pub async fn link_totals(
        &self,
        since: Timestamp,
        overdue_before: Timestamp,
    ) -> Result<LinkTotals, StoreError> {
        let mut totals = LinkTotals::default();
        for found in self.rows(ATTEMPTS, &[&since]).await? {
            let (state, attempts) = (row::get(&found, "state")?, row::get(&found, "attempts")?);
            totals.attempts.insert(state, attempts);
        }
        let overdue = self.rows(OVERDUE, &[&overdue_before]).await?;
        totals.overdue = overdue
            .iter()
            .map(overdue_attempt)
            .collect::<Result<_, _>>()?;
        for found in self.rows(LANDINGS, &[&since]).await? {
            let told_by = row::get(&found, "told_by")?;
            totals.landed.insert(told_by, row::get(&found, "landings")?);
        }
        for found in self.rows(NOTICES, &[&since]).await? {
            let number: i16 = row::get(&found, "step")?;
            let step = NoticeStep::of_number(number);
            let step = step.map_or_else(|| number.to_string(), |it| it.as_str().to_owned());
            let of_step = totals.notices.entry(step).or_default();
            of_step.insert(row::get(&found, "state")?, row::get(&found, "notices")?);
        }
        Ok(totals)
    }
}

fn overdue_attempt(found: &Row) -> Result<OverdueAttempt, StoreError> {
    Ok(OverdueAttempt {
        id: row::get(found, "id")?,
        account: row::get(found, "name")?,
        state: row::get(found, "state")?,
        link_ends_at: row::get(found, "link_ends_at")?,
        ends_at: row::get(found, "ends_at")?,
    })
}
