//! Sends whose outcome nobody knows, and holds whose time is over.

use super::facts::{unsigned, word};
use crate::apart::{Apart, Only, Owner};
use crate::columns::values;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Tx, account_of};
use policy::ids::{AccountId, CampaignId, SendId, SessionId, WorkspaceId};
use policy::schedule::ShardRange;
use policy::sends::call::{ReadBack, Request};
use policy::sends::resolve::ResolveFacts;
use policy::sends::sight::{Addressee, Likeness, OtherSend};
use policy::sends::{Action, SendState};
use tokio_postgres::Row;
use uuid::Uuid;

const DUE: Sql = sql!("sends/unknown_due");
const ABANDONED: Sql = sql!("sends/abandoned");
const READ_BACK: Sql = sql!("sends/read_back");
const RESOLVE_FACTS: Sql = sql!("sends/resolve_facts");
const OTHERS: Sql = sql!("sends/others");
const RELEASE: Sql = sql!("holds/release");
const RELEASE_PAUSES: Sql = sql!("holds/release_pauses");
const ENDED_PAUSES: Sql = sql!("apart/pauses");

/// An unknown outcome that is due for a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSend {
    /// Facts, whose number of looks names the next one; refusals in a row are not asked for, and 0.
    pub facts: ResolveFacts,
    /// Progress of the asking for its next look.
    pub next_look: NextLook,
}

/// Progress of the asking for a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextLook {
    /// Job still to run, or to be asked for.
    Open,
    /// Job that ended and noted nothing: a dead letter, or one that met no session to ask.
    Lost,
}

/// Question about an unknown outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Question that the provider can answer.
    Ask(ReadBack),
    /// Account without a session to ask.
    NoSession,
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
        let read = |found: &Row| {
            let is_over: bool = row::get(found, "is_over")?;
            Ok(UnknownSend {
                facts: resolve_facts(found)?,
                next_look: if is_over {
                    NextLook::Lost
                } else {
                    NextLook::Open
                },
            })
        };
        Ok(self.readable("sends.settle", &rows, account_of("account_id"), read))
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
        let read = |found: &Row| {
            Ok((
                AccountId(row::get(found, "account_id")?),
                SendId(row::get(found, "id")?),
                word(found, "state", SendState::parse)?,
            ))
        };
        Ok(self.readable("sends.settle", &rows, account_of("account_id"), read))
    }

    /// Finds the question to ask about a send; none if it is not unknown.
    pub async fn read_back(
        &self,
        account: AccountId,
        send: SendId,
    ) -> Result<Option<Question>, StoreError> {
        let rows = self.rows(READ_BACK, &[&account.0, &send.0]).await?;
        let Some(found) = rows.first() else {
            return Ok(None);
        };
        let Some(session) = row::get::<Option<String>>(found, "session_id")? else {
            return Ok(Some(Question::NoSession));
        };
        Ok(Some(Question::Ask(ReadBack {
            request: Request {
                send,
                account,
                session: SessionId(session),
                action: word(found, "action", Action::parse)?,
                target: row::get(found, "target")?,
                subject: row::get(found, "subject")?,
                body: row::get(found, "body")?,
                reference: row::get(found, "reference")?,
            },
            shown_at: row::get(found, "shown_at")?,
        })))
    }

    /// Finds the facts to judge the provider's answer with; none if the send is not unknown any more.
    pub async fn resolve_facts(
        &self,
        account: AccountId,
        send: SendId,
    ) -> Result<Option<ResolveFacts>, StoreError> {
        let rows = self.rows(RESOLVE_FACTS, &[&account.0, &send.0]).await?;
        rows.first().map(resolve_facts).transpose()
    }

    /// Other sends of the account that may be what the provider shows: of a message or InMail both kinds, of an e-mail
    /// all e-mails. To be asked after the provider: what it showed had begun by then.
    pub async fn other_sends(
        &self,
        account: AccountId,
        send: SendId,
    ) -> Result<Vec<OtherSend>, StoreError> {
        let rows = self.rows(OTHERS, &[&account.0, &send.0]).await?;
        rows.iter()
            .map(|found| {
                let is_to_target: bool = row::get(found, "is_to_target")?;
                Ok(OtherSend {
                    send: SendId(row::get(found, "id")?),
                    state: word(found, "state", SendState::parse)?,
                    addressee: if is_to_target {
                        Addressee::Target
                    } else {
                        Addressee::Other
                    },
                    reference: row::get(found, "reference")?,
                    text: match row::get(found, "is_same_text")? {
                        Some(true) => Likeness::Same,
                        Some(false) => Likeness::Other,
                        None => Likeness::Unreadable,
                    },
                    called_at: row::get(found, "sending_at")?,
                })
            })
            .collect()
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
        let mut ended = holds.await?;
        let owners = values(ENDED_PAUSES).value("at", at);
        let mut apart = Apart::<Uuid>::of("holds.release", "pause", owners);
        while let Some(Only(only)) = apart.next(self).await? {
            let ran = self.execute(RELEASE_PAUSES, &[&at, &only]).await;
            ended += apart.end(self, only, ran).await?.unwrap_or(0);
        }
        apart.tell(self).await?;
        Ok(ended)
    }
}

fn resolve_facts(found: &Row) -> Result<ResolveFacts, StoreError> {
    Ok(ResolveFacts {
        send: SendId(row::get(found, "id")?),
        account: AccountId(row::get(found, "account_id")?),
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        campaign: row::get::<Option<Uuid>>(found, "campaign_id")?.map(CampaignId),
        action: word(found, "action", Action::parse)?,
        sending_at: row::get(found, "sending_at")?,
        looks: unsigned(found, "looks")?,
        absences: unsigned(found, "absences")?,
        last_look: row::get(found, "last_absence_at")?,
        cooldown_streak: unsigned(found, "cooldown_streak")?,
    })
}
