//! Notices to owners, as operators read them. No address is among what they read.

use super::{Page, fetched};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::notices::{NoticeState, NoticeStep};
use serde::Serialize;
use std::str::FromStr;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const NOTICES: Sql = sql!("views/notices");

/// Notice to an account's owner, or to the team for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoticeView {
    /// Account that it is about.
    pub account_id: Uuid,
    /// Name of that account.
    pub account: String,
    /// Id of its workspace.
    pub workspace_id: Uuid,
    /// Name of that workspace.
    pub workspace: String,
    /// Episode: the version of the flip that began it, 0 before the first.
    pub episode: i64,
    /// Step of the ladder: `first`, `day_1`, `day_3`, `day_7`, `back`.
    pub step: String,
    /// `planned`, `sending`, `sent`, `failed`, `skipped` or `suppressed`.
    pub state: String,
    /// Reason for an end without a mail.
    pub why: Option<String>,
    /// Reason of its episode.
    pub reason: String,
    /// Instant at which it was written down.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Instant at which it is looked at next; none while it waits for a second look.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// Instant at which it was held back because very many came due together.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub held_at: Option<Timestamp>,
    /// Jobs that were asked to mail it.
    pub tries: i32,
    /// Instant at which its mail was given away last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sending_at: Option<Timestamp>,
    /// Message-ID of that mail.
    pub message_id: Option<String>,
    /// Last code of the mail server.
    pub smtp_code: Option<i16>,
    /// Place at which the mail server failed at the last try, whoever the mail is for: `connect`, `tls`, `login` or `sender`.
    pub trouble: Option<String>,
    /// Instant of its end.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

/// Notices that are asked for; all that is said must fit.
#[derive(Clone, Debug, Default)]
pub struct NoticeFilter {
    /// Of accounts of this workspace.
    pub workspace: Option<Uuid>,
    /// Of this account.
    pub account: Option<Uuid>,
    /// In this state.
    pub state: Option<NoticeState>,
    /// Of this step.
    pub step: Option<NoticeStep>,
}

/// Place behind a notice in the list, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticePlace(Timestamp, Uuid, i16);

impl FromStr for NoticePlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, '~');
        let mut parsed = || {
            let at = parts.next()?.parse().ok()?;
            let account = parts.next()?.parse().ok()?;
            let step = parts.next()?.parse().ok()?;
            Some(Self(at, account, step))
        };
        parsed().ok_or_else(|| format!("{text:?} is not where a page of this list ended"))
    }
}

impl Tx {
    /// One page of notices, the newest first, behind that place.
    pub async fn notice_views(
        &self,
        filter: &NoticeFilter,
        after: Option<NoticePlace>,
        limit: u32,
    ) -> Result<Page<NoticeView>, StoreError> {
        let asked = values(NOTICES)
            .value("workspace", filter.workspace)
            .value("account", filter.account)
            .value("state", filter.state.map(NoticeState::as_str))
            .value("step", filter.step.map(NoticeStep::number))
            .value("before_at", after.map(|it| it.0))
            .value("before_account", after.map(|it| it.1))
            .value("before_step", after.map(|it| it.2))
            .value("limit", fetched(limit));
        let rows = self.rows_with(asked).await?;
        let rows = rows.iter().map(notice).collect::<Result<_, _>>()?;
        Ok(Page::of(rows, limit, |one: &NoticeView| {
            let step = NoticeStep::parse(&one.step).map_or(0, NoticeStep::number);
            format!("{}~{}~{step}", one.created_at, one.account_id)
        }))
    }
}

fn notice(found: &Row) -> Result<NoticeView, StoreError> {
    let step = crate::notices::step(found)?;
    Ok(NoticeView {
        account_id: row::get(found, "account_id")?,
        account: row::get(found, "account")?,
        workspace_id: row::get(found, "workspace_id")?,
        workspace: row::get(found, "workspace")?,
        episode: row::get(found, "episode")?,
        step: step.as_str().to_owned(),
        state: row::get(found, "state")?,
        why: row::get(found, "why")?,
        reason: row::get(found, "reason")?,
        created_at: row::get(found, "created_at")?,
        due_at: row::get(found, "due_at")?,
        held_at: row::get(found, "held_at")?,
        tries: row::get(found, "tries")?,
        sending_at: row::get(found, "sending_at")?,
        message_id: row::get(found, "message_id")?,
        smtp_code: row::get(found, "smtp_code")?,
        trouble: row::get(found, "trouble")?,
        ended_at: row::get(found, "ended_at")?,
    })
}
