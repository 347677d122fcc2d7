//! Set statements over a range of shards, of which one tenant's row fails alone (R-JOB-3, R-JOB-6).

use crate::columns::Columns;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Attempted, Parts, Tx};
use policy::schedule::ShardRange;
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

impl Tx {
    /// Runs a statement over a range of shards; `make` gives it for all owners of the range (null), or for some. Owners are
    /// read, and the statement run for fewer and fewer of them, only where the database refuses a row. Returns the rows
    /// that it changed.
    pub(crate) async fn change_apart<'a, R: Sync + 'a>(
        &self,
        work: &'static str,
        owner: Owner,
        shards: ShardRange,
        make: impl Fn(Option<Vec<Uuid>>) -> Columns<'a, R> + Send,
    ) -> Result<u64, StoreError> {
        let mut changed = 0;
        self.mark("SAVEPOINT attempt").await?;
        let ran = self
            .execute_with(make(None))
            .await
            .map(|rows| changed = rows);
        if let Attempted::Done = self.settle_attempt(ran).await? {
            return Ok(changed);
        }
        let (first, last) = shard_ends(shards);
        let rows = self.rows(owner.of_shards(), &[&first, &last]).await?;
        let ids: Vec<Uuid> = rows
            .iter()
            .map(|found| row::get(found, "id"))
            .collect::<Result<_, _>>()?;
        let mut parts = Parts::of(work, &ids);
        while let Some(some) = self.next_part(&mut parts).await? {
            let ran = self.execute_with(make(Some(some.to_vec()))).await;
            changed += self.end_part(&mut parts, some, ran).await?.unwrap_or(0);
        }
        let noun = owner.noun();
        self.tell_aside(parts, |id| format!("{noun} {id}")).await?;
        Ok(changed)
    }
}
