//! Notices to owners: when each is due, and which wait for a second look (R-WAT-6, R-LNK-7).

mod apply;
mod facts;
mod sending;

pub(crate) use facts::step;

use crate::apart::Owner;
use crate::columns::columns;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use jiff::{SignedDuration, Timestamp};
use policy::account::Cause;
use policy::ids::AccountId;
use policy::losses::{Loss, LossCount, LossPace, NoticeReason, SECOND_LOOK_AFTER, second_looks};
use policy::notices::{NoticeState, NoticeStep, NoticeWhy, ServerTrouble, TOLD_FOR};
use policy::schedule::ShardRange;
use policy::session::Health;
use uuid::Uuid;

const WRITE: Sql = sql!("notices/write");
const TELL: Sql = sql!("notices/tell");
const HOLD_BACK: Sql = sql!("notices/hold_back");
const SETTLE: Sql = sql!("notices/settle");
const NEWEST: Sql = sql!("notices/newest");
const COME_BACK: Sql = sql!("notices/come_back");

/// Work on notices, as alerts of rows set aside name it.
const NOTICES: &str = "notices.write";

/// Newest notice of an account's owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Reason, in the word of our tables.
    pub reason: String,
    /// Step of its episode's ladder.
    pub step: NoticeStep,
    /// What became of it.
    pub state: NoticeState,
    /// Instant at which its owner is to be told; none while it waits.
    pub due_at: Option<Timestamp>,
    /// Start of the earliest listing that is its second look; none where it never waited.
    pub look_after: Option<Timestamp>,
    /// Instant of its end; none before.
    pub ended_at: Option<Timestamp>,
    /// Reason for an end without a mail.
    pub why: Option<NoticeWhy>,
    /// Place at which the mail server failed at the last try to mail it.
    pub trouble: Option<ServerTrouble>,
}

impl Tx {
    /// Ends the wait of notices that a second look settles, in a range of shards. Returns how many.
    pub async fn settle_notices(&self, shards: ShardRange) -> Result<u64, StoreError> {
        let (first, last) = shard_ends(shards);
        let looks = second_looks();
        let at = self.now().at;
        self.change_apart("holds.release", Owner::Account, shards, |only| {
            columns(SETTLE, &looks)
                .with("status", |look| look.status.as_str())
                .with("cause", |look| look.cause.as_str())
                .with("health", |look| look.health.map_or("none", Health::as_str))
                .with("verdict", |look| look.then.as_str())
                .value("first", first)
                .value("last", last)
                .value("at", at)
                .value("only", only)
        })
        .await
    }

    /// Tells the owners of accounts of an episode that goes on for long, once an episode (R-LNK-7).
    pub(crate) async fn tell_owners(
        &self,
        accounts: &[AccountId],
        reason: NoticeReason,
    ) -> Result<(), StoreError> {
        let accounts: Vec<Uuid> = accounts.iter().map(|it| it.0).collect();
        each_apart!(
            self,
            Parts::of(NOTICES, &accounts),
            |id| format!("account {id}"),
            |some| async {
                self.execute(TELL, &[&some, &reason.as_str(), &self.now().at])
                    .await
            }
        );
        Ok(())
    }

    /// Newest notice of an account's owner; none if there was never one.
    pub async fn newest_notice(&self, account: AccountId) -> Result<Option<Notice>, StoreError> {
        let rows = self.rows(NEWEST, &[&account.0]).await?;
        let Some(found) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(Notice {
            reason: row::get(found, "reason")?,
            step: step(found)?,
            state: word(found, "state", NoticeState::parse)?,
            due_at: row::get(found, "due_at")?,
            look_after: row::get(found, "look_after")?,
            ended_at: row::get(found, "ended_at")?,
            why: facts::maybe(found, "why", NoticeWhy::parse)?,
            trouble: facts::maybe(found, "trouble", ServerTrouble::parse)?,
        }))
    }

    /// Lets notices of accounts that have just come back be looked at, and tells owners who heard of the loss.
    pub(crate) async fn tell_of_return(
        &self,
        back: &[Uuid],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let told_until = at.checked_sub(TOLD_FOR).unwrap_or(Timestamp::MIN);
        self.execute(COME_BACK, &[&back, &at, &told_until])
            .await
            .map(drop)
    }

    /// Writes a notice for each loss that its owner must hear of. A burst that begins holds back those that were written
    /// before it was one and are not due yet.
    pub(crate) async fn write_notices(
        &self,
        losses: &[Loss],
        counts: &[LossCount],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let look_after = later(at, SECOND_LOOK_AFTER);
        let begun = of_pace(counts, |pace| pace == LossPace::BurstBegins);
        if !begun.is_empty() {
            let early = columns(HOLD_BACK, &begun)
                .with("kind", |it| it.kind.as_str())
                .with("cause", |it| it.cause.as_str())
                .value("at", at)
                .value("look_after", look_after);
            self.execute_with(early).await?;
        }
        let told: Vec<(&Loss, NoticeReason)> = losses
            .iter()
            .filter_map(|loss| Some((loss, loss.notice?)))
            .collect();
        let bursts = of_pace(counts, |pace| pace != LossPace::Usual);
        let kinds: Vec<String> = bursts.iter().map(|it| it.kind.clone()).collect();
        let causes: Vec<&str> = bursts.iter().map(|it| Cause::as_str(it.cause)).collect();
        each_apart!(
            self,
            Parts::of(NOTICES, &told),
            |(loss, _)| format!("account {}", loss.account),
            |some| async {
                let written = columns(WRITE, some)
                    .with("account_id", |(loss, _)| loss.account.0)
                    .with("cause", |(loss, _)| loss.cause.as_str())
                    .with("reason", |(_, reason)| reason.as_str())
                    .value("burst_kind", &kinds)
                    .value("burst_cause", &causes)
                    .with("due_at", |(_, reason)| later(at, reason.told_after()))
                    .value("look_after", look_after)
                    .value("at", at);
                self.execute_with(written).await
            }
        );
        Ok(())
    }
}

fn of_pace(counts: &[LossCount], wanted: fn(LossPace) -> bool) -> Vec<&LossCount> {
    counts.iter().filter(|it| wanted(it.pace())).collect()
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
