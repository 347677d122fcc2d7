//! Mints: what the transactions before and after the provider's call read and write (R-LNK-1). Each is of one account, which
//! [`Tx::lock_for_link`] holds.

use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::{AttemptOutcome, AttemptPhase, AttemptPurpose, Status};
use policy::ids::{AccountId, AttemptId, SessionId, WorkspaceId};
use policy::life::{DEAD_MAX, DEAD_WITHIN, MintFacts, NewestMint};
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK: Sql = sql!("attempts/lock");
const MINT_FACTS: Sql = sql!("attempts/mint_facts");
const BEGIN: Sql = sql!("attempts/begin");
const RENEW_MINT: Sql = sql!("attempts/renew_mint");
const OPEN: Sql = sql!("attempts/open");
const END_MINT: Sql = sql!("attempts/end_mint");

/// Account that a link is asked for, and its newest attempt.
#[derive(Clone, Debug)]
pub struct MintRow {
    /// Workspace of the account.
    pub workspace: WorkspaceId,
    /// Whether that workspace has ended.
    pub is_over: bool,
    /// Earlier row of the same person that the account went on as; nothing is linked to it any more.
    pub merged_into: Option<AccountId>,
    /// The provider's type of the account, `GOOGLE_OAUTH`.
    pub kind: String,
    /// `status_version` of the account.
    pub version: i64,
    /// Name of its open episode; 0 where there is none.
    pub episode: i64,
    /// Facts that are decided on.
    pub facts: MintFacts,
    /// End of the name of its newest attempt; null without one.
    pub name_ends_at: Option<Timestamp>,
    /// Sealed URL of its newest attempt, while its page is open.
    pub url_sealed: Option<Vec<u8>>,
    /// Why its newest attempt has no link, in a word.
    pub failure: Option<String>,
}

/// Ends of a mint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MintTime {
    /// End of the page.
    pub link_ends_at: Timestamp,
    /// End of the time in which nobody else mints.
    pub lease_ends_at: Timestamp,
}

/// Attempt to begin.
#[derive(Clone, Debug)]
pub struct NewAttempt<'a> {
    /// Account to link.
    pub account: AccountId,
    /// Name of the attempt.
    pub attempt: AttemptId,
    /// Attempt that it takes the place of.
    pub supersedes: Option<AttemptId>,
    /// Whether that one was called dead.
    pub is_dead: bool,
    /// What it is for.
    pub purpose: AttemptPurpose,
    /// Whoever asks.
    pub by: &'a str,
    /// Instant of the lock.
    pub at: Timestamp,
    /// End of the signed name.
    pub name_ends_at: Timestamp,
    /// Ends of its first mint.
    pub time: MintTime,
}

/// Attempt whose link is made.
#[derive(Clone, Debug)]
pub struct OpenedAttempt<'a> {
    /// Account to link.
    pub account: AccountId,
    /// The attempt.
    pub attempt: AttemptId,
    /// Number of the mint that made the link.
    pub mint_no: i32,
    /// URL of the page, sealed.
    pub sealed: &'a [u8],
    /// Instant of the lock.
    pub at: Timestamp,
    /// Status and version from which the account becomes `connecting`; null where it stays as it is.
    pub flip: Option<(Status, i64)>,
}

impl Tx {
    /// Holds an account until the transaction ends, and then reads the clock; null where there is no such account.
    pub async fn lock_for_link(&self, account: AccountId) -> Result<Option<Timestamp>, StoreError> {
        let rows = self.rows(LOCK, &[&account.0]).await?;
        let found = rows.first().map(|found| row::get(found, "at"));
        found.transpose().map(Option::flatten)
    }

    /// Account and newest attempt as they are at `at`, after its lock.
    pub async fn mint_row(
        &self,
        account: AccountId,
        at: Timestamp,
    ) -> Result<Option<MintRow>, StoreError> {
        let since = at.checked_sub(DEAD_WITHIN).unwrap_or(Timestamp::MIN);
        let dead_max = i64::try_from(DEAD_MAX).unwrap_or(i64::MAX);
        let asked = values(MINT_FACTS)
            .value("account", account.0)
            .value("dead_since", since)
            .value("dead_max", dead_max);
        let rows = self.rows_with(asked).await?;
        rows.first().map(|found| mint_row(found, at)).transpose()
    }

