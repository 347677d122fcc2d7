//! Set statements over rows that nobody has read, of which one tenant's row fails alone (R-JOB-3, R-JOB-6).

use crate::columns::{Columns, values};
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Attempted, SET_ASIDE_MAX, Tx, reason, set_aside};
use policy::decision::Alert;
use policy::schedule::ShardRange;
use std::fmt::Display;
use tokio_postgres::Row;
use tokio_postgres::types::FromSqlOwned;
use uuid::Uuid;

const ACCOUNTS: Sql = sql!("apart/accounts");
const CAMPAIGNS: Sql = sql!("apart/campaigns");
const WORKSPACES: Sql = sql!("apart/workspaces");

/// Owners by which a statement's rows are taken apart where some are refused.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner {
    Account,
    Campaign,
    Workspace,
}

impl Owner {
    fn of_shards<'a>(self, first: i16, last: i16) -> Columns<'a, ()> {
        match self {
            Self::Account => values(ACCOUNTS).value("first", first).value("last", last),
            Self::Campaign => values(CAMPAIGNS).value("first", first).value("last", last),
            Self::Workspace => values(WORKSPACES).value("first", first).value("last", last),
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Campaign => "campaign",
            Self::Workspace => "workspace",
        }
    }
}

/// Owners that a statement is run for: all of them if null.
pub(crate) struct Only<I>(pub(crate) Option<Vec<I>>);

/// A statement over rows that nobody has read: run for all of their owners, then, where the database refuses a row, for fewer
/// and fewer of them.
pub(crate) struct Apart<'a, I> {
    /// Sweep that runs the statement, as alerts name it.
    work: &'static str,
    /// Noun of a row's owner: `account`.
    noun: &'static str,
    /// Query of the owners' `id`s, run only where a row is refused.
    owners: Option<Columns<'a, ()>>,
    /// Owners to try next, the first ones last; null is all of them.
    left: Vec<Option<Vec<I>>>,
    aside: Vec<(I, StoreError)>,
}

impl<'a, I> Apart<'a, I>
where
    I: FromSqlOwned + Clone + Display + Send + Sync,
{
    pub(crate) fn of(work: &'static str, noun: &'static str, owners: Columns<'a, ()>) -> Self {
        Self {
            work,
            noun,
            owners: Some(owners),
            left: vec![None],
            aside: vec![],
        }
    }

    /// Owners to run the statement for next, behind a savepoint; none once each was tried.
    pub(crate) async fn next(&mut self, tx: &Tx) -> Result<Option<Only<I>>, StoreError> {
        let Some(only) = self.left.pop() else {
            return Ok(None);
        };
        tx.mark("SAVEPOINT attempt").await?;
        Ok(Some(Only(only)))
    }

    /// Keeps what was done for `only`, or undoes it where a row was refused.
    pub(crate) async fn end<T>(
        &mut self,
        tx: &Tx,
        only: Option<Vec<I>>,
        ran: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let (ran, value) = match ran {
            Ok(value) => (Ok(()), Some(value)),
            Err(error) => (Err(error), None),
        };
        match tx.settle_attempt(ran).await? {
            Attempted::Done => return Ok(value),
            Attempted::Refused(error) => self.note(tx, only, error).await?,
        }
        Ok(None)
    }

    async fn note(
        &mut self,
        tx: &Tx,
        only: Option<Vec<I>>,
        error: StoreError,
    ) -> Result<(), StoreError> {
        let mut some = match (only, self.owners.take()) {
            (Some(some), _) => some,
            (None, Some(owners)) => ids(&tx.rows_with(owners).await?)?,
            (None, None) => return Err(error),
        };
        match some.len() {
            _ if self.aside.len() == SET_ASIDE_MAX => return Err(error),
            // Refused without an owner: it is no row's fault.
            0 => return Err(error),
            1 => self.aside.extend(some.pop().map(|one| (one, error))),
            several => {
                let second = some.split_off(several / 2);
                self.left.extend([Some(second), Some(some)]);
            }
        }
        Ok(())
    }

    /// Tells of owners whose rows were refused alone, and returns them.
    pub(crate) async fn tell(self, tx: &Tx) -> Result<Vec<I>, StoreError> {
        let Self {
            work, noun, aside, ..
        } = self;
        let alerts: Vec<Alert> = aside
            .iter()
            .map(|(id, error)| set_aside(work, &format!("{noun} {id}"), &reason(error)))
            .collect();
        tx.raise_all(&alerts).await?;
        Ok(aside.into_iter().map(|(id, _)| id).collect())
    }
}

fn ids<I: FromSqlOwned>(rows: &[Row]) -> Result<Vec<I>, StoreError> {
    rows.iter().map(|found| row::get(found, "id")).collect()
}

impl Tx {
    /// Runs a statement over a range of shards; `make` gives it for all owners of the range (null), or for some. Returns the
    /// rows that it changed.
    pub(crate) async fn change_apart<'a, R: Sync + 'a>(
        &self,
        work: &'static str,
        owner: Owner,
        shards: ShardRange,
        make: impl Fn(Option<Vec<Uuid>>) -> Columns<'a, R> + Send,
    ) -> Result<u64, StoreError> {
        let (first, last) = shard_ends(shards);
        let mut apart = Apart::of(work, owner.noun(), owner.of_shards(first, last));
        let mut changed = 0;
        while let Some(Only(only)) = apart.next(self).await? {
            let ran = self.execute_with(make(only.clone())).await;
            changed += apart.end(self, only, ran).await?.unwrap_or(0);
        }
        apart.tell(self).await?;
        Ok(changed)
    }
}
