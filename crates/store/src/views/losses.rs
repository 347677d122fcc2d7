//! The feed of losses and returns: each line once, in one order, also what is committed late (R-WAT-7).

mod place;

pub use place::LossPlace;

use super::bounded;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use place::Scanned;
use policy::account::{AccountKind, Cause, Status};
use policy::life::{Remedy, remedy};
use policy::losses::LossNews;
use serde::Serialize;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const PAGE: Sql = sql!("losses/page");

/// Lines that one page passes over at most, whomever they are of: what it costs does not grow with the feed.
const SCANNED_MAX: i64 = 2_000;

/// A loss, or a return, of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LossLine)]
pub struct LossView {
    /// Id of the audit row; not the order of the feed.
    pub id: i64,
    /// `lost`; `worse`, for a lost one that needs more than was thought; or `returned`.
    #[schema(value_type = String)]
    pub news: LossNews,
    /// Account that was lost, or returned.
    pub account_id: Uuid,
    /// Name of the account.
    pub account: String,
    /// Type of the account at the provider.
    pub kind: String,
    /// Name of the account's workspace.
    pub workspace: String,
    /// Id of that workspace.
    pub workspace_id: Uuid,
    /// Status before.
    #[schema(value_type = String)]
    pub from: Status,
    /// Status after.
    #[schema(value_type = String)]
    pub to: Status,
    /// Cause, as the audit row has it.
    pub cause: String,
    /// Instant of the decision.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Bringer of the way out: `nobody` need, `time`, `provider`, `fleet`, `owner` or `operators`.
    pub by: &'static str,
    /// Act that brings it.
    pub done: &'static str,
    /// Time for which it is theirs alone.
    pub until: &'static str,
    /// End of that time, where one is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until_at: Option<Timestamp>,
    /// Bringer after that.
    pub then_by: &'static str,
}

/// One page of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LossPage {
    /// Lines; there may be none on a page that is not the last.
    #[schema(inline)]
    pub rows: Vec<LossView>,
    /// Asked with this, the feed goes on: at once, or later with what came until then.
    #[schema(value_type = String)]
    pub next: LossPlace,
    /// Whether there is more at once.
    pub has_more: bool,
}

/// Part of the feed that is asked for.
#[derive(Clone, Debug, Default)]
pub struct LossFilter {
    /// Only accounts of this workspace.
    pub workspace: Option<Uuid>,
}

impl Tx {
    /// Next page of the feed after a place, at most `limit` lines.
    pub async fn loss_page(
        &self,
        filter: &LossFilter,
        after: &LossPlace,
        limit: u32,
    ) -> Result<LossPage, StoreError> {
        let limit = bounded(limit);
        let page = values(PAGE)
            .value("since", after.since)
            .value("seen", after.seen.as_deref())
            .value("until", after.until.as_deref())
            .value("xid", after.xid.as_str())
            .value("id", after.id)
            .value("workspace", filter.workspace)
            .value("scanned_max", SCANNED_MAX)
            .value("limit", i64::from(limit));
        let found = self.rows_with(page).await?;
        let first = found.first().ok_or_else(|| StoreError::Row {
            column: "until",
            why: "no answer".into(),
        })?;
        let until: String = row::get(first, "until")?;
        let restarted = LossPlace::since(after.since);
        let after = if row::get(first, "is_ours")? {
            after
        } else {
            &restarted
        };
        let told: Vec<&Row> = found
            .iter()
            .filter(|it| matches!(row::get::<Option<i64>>(it, "id"), Ok(Some(_))))
            .collect();
        let scanned = match told.last() {
            Some(last) if told.len() == limit as usize => Scanned::upto(last, "xid", "id")?,
            _ if row::get::<i64>(first, "scanned")? == SCANNED_MAX => {
                Scanned::upto(first, "last_xid", "last_id")?
            }
            _ => Scanned::All,
        };
        Ok(LossPage {
            // Behind a set that was held fast there may be the next one.
            has_more: scanned != Scanned::All || after.until.is_some(),
            next: after.next(until, scanned, self.now().at),
            rows: lines(told)?,
        })
    }
}

fn lines(told: Vec<&Row>) -> Result<Vec<LossView>, StoreError> {
    told.into_iter()
        .filter_map(|it| line(it).transpose())
        .collect()
}

/// A line of the feed; none for a row that tells of neither a loss nor a return, which stops nobody.
fn line(found: &Row) -> Result<Option<LossView>, StoreError> {
    let from: Option<&str> = row::get(found, "from_status")?;
    let (from, to) = (
        from.and_then(Status::parse),
        row::status(found, "to_status")?,
    );
    let (Some(from), Some(news)) = (from, LossNews::of(from, to)) else {
        return Ok(None);
    };
    let (cause, kind): (String, String) = (row::get(found, "cause")?, row::get(found, "kind")?);
    let at = row::get(found, "at")?;
    let Remedy {
        by,
        done,
        until,
        until_at,
        then_by,
    } = remedy(to, Cause::parse(&cause), AccountKind::parse(&kind), at);
    Ok(Some(LossView {
        id: row::get(found, "id")?,
        news,
        account_id: row::get(found, "account_id")?,
        account: row::get(found, "name")?,
        kind,
        workspace: row::get(found, "workspace")?,
        workspace_id: row::get(found, "workspace_id")?,
        from,
        to,
        cause,
        at,
        by,
        done,
        until,
        until_at,
        then_by,
    }))
}
