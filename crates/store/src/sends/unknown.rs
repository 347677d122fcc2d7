//! Sends whose outcome nobody knows, and holds whose time is over.

use super::facts::{unsigned, word};
use crate::apart::Owner;
use crate::columns::values;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::{AccountId, SendId, SessionId, WorkspaceId};
use policy::schedule::ShardRange;
use policy::sends::call::{ReadBack, Request};
use policy::sends::resolve::ResolveFacts;
use policy::sends::{Action, SendState};
use uuid::Uuid;

const DUE: Sql = sql!("sends/unknown_due");
const ABANDONED: Sql = sql!("sends/abandoned");
const READ_BACK: Sql = sql!("sends/read_back");
const FACTS: Sql = sql!("sends/settle_facts");
const RELEASE: Sql = sql!("holds/release");
const RELEASE_PAUSES: Sql = sql!("holds/release_pauses");

/// An unknown outcome that is due for a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownSend {
    /// The account.
    pub account: AccountId,
    /// The send.
    pub send: SendId,
    /// Its tenant.
    pub workspace: WorkspaceId,
    /// Looks so far; with the send it names the next one.
    pub looks: u16,
}

impl Tx {
    /// Unknown outcomes of a range of shards that are due for a look, at most `limit`.
    pub async fn unknown_sends(
        &self,
        shards: ShardRange,
        limit: i64,
    ) -> Result<Vec<UnknownSend>, StoreError> {
        let (first, last) = shard_ends(shards);
        let due = values(DUE)
            .value("first", first)
            .value("last", last)
            .value("at", self.now().at)
            .value("limit", limit);
        let rows = self.rows_with(due).await?;
        rows.iter()
            .map(|found| {
                Ok(UnknownSend {
                    account: AccountId(row::get(found, "account_id")?),
                    send: SendId(row::get(found, "id")?),
                    workspace: WorkspaceId(row::get(found, "workspace_id")?),
                    looks: unsigned(found, "looks")?,
                })
            })
            .collect()
    }

    /// Open sends of a range of shards that no job will settle any more, with their states, at most `limit`.
    pub async fn abandoned_sends(
        &self,
        shards: ShardRange,
        limit: i64,
    ) -> Result<Vec<(AccountId, SendId, SendState)>, StoreError> {
        let (first, last) = shard_ends(shards);
        let abandoned = values(ABANDONED)
            .value("first", first)
            .value("last", last)
            .value("at", self.now().at)
            .value("limit", limit);
        let rows = self.rows_with(abandoned).await?;
        rows.iter()
            .map(|found| {
                Ok((
                    AccountId(row::get(found, "account_id")?),
                    SendId(row::get(found, "id")?),
                    word(found, "state", SendState::parse)?,
                ))
            })
            .collect()
    }

    /// What to look for, and what to judge the answer with; none if the send is not unknown, or has no session to ask.
    pub async fn read_back(
        &self,
        account: AccountId,
        send: SendId,
    ) -> Result<Option<(ReadBack, ResolveFacts)>, StoreError> {
        let rows = self.rows(READ_BACK, &[&account.0, &send.0]).await?;
        let Some(found) = rows.first() else {
            return Ok(None);
        };
        let Some(session) = row::get::<Option<String>>(found, "session_id")? else {
            return Ok(None);
        };
        let action = word(found, "action", Action::parse)?;
        let sending_at: Timestamp = row::get(found, "sending_at")?;
        let asked = ReadBack {
            request: Request {
                send,
                account,
                session: SessionId(session),
                action,
                target: row::get(found, "target")?,
                subject: row::get(found, "subject")?,
                body: row::get(found, "body")?,
                reference: row::get(found, "reference")?,
            },
            started_at: sending_at,
        };
        let rows = self
            .rows(FACTS, &[&account.0, &send.0, &self.now().at])
            .await?;
        let Some(found) = rows.first() else {
            return Ok(None);
        };
        let facts = ResolveFacts {
            send,
            account,
            workspace: WorkspaceId(row::get(found, "workspace_id")?),
            campaign: row::get::<Option<Uuid>>(found, "campaign_id")?.map(policy::ids::CampaignId),
            action,
            sending_at,
            looks: unsigned(found, "looks")?,
            absences: unsigned(found, "absences")?,
            last_look: row::get(found, "last_absence_at")?,
            cooldown_streak: unsigned(found, "cooldown_streak")?,
        };
        Ok(Some((asked, facts)))
    }

    /// Ends the holds of a range of shards, and the queue pauses, whose time is over. Returns how many.
    pub async fn release(&self, shards: ShardRange) -> Result<u64, StoreError> {
        let (first, last) = shard_ends(shards);
        let at = self.now().at;
        let holds = self.change_apart("holds.release", Owner::Account, shards, |only| {
            values(RELEASE)
                .value("first", first)
                .value("last", last)
                .value("at", at)
                .value("only", only)
        });
        Ok(holds.await? + self.execute(RELEASE_PAUSES, &[&at]).await?)
    }
}
