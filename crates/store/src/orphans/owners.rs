//! Accounts with a claim on a session, and sessions with those who claim them.

use crate::error::StoreError;
use crate::row;
use policy::account::Status;
use policy::ids::{AccountId, Identity, SessionId, WorkspaceId};
use policy::orphans::{Claim, Owner, Unclaimed};
use policy::session::{Health, Session};
use tokio_postgres::Row;
use uuid::Uuid;

/// An account with its claim, under the names that `orphans/owners.sql` gives them.
pub(crate) fn owner(found: &Row) -> Result<Owner, StoreError> {
    Ok(Owner {
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        account: AccountId(row::get(found, "id")?),
        status: row::status(found, "status")?,
        claim: claim(row::get(found, "claim")?)?,
    })
}

fn claim(word: &str) -> Result<Claim, StoreError> {
    Claim::parse(word).ok_or_else(|| StoreError::Row {
        column: "claim",
        why: format!("unknown claim {word}"),
    })
}

fn owners(found: &Row) -> Result<Vec<Owner>, StoreError> {
    let workspaces: Option<Vec<Uuid>> = row::get(found, "workspaces")?;
    let accounts: Option<Vec<Uuid>> = row::get(found, "accounts")?;
    let statuses: Option<Vec<&str>> = row::get(found, "statuses")?;
    let claims: Option<Vec<&str>> = row::get(found, "claims")?;
    let pairs = workspaces
        .into_iter()
        .flatten()
        .zip(accounts.into_iter().flatten());
    let words = statuses
        .into_iter()
        .flatten()
        .zip(claims.into_iter().flatten());
    pairs
        .zip(words)
        .map(|((workspace, account), (status, word))| {
            Ok(Owner {
                workspace: WorkspaceId(workspace),
                account: AccountId(account),
                status: Status::parse(status).ok_or_else(|| StoreError::Row {
                    column: "statuses",
                    why: format!("unknown status {status}"),
                })?,
                claim: claim(word)?,
            })
        })
        .collect()
}

pub(super) fn unclaimed(found: &Row) -> Result<Unclaimed, StoreError> {
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
        owners: owners(found)?,
    })
}