    /// Begins an attempt, and ends the one whose place it takes.
    pub async fn begin_attempt(&self, new: &NewAttempt<'_>) -> Result<(), StoreError> {
        let NewAttempt {
            account,
            attempt,
            supersedes,
            is_dead,
            purpose,
            by,
            at,
            name_ends_at,
            time,
        } = new;
        let begun = values(BEGIN)
            .value("account", account.0)
            .value("attempt", attempt.0)
            .value("supersedes", supersedes.map(|it| it.0))
            .value("is_dead", *is_dead)
            .value("purpose", purpose.as_str())
            .value("by", *by)
            .value("at", *at)
            .value("link_ends_at", time.link_ends_at)
            .value("ends_at", *name_ends_at)
            .value("lease_ends_at", time.lease_ends_at);
        self.rows_with(begun).await.map(drop)
    }

    /// Gives a mint time of its own: `had_no` is the number that it has, `mint_no` the one that it gets. False: somebody else
    /// has it, or it is over.
    pub async fn renew_mint(
        &self,
        new: &NewAttempt<'_>,
        (had_no, mint_no): (i32, i32),
    ) -> Result<bool, StoreError> {
        let renewed = values(RENEW_MINT)
            .value("account", new.account.0)
            .value("attempt", new.attempt.0)
            .value("had_no", had_no)
            .value("mint_no", mint_no)
            .value("purpose", new.purpose.as_str())
            .value("by", new.by)
            .value("link_ends_at", new.time.link_ends_at)
            .value("lease_ends_at", new.time.lease_ends_at);
        self.said_done(renewed).await
    }

    /// Hands a link out: the attempt waits for its owner, and the account becomes `connecting` with its audit row. False:
    /// another mint has the attempt, or it is over.
    pub async fn open_attempt(&self, opened: &OpenedAttempt<'_>) -> Result<bool, StoreError> {
        let OpenedAttempt {
            account,
            attempt,
            mint_no,
            sealed,
            at,
            flip,
        } = opened;
        let wanted = values(OPEN)
            .value("account", account.0)
            .value("attempt", attempt.0)
            .value("mint_no", *mint_no)
            .value("sealed", *sealed)
            .value("at", *at)
            .value("from", flip.map(|(from, _)| from.as_str()))
            .value("version", flip.map(|(_, version)| version));
        self.said_done(wanted).await
    }

    /// Ends an attempt that gets no page, with what was wrong in a word. False: another mint has it, or it is over.
    pub async fn end_mint(
        &self,
        (account, attempt): (AccountId, AttemptId),
        mint_no: i32,
        (outcome, failure): (AttemptOutcome, Option<&str>),
    ) -> Result<bool, StoreError> {
        let ended = values(END_MINT)
            .value("account", account.0)
            .value("attempt", attempt.0)
            .value("mint_no", mint_no)
            .value("outcome", outcome.as_str())
            .value("failure", failure)
            .value("at", self.now().at);
        self.said_done(ended).await
    }
}

fn mint_row(found: &Row, at: Timestamp) -> Result<MintRow, StoreError> {
    let session = |column| row::get::<Option<String>>(found, column);
    let newest: Option<Uuid> = row::get(found, "attempt_id")?;
    Ok(MintRow {
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        is_over: row::get(found, "is_over")?,
        merged_into: row::get::<Option<Uuid>>(found, "merged_into")?.map(AccountId),
        kind: row::get(found, "kind")?,
        version: row::get(found, "status_version")?,
        episode: row::get(found, "episode")?,
        facts: MintFacts {
            at,
            status: row::status(found, "status")?,
            session: session("session_id")?.map(SessionId),
            kept_session: session("kept_session")?.map(SessionId),
            was_connected: row::get(found, "was_connected")?,
            newest: newest.map(|id| newest_mint(found, id)).transpose()?,
            dead_said: row::get(found, "dead_said")?,
        },
        name_ends_at: row::get(found, "ends_at")?,
        url_sealed: row::get(found, "url_sealed")?,
        failure: row::get(found, "failure")?,
    })
}

fn newest_mint(found: &Row, id: Uuid) -> Result<NewestMint, StoreError> {
    Ok(NewestMint {
        attempt: AttemptId(id),
        phase: word(found, "state", AttemptPhase::parse)?,
        purpose: word(found, "purpose", AttemptPurpose::parse)?,
        mint_no: row::get(found, "mint_no")?,
        minted_at: row::get(found, "minted_at")?,
        lease_ends_at: row::get(found, "mint_lease_ends_at")?,
        link_ends_at: row::get(found, "link_ends_at")?,
        answered_at: row::get(found, "answered_at")?,
    })
}
