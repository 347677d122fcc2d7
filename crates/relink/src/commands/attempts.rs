//! `relink attempts …`: owners who sign in, or did not (R-LNK-1).

use super::Failure;
use super::act::{OperationArgs, perform, store};
use super::named::Named;
use super::page::{Size, or_dash, show};
use super::table::{table, utc};
use clap::{Args, Subcommand};
use operations::attempts::WithdrawAttempt;
use policy::account::AttemptPhase;
use policy::ids::{AccountId, AttemptId, WorkspaceId};
use std::process::ExitCode;
use store::views::{AttemptFilter, AttemptView, ByAge};
use uuid::Uuid;

/// What is asked about attempts.
#[derive(Subcommand)]
pub(crate) enum Attempts {
    /// Lists attempts of owners to sign in, the newest first.
    List(List),
    /// Shows one attempt.
    Show {
        /// Id of the attempt.
        attempt: Uuid,
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Takes an open attempt back: its link binds nothing any more, and its account is back where it was within a minute.
    Cancel {
        /// Id of the attempt.
        attempt: Uuid,
        #[command(flatten)]
        how: OperationArgs,
    },
}

/// Which of them.
#[derive(Args)]
pub(crate) struct List {
    /// Only of this account, by its id or name, its session or handle.
    #[arg(long)]
    account: Option<String>,
    /// Only of this workspace, by its id or name.
    #[arg(long)]
    workspace: Option<String>,
    /// Only in this state, like open or lapsed, or with this end, like failed.
    #[arg(long, value_parser = state)]
    state: Option<AttemptPhase>,
    /// Only before this place, as `next` of the page before said.
    #[arg(long)]
    after: Option<ByAge>,
    #[command(flatten)]
    size: Size,
}

fn state(text: &str) -> Result<AttemptPhase, String> {
    let all = AttemptPhase::ALL.map(AttemptPhase::as_str).join(", ");
    AttemptPhase::parse(text).ok_or_else(|| format!("there are {all}"))
}

pub(crate) async fn run(asked: Attempts) -> Result<ExitCode, Failure> {
    match asked {
        Attempts::List(asked) => list(asked).await,
        Attempts::Show { attempt, json } => detail(AttemptId(attempt), json).await,
        Attempts::Cancel { attempt, how } => perform(&how, &WithdrawAttempt { attempt }).await,
    }
}

async fn list(asked: List) -> Result<ExitCode, Failure> {
    let workspace = Named::Workspace.filter(asked.workspace.as_deref()).await?;
    let account = Named::Account.filter(asked.account.as_deref()).await?;
    let filter = AttemptFilter {
        workspace: workspace.map(WorkspaceId),
        account: account.map(AccountId),
        state: asked.state,
    };
    let (before, limit) = (asked.after, asked.size.limit);
    let found = store()?
        .reading(async |tx| tx.attempt_views(&filter, before, limit).await)
        .await?;
    show(&found, asked.size.json, "no such attempt", |rows| {
        let rows: Vec<_> = rows.iter().map(row).collect();
        let titles = [
            "id",
            "account",
            "purpose",
            "state",
            "asked at",
            "page until",
            "ended at",
            "by",
            "why",
        ];
        table(titles, &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(attempt: &AttemptView) -> [String; 9] {
    [
        attempt.id.to_string(),
        attempt.account.clone(),
        attempt.purpose.clone(),
        attempt.state.clone(),
        utc(attempt.started_at),
        utc(attempt.link_ends_at),
        or_dash(attempt.closed_at.map(utc).as_deref()),
        or_dash(attempt.asked_by.as_deref()),
        or_dash(attempt.failure.as_deref()),
    ]
}

async fn detail(id: AttemptId, as_json: bool) -> Result<ExitCode, Failure> {
    let any = AttemptFilter::default();
    let found = store()?
        .reading(async |tx| tx.attempt_view(&any, id).await)
        .await?;
    let found = found.ok_or_else(|| Failure::new(format!("there is no attempt {id}")))?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(&found)?);
        return Ok(ExitCode::SUCCESS);
    }
    let AttemptView {
        id,
        account_id,
        account,
        workspace_id,
        purpose,
        state,
        asked_by,
        started_at,
        minted_at,
        link_ends_at,
        name_ends_at,
        answered_at,
        closed_at,
        superseded_by,
        failure,
    } = found;
    let at = |at: Option<_>| or_dash(at.map(utc).as_deref());
    for (name, value) in [
        ("attempt", id.to_string()),
        (
            "account",
            format!("{account_id} {}", super::table::one_line(&account)),
        ),
        ("workspace", workspace_id.to_string()),
        ("purpose", purpose),
        ("state", state),
        ("asked by", or_dash(asked_by.as_deref())),
        ("asked at", utc(started_at)),
        ("page from", at(minted_at)),
        ("page until", utc(link_ends_at)),
        ("name until", utc(name_ends_at)),
        ("used", at(answered_at)),
        ("ended", at(closed_at)),
        (
            "next",
            or_dash(superseded_by.map(|it| it.to_string()).as_deref()),
        ),
        ("why", or_dash(failure.as_deref())),
    ] {
        println!("  {name:<10} {value}");
    }
    Ok(ExitCode::SUCCESS)
}
