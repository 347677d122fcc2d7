//! Writing what is decided of notices.

use crate::columns::columns;
use crate::counted::Applied;
use crate::error::StoreError;
use crate::notices::facts;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use crate::whole::whole;
use jiff::Timestamp;
use policy::notices::{
    NoticeChange, NoticeChanges, NoticeName, NoticeState, NoticeWhy, PlannedNotice, ServerTrouble,
    StoppedAddress,
};

const CHANGE: Sql = sql!("notices/change");
const FOLLOW: Sql = sql!("notices/follow");
const STOP: Sql = sql!("notices/stop");

/// Work on notices, as alerts of rows set aside name it.
const CHANGES: &str = "notices.change";

impl Tx {
    /// Writes changes of notices, the steps that follow, and addresses that get none any more.
    pub(crate) async fn apply_notices(
        &self,
        changes: &NoticeChanges,
        at: Timestamp,
    ) -> Result<Applied, StoreError> {
        let NoticeChanges {
            changes,
            planned,
            stopped,
        } = changes;
        let mut applied = Applied::default();
        let parts = each_apart!(
            self,
            Parts::of(CHANGES, changes),
            |one| subject(one.notice),
            |some| async { self.change_notices(some, at).await }
        );
        for part in parts {
            applied.add(part);
        }
        let parts = each_apart!(
            self,
            Parts::of(CHANGES, planned),
            |one| subject(one.notice),
            |some| async { self.plan_notices(some, at).await }
        );
        applied.changed += parts.into_iter().sum::<u64>();
        self.stop_addresses(stopped, at).await?;
        Ok(applied)
    }

    async fn change_notices(
        &self,
        changes: &[NoticeChange],
        at: Timestamp,
    ) -> Result<Applied, StoreError> {
        whole!(NoticeChange {
            notice,
            seen,
            then,
            due_at,
            why,
            code,
            trouble,
            is_held
        });
        whole!(NoticeName {
            account,
            episode,
            step
        });
        let written = columns(CHANGE, changes)
            .with("account_id", |it| it.notice.account.0)
            .with("episode", |it| it.notice.episode)
            .with("step", |it| it.notice.step.number())
            .with("seen_state", |it| it.seen.0.as_str())
            .with("seen_tries", |it| it.seen.1)
            .with("state", |it| it.then.0.as_str())
            .with("tries", |it| it.then.1)
            .with("due_at", |it| it.due_at)
            .with("why", |it| it.why.map(NoticeWhy::as_str))
            .with("code", |it| it.code)
            .with("trouble", |it| it.trouble.map(ServerTrouble::as_str))
            .with("is_held", |it| it.is_held)
            .value("at", at);
        let rows = self.rows_with(written).await?;
        let mut applied = Applied {
            changed: rows.len() as u64,
            moved: changes.len().saturating_sub(rows.len()) as u64,
            ..Applied::default()
        };
        for found in &rows {
            let state = word(found, "state", NoticeState::parse)?;
            let step = facts::step(found)?.as_str();
            if !matches!(state, NoticeState::Planned | NoticeState::Sending) {
                let state = state.as_str();
                applied.count(
                    "relink_notices_total",
                    &[("step", step), ("state", state)],
                    1,
                );
            }
        }
        Ok(applied)
    }

    async fn plan_notices(
        &self,
        planned: &[PlannedNotice],
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        whole!(PlannedNotice {
            notice,
            due_at,
            skipped
        });
        let written = columns(FOLLOW, planned)
            .with("account_id", |it| it.notice.account.0)
            .with("episode", |it| it.notice.episode)
            .with("step", |it| it.notice.step.number())
            .with("due_at", |it| it.due_at)
            .with("skipped", |it| it.skipped.map(NoticeWhy::as_str))
            .value("at", at);
        self.execute_with(written).await
    }

    async fn stop_addresses(
        &self,
        stopped: &[StoppedAddress],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        whole!(StoppedAddress {
            workspace,
            address,
            notice
        });
        if stopped.is_empty() {
            return Ok(());
        }
        let written = columns(STOP, stopped)
            .with("workspace_id", |it| it.workspace.0)
            .with("address", |it| it.address.0.as_str())
            .with("account_id", |it| it.notice.account.0)
            .value("at", at);
        self.execute_with(written).await.map(drop)
    }
}

fn subject(notice: NoticeName) -> String {
    format!("account {}", notice.account)
}
