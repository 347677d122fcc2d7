//! `relink notices …`: what owners are told, and what reached nobody (R-LNK-7).

use super::Failure;
use super::act::{OperationArgs, perform, store};
use super::named::Named;
use super::page::{Size, or_dash, show};
use super::table::{table, utc};
use clap::{Args, Subcommand};
use operations::notices::Redrive;
use policy::notices::{NoticeState, NoticeStep};
use std::process::ExitCode;
use store::views::{NoticeFilter, NoticePlace, NoticeView};
use uuid::Uuid;

/// What is asked about notices.
#[derive(Subcommand)]
pub(crate) enum Notices {
    /// Lists notices, the newest first.
    List(List),
    /// Has a notice told again that reached nobody, or at once that is held back.
    Redrive {
        /// Account that it is about, by its id.
        account: Uuid,
        /// Episode, as the list names it.
        episode: i64,
        /// first, day_1, day_3, day_7 or back.
        #[arg(value_parser = step)]
        step: NoticeStep,
        #[command(flatten)]
        how: OperationArgs,
    },
}

/// Which of them.
#[derive(Args)]
pub(crate) struct List {
    /// Only those in this state.
    #[arg(long, value_parser = state)]
    state: Option<NoticeState>,
    /// Only those of this step.
    #[arg(long, value_parser = step)]
    step: Option<NoticeStep>,
    /// Only of this account, by its id or name, session or handle.
    #[arg(long)]
    account: Option<String>,
    /// Only of this workspace, by its id or name.
    #[arg(long)]
    workspace: Option<String>,
    /// Only after that place, as `next` of the page before said.
    #[arg(long)]
    after: Option<NoticePlace>,
    #[command(flatten)]
    size: Size,
}

fn state(text: &str) -> Result<NoticeState, String> {
    let all = NoticeState::ALL.map(NoticeState::as_str).join(", ");
    NoticeState::parse(text).ok_or_else(|| format!("there are {all}"))
}

fn step(text: &str) -> Result<NoticeStep, String> {
    let all = NoticeStep::ALL.map(NoticeStep::as_str).join(", ");
    NoticeStep::parse(text).ok_or_else(|| format!("there are {all}"))
}

pub(crate) async fn run(asked: Notices) -> Result<ExitCode, Failure> {
    match asked {
        Notices::List(asked) => list(asked).await,
        Notices::Redrive {
            account,
            episode,
            step,
            how,
        } => {
            let redrive = Redrive {
                account,
                episode,
                step,
            };
            perform(&how, &redrive).await
        }
    }
}

async fn list(asked: List) -> Result<ExitCode, Failure> {
    let List {
        state,
        step,
        account,
        workspace,
        after,
        size,
    } = asked;
    let filter = NoticeFilter {
        workspace: Named::Workspace.filter(workspace.as_deref()).await?,
        account: Named::Account.filter(account.as_deref()).await?,
        state,
        step,
    };
    let store = store()?;
    let found = store.reading(async |tx| tx.notice_views(&filter, after, size.limit).await);
    show(&found.await?, size.json, "no such notice", |rows| {
        let rows: Vec<_> = rows.iter().map(row).collect();
        let titles = [
            "account",
            "name",
            "episode",
            "step",
            "state",
            "why",
            "due",
            "given away",
            "code",
            "fails at",
        ];
        table(titles, &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(notice: &NoticeView) -> [String; 10] {
    [
        notice.account_id.to_string(),
        notice.account.clone(),
        notice.episode.to_string(),
        notice.step.clone(),
        notice.state.clone(),
        or_dash(notice.why.as_deref()),
        or_dash(notice.due_at.map(utc).as_deref()),
        or_dash(notice.sending_at.map(utc).as_deref()),
        notice.smtp_code.map_or("-".to_owned(), |it| it.to_string()),
        or_dash(notice.trouble.as_deref()),
    ]
}
