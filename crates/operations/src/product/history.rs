//! What became of an account, for its product: changes of status in its owner's words, and times in which it could not send.

use crate::Refused;
use jiff::Timestamp;
use policy::account::{AccountKind, Status};
use policy::ids::{AccountId, WorkspaceId};
use policy::timeline::in_owners_words;
use serde::Serialize;
use store::Tx;
use store::product::{FlipRow, PastEpisode};
use utoipa::ToSchema;

/// Changes of an account's status, the newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Timeline {
    changes: Vec<ChangeView>,
    /// Ask with it for what was before; none: that is all.
    next_cursor: Option<i64>,
}

/// A change of status.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeView {
    /// Number of the change, from 1: the account's version after it.
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Status before; null for the first.
    from: Option<&'static str>,
    to: &'static str,
    cause: String,
    /// The same for the account's owner.
    text: String,
}

/// Times in which an account could not send, the newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EpisodePage {
    episodes: Vec<PastEpisodeView>,
    /// Ask with it for what was before; none: that is all.
    next_cursor: Option<i64>,
}

/// A time in which an account could not send.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PastEpisodeView {
    /// Version of the change that began it.
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    began_at: Timestamp,
    /// Cause of that change.
    cause: String,
    /// Its end; null while it lasts.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Who ended it: `owner`, `restart`, `operator` or `provider`; null while it lasts, and after a disconnect.
    returned_by: Option<String>,
    /// First call after it that the provider took.
    #[schema(value_type = Option<String>, format = DateTime)]
    working_since: Option<Timestamp>,
}

/// Changes of status of an account of that workspace, those before the version `before`.
pub async fn timeline(
    tx: &Tx,
    (of, id): (WorkspaceId, AccountId),
    (before, limit): (Option<i64>, u32),
) -> Result<Timeline, Refused> {
    let found = tx.owners_account(of, id).await?;
    let found = found.ok_or_else(|| Refused::missing(format!("there is no account {id}")))?;
    let kind = AccountKind::parse(&found.appearance.facts.kind);
    let rows = tx.timeline_of(id, (before, i64::from(limit) + 1)).await?;
    let (rows, next_cursor) = page(rows, limit, |row| row.version);
    let changes = rows.into_iter().map(|row| change(row, kind));
    Ok(Timeline {
        changes: changes.collect(),
        next_cursor,
    })
}

/// Times in which an account of that workspace could not send, those that began before the version `before`.
pub async fn episodes(
    tx: &Tx,
    (of, id): (WorkspaceId, AccountId),
    (before, limit): (Option<i64>, u32),
) -> Result<EpisodePage, Refused> {
    if !tx.owns_account(of, id).await? {
        return Err(Refused::missing(format!("there is no account {id}")));
    }
    let rows = tx.episodes_of(id, (before, i64::from(limit) + 1)).await?;
    let (rows, next_cursor) = page(rows, limit, |row| row.version);
    Ok(EpisodePage {
        episodes: rows.into_iter().map(episode).collect(),
        next_cursor,
    })
}

/// Rows of a page, of one row more than it may have, and where the next one begins.
fn page<R>(mut rows: Vec<R>, limit: u32, version: impl Fn(&R) -> i64) -> (Vec<R>, Option<i64>) {
    let limit = limit as usize;
    let has_more = limit < rows.len();
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(version);
    (rows, next)
}

fn change(row: FlipRow, kind: Option<AccountKind>) -> ChangeView {
    let FlipRow {
        version,
        at,
        from,
        to,
        cause,
    } = row;
    ChangeView {
        version,
        at,
        from: from.map(Status::as_str),
        to: to.as_str(),
        text: in_owners_words(from, to, (&cause, kind)),
        cause,
    }
}

fn episode(row: PastEpisode) -> PastEpisodeView {
    let PastEpisode {
        version,
        began_at,
        cause,
        ended_at,
        returned_by,
        proved_at,
    } = row;
    PastEpisodeView {
        version,
        began_at,
        cause,
        ended_at,
        returned_by,
        working_since: proved_at,
    }
}
