//! Reading notices that rules decide on.

use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::{Tx, account_of};
use jiff::Timestamp;
use policy::ids::{AccountId, WorkspaceId};
use policy::losses::NoticeReason;
use policy::notices::{
    FIRSTS_WITHIN, HELD_FOR, MailAddress, MailPolicy, MailStop, NoticeEpisode, NoticeFacts,
    NoticeName, NoticeState, NoticeStep, NoticeTry, Owner, PLANNED_MAX, PlanFacts, Tenant,
};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Row;

const DUE: Sql = sql!("notices/due");
const FIRSTS: Sql = sql!("notices/firsts");
const FACTS: Sql = sql!("notices/facts");

impl Tx {
    /// Notices that are due, those that waited longest first, and how many first ones there were of late.
    pub async fn due_notices(&self) -> Result<PlanFacts, StoreError> {
        let at = self.now().at;
        let found = self.rows(DUE, &[&at, &PLANNED_MAX]).await?;
        let mut unread: Vec<NoticeTry> = found.iter().map(known).collect::<Result<_, _>>()?;
        let names: Vec<NoticeName> = unread.iter().map(|it| it.notice).collect();
        if names.is_empty() {
            return Ok(PlanFacts::default());
        }
        let since = at.checked_sub(FIRSTS_WITHIN).unwrap_or(Timestamp::MIN);
        let held_until = at.checked_add(HELD_FOR).unwrap_or(Timestamp::MAX);
        let counted = values(FIRSTS)
            .value("since", since)
            .value("at", at)
            .value("held_until", held_until);
        let counted = self.rows_with(counted).await?;
        let firsts = counted
            .iter()
            .map(|found| Ok((row::get(found, "cause")?, row::get(found, "firsts")?)));
        let firsts = firsts.collect::<Result<BTreeMap<String, i64>, StoreError>>()?;
        let due = self.notice_facts(&names).await?;
        let read: BTreeSet<NoticeName> = due.iter().map(|it| it.notice).collect();
        unread.retain(|it| !read.contains(&it.notice));
        Ok(PlanFacts {
            due,
            unread,
            firsts,
        })
    }

    /// Notices by their names, with all that their fate depends on, in that order; one that does not exist is left out.
    pub async fn notice_facts(&self, names: &[NoticeName]) -> Result<Vec<NoticeFacts>, StoreError> {
        let asked = columns(FACTS, names)
            .with("account_id", |it| it.account.0)
            .with("episode", |it| it.episode)
            .with("step", |it| it.step.number());
        let rows = self.rows_with(asked).await?;
        Ok(self.readable("notices.facts", &rows, account_of("account_id"), facts))
    }
}

/// Name of the notice in a row, and its tries until now.
pub(super) fn known(found: &Row) -> Result<NoticeTry, StoreError> {
    Ok(NoticeTry {
        notice: name(found)?,
        tries: row::get(found, "tries")?,
    })
}

/// Name of the notice in a row.
pub(super) fn name(found: &Row) -> Result<NoticeName, StoreError> {
    Ok(NoticeName {
        account: AccountId(row::get(found, "account_id")?),
        episode: row::get(found, "episode")?,
        step: step(found)?,
    })
}

/// Step of the notice in a row.
pub(crate) fn step(found: &Row) -> Result<NoticeStep, StoreError> {
    let number: i16 = row::get(found, "step")?;
    NoticeStep::of_number(number).ok_or_else(|| StoreError::Row {
        column: "step",
        why: format!("{number} is no step"),
    })
}

/// Word of a closed list, where there is one.
pub(super) fn maybe<T>(
    found: &Row,
    column: &'static str,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let text: Option<&str> = row::get(found, column)?;
    text.map(|_| word(found, column, parse)).transpose()
}

fn facts(found: &Row) -> Result<NoticeFacts, StoreError> {
    let address: Option<String> = row::get(found, "owner_address")?;
    let contacts: Vec<String> = row::get(found, "contacts")?;
    Ok(NoticeFacts {
        notice: name(found)?,
        state: word(found, "state", NoticeState::parse)?,
        tries: row::get(found, "tries")?,
        reason: word(found, "reason", NoticeReason::parse)?,
        cause: row::get(found, "cause")?,
        created_at: row::get(found, "created_at")?,
        awaits_look: row::get(found, "awaits_look")?,
        was_held: row::get(found, "was_held")?,
        episode: NoticeEpisode {
            began_at: row::get(found, "began_at")?,
            ended_at: row::get(found, "episode_ended_at")?,
        },
        status: row::status(found, "status")?,
        account_name: row::get(found, "account_name")?,
        kind: row::get(found, "kind")?,
        owner: Owner {
            address: address.map(MailAddress),
            name: row::get(found, "owner_name")?,
            zone: row::get(found, "zone")?,
            stop: maybe(found, "owner_stop", MailStop::parse)?,
        },
        tenant: Tenant {
            id: WorkspaceId(row::get(found, "workspace_id")?),
            name: row::get(found, "workspace_name")?,
            support: row::get(found, "support_address")?,
            policy: word(found, "mail_policy", MailPolicy::parse)?,
            is_over: row::get(found, "is_over")?,
            contacts: contacts.into_iter().map(MailAddress).collect(),
        },
        told_before_at: row::get(found, "told_before_at")?,
    })
}
