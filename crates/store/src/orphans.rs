//! Accounts whose link never landed, and the sessions that could be theirs.

use crate::columns::values;
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::{AccountId, AttemptId, Identity, SessionId, WorkspaceId};
use policy::orphans::{Attempt, Neighbourhood, Unclaimed, Waiting};
use policy::schedule::ShardRange;
use policy::session::{Health, Session};
use std::collections::BTreeMap;
use tokio_postgres::Row;
use uuid::Uuid;

const WAITING: Sql = sql!("orphans/waiting");
const CANDIDATES: Sql = sql!("orphans/candidates");
const NEIGHBOURS: Sql = sql!("orphans/neighbours");
const GHOSTS: Sql = sql!("orphans/ghosts");

/// Sessions without an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ghosts {
    /// How many.
    pub count: i64,
    /// The oldest of them.
    pub sample: Vec<String>,
}

impl Tx {
    /// Accounts of a range of shards that wait since before `since`, every session that could fit one of them, and
    /// every other waiting account that those sessions could fit. At most `limit` accounts of the range.
    pub async fn neighbourhood(
        &self,
        shards: ShardRange,
        since: Timestamp,
        limit: i64,
    ) -> Result<Neighbourhood, StoreError> {
        let (first, last) = shard_ends(shards);
        let asked = values(WAITING)
            .value("first", first)
            .value("last", last)
            .value("since", since)
            .value("limit", limit);
        let rows = self.rows_with(asked).await?;
        let own = rows.iter().map(waiting).collect::<Result<Vec<_>, _>>()?;
        let by_attempt: Vec<String> = own
            .iter()
            .filter_map(|one| Some(one.attempt.as_ref()?.session.as_ref()?.0.clone()))
            .collect();
        let by_identity: Vec<String> = own
            .iter()
            .filter_map(|one| Some(one.row.identity.as_ref()?.0.clone()))
            .collect();
        let by_handle: Vec<String> = own.iter().filter_map(|one| one.declared.clone()).collect();
        let rows = self
            .rows(CANDIDATES, &[&by_attempt, &by_identity, &by_handle])
            .await?;
        let sessions = rows.iter().map(unclaimed).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<&str> = sessions
            .iter()
            .map(|one| one.session.id.0.as_str())
            .collect();
        let people: Vec<&str> = sessions
            .iter()
            .filter_map(|one| {
                one.session
                    .identity
                    .as_ref()
                    .map(|person| person.0.as_str())
            })
            .collect();
        let handles: Vec<&str> = sessions
            .iter()
            .filter_map(|one| one.session.handle.as_deref())
            .collect();
        let rows = self.rows(NEIGHBOURS, &[&ids, &people, &handles]).await?;
        let mut all: BTreeMap<AccountId, Waiting> =
            own.into_iter().map(|one| (one.row.account, one)).collect();
        for found in &rows {
            let one = waiting(found)?;
            all.entry(one.row.account).or_insert(one);
        }
        Ok(Neighbourhood {
            waiting: all.into_values().collect(),
            sessions,
        })
    }

    /// Sessions that have had no account since before `since` (R-ORP-3).
    pub async fn ghosts(&self, since: Timestamp) -> Result<Ghosts, StoreError> {
        let rows = self.rows(GHOSTS, &[&since]).await?;
        let found = rows.first().ok_or(StoreError::Row {
            column: "ghosts",
            why: "no answer".into(),
        })?;
        Ok(Ghosts {
            count: row::get(found, "ghosts")?,
            sample: row::get::<Option<Vec<String>>>(found, "sample")?.unwrap_or_default(),
        })
    }
}

fn waiting(found: &Row) -> Result<Waiting, StoreError> {
    let attempt = match row::get::<Option<Uuid>>(found, "attempt_id")? {
        None => None,
        Some(id) => Some(Attempt {
            id: AttemptId(id),
            started_at: row::get(found, "started_at")?,
            ends_at: row::get(found, "ends_at")?,
            session: row::get::<Option<String>>(found, "attempt_session")?.map(SessionId),
        }),
    };
    Ok(Waiting {
        row: row::account(found, "id")?,
        declared: row::get(found, "handle")?,
        attempt,
    })
}

fn unclaimed(found: &Row) -> Result<Unclaimed, StoreError> {
    let owner = |workspace: &'static str,
                 account: &'static str|
     -> Result<Option<(WorkspaceId, AccountId)>, StoreError> {
        let workspace: Option<Uuid> = row::get(found, workspace)?;
        let account: Option<Uuid> = row::get(found, account)?;
        Ok(workspace
            .zip(account)
            .map(|(workspace, account)| (WorkspaceId(workspace), AccountId(account))))
    };
    let health: &str = row::get(found, "health")?;
    Ok(Unclaimed {
        session: Session {
            id: SessionId(row::get(found, "session_id")?),
            kind: row::get(found, "kind")?,
            name: row::get(found, "name")?,
            health: Health::parse(health).unwrap_or(Health::Unknown),
            words: row::get(found, "words")?,
            odd: vec![],
            side: None,
            identity: row::get::<Option<String>>(found, "identity")?.map(Identity),
            handle: row::get(found, "handle")?,
            created_at: row::get(found, "created_at")?,
        },
        seen_at: row::get(found, "seen_at")?,
        claimed_by: owner("claimed_workspace", "claimed_account")?,
        identity_owner: owner("identity_workspace", "identity_account")?,
    })
}
