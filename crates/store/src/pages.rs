//! What an owner's page is made of (R-LNK-7, R-LNK-9).

use crate::error::StoreError;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use policy::account::{AccountKind, AttemptPhase, AttemptPurpose, Status};
use policy::ids::{AccountId, WorkspaceId};
use policy::pages::{PageAttempt, PageFacts, PageSubject, masked_handle, masked_name};
use tokio_postgres::Row;

const FACTS: Sql = sql!("pages/facts");

/// An account as its owner's page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnersPage {
    /// The account.
    pub account: AccountId,
    /// Workspace of the account.
    pub workspace: WorkspaceId,
    /// Address of the people who can help; null where nobody said one.
    pub support: Option<String>,
    /// Facts that the page's state follows from.
    pub facts: PageFacts,
    /// Facts that its words are made of; names are masked already.
    pub subject: PageSubject,
}

impl Tx {
    /// Facts of the page of that account, as a link about that episode leads to it; null of no account.
    pub async fn owners_page(
        &self,
        account: AccountId,
        episode: i64,
    ) -> Result<Option<OwnersPage>, StoreError> {
        let at = self.now().at;
        let rows = self.rows(FACTS, &[&account.0, &episode, &at]).await?;
        rows.first().map(page).transpose()
    }
}

fn page(found: &Row) -> Result<OwnersPage, StoreError> {
    let status = row::status(found, "status")?;
    let lost_at: Option<Timestamp> = row::get(found, "lost_at")?;
    Ok(OwnersPage {
        account: AccountId(row::get(found, "account_id")?),
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        support: row::get(found, "support_address")?,
        facts: PageFacts {
            status,
            stranger_since: row::get(found, "stranger_since")?,
            workspace_ended_at: row::get(found, "workspace_ended_at")?,
            lost_at,
            newest: newest(found)?,
        },
        subject: subject(found, status, lost_at)?,
    })
}

fn newest(found: &Row) -> Result<Option<PageAttempt>, StoreError> {
    let started: Option<Timestamp> = row::get(found, "started_at")?;
    let Some(started_at) = started else {
        return Ok(None);
    };
    let refusal: Option<&str> = row::get(found, "refusal")?;
    Ok(Some(PageAttempt {
        phase: word(found, "phase", AttemptPhase::parse)?,
        purpose: word(found, "purpose", AttemptPurpose::parse)?,
        started_at,
        was_strangers: refusal == Some("wrong_account"),
    }))
}

fn subject(
    found: &Row,
    status: Status,
    lost_at: Option<Timestamp>,
) -> Result<PageSubject, StoreError> {
    let (name, kind): (&str, &str) = (row::get(found, "name")?, row::get(found, "kind")?);
    let handle: Option<&str> = row::get(found, "handle")?;
    let identity: Option<&str> = row::get(found, "identity")?;
    let zone: &str = row::get(found, "zone")?;
    // A mailbox is its address; a member's id says nothing to its owner.
    let expected = handle.or(identity.filter(|it| it.contains('@')));
    Ok(PageSubject {
        kind: AccountKind::parse(kind),
        name: masked_name(name),
        expected: expected.map(masked_handle),
        team: row::get(found, "workspace_name")?,
        checkpoint: row::get(found, "checkpoint")?,
        status,
        since: row::get(found, "status_since")?,
        first_connected_at: row::get(found, "first_connected_at")?,
        lost_at,
        told_ended_at: row::get(found, "told_ended_at")?,
        zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
    })
}
