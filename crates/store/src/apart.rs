//! Set statements over rows that nobody has read, of which one tenant's row fails alone (R-JOB-3, R-JOB-6).

use crate::columns::{Columns, values};
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Attempted, Parts, Tx};
use policy::schedule::ShardRange;
use std::fmt::Display;
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
    fn of_shards(self) -> Sql {
        match self {
            Self::Account => ACCOUNTS,
            Self::Campaign => CAMPAIGNS,
            Self::Workspace => WORKSPACES,
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

/// Names of the rows of a statement, for alerts and for taking them apart.
pub(crate) struct Named<'a> {
    /// Sweep that runs the statement, as alerts name it.
    pub(crate) work: &'static str,
    /// Noun of a row's owner: `account`.
    pub(crate) noun: &'static str,
    /// Query of the owners' `id`s, run only where a row is refused.
    pub(crate) owners: Columns<'a, ()>,
}

/// What came of the parts of a statement.
#[derive(Debug)]
pub(crate) struct RanApart<I, T> {
    /// Value of each part that was done.
    pub(crate) done: Vec<T>,
    /// Owners of rows that were refused alone.
    pub(crate) aside: Vec<I>,
}

impl Tx {
    /// Runs a statement over a range of shards; `make` gives it for all owners of the range (null), or for some. Owners are
    /// read, and the statement run for fewer and fewer of them, only where the database refuses a row. Returns the rows
    /// that it changed.
    pub(crate) async fn change_apart<'a, R: Sync + 'a>(
        &self,
        work: &'static str,
        owner: Owner,
        shards: ShardRange,
        make: impl Fn(Option<Vec<Uuid>>) -> Columns<'a, R> + Send + Sync,
    ) -> Result<u64, StoreError> {
        let (first, last) = shard_ends(shards);
        let named = Named {
            work,
            noun: owner.noun(),
            owners: values(owner.of_shards())
                .value("first", first)
                .value("last", last),
        };
        let ran = self
            .run_apart(named, async |only| self.execute_with(make(only)).await)
            .await?;
        Ok(ran.done.iter().sum())
    }

    /// Runs a statement over rows of several owners, then, where the database refuses a row, over fewer and fewer of the
    /// owners; `run` runs it for all of them (null), or for some.
    pub(crate) async fn run_apart<I, T>(
        &self,
        named: Named<'_>,
        run: impl AsyncFn(Option<Vec<I>>) -> Result<T, StoreError>,
    ) -> Result<RanApart<I, T>, StoreError>
    where
        I: FromSqlOwned + Clone + Display + Send + Sync,
    {
        let Named { work, noun, owners } = named;
        let mut done = vec![];
        self.mark("SAVEPOINT attempt").await?;
        let ran = run(None).await.map(|value| done.push(value));
        if let Attempted::Done = self.settle_attempt(ran).await? {
            let aside = vec![];
            return Ok(RanApart { done, aside });
        }
        done.clear();
        let rows = self.rows_with(owners).await?;
        let ids: Vec<I> = rows
            .iter()
            .map(|found| row::get(found, "id"))
            .collect::<Result<_, _>>()?;
        let mut parts = Parts::of(work, &ids);
        while let Some(some) = self.next_part(&mut parts).await? {
            let ran = run(Some(some.to_vec())).await;
            done.extend(self.end_part(&mut parts, some, ran).await?);
        }
        let aside = parts.aside().cloned().collect();
        self.tell_aside(parts, |id| format!("{noun} {id}")).await?;
        Ok(RanApart { done, aside })
    }
}
