//! `relink sessions …`: sessions of the provider that no account is linked to.

use super::Failure;
use super::act::store;
use super::page::{Size, show};
use super::table::{one_line, table, utc};
use clap::{Args, Subcommand};
use std::process::ExitCode;
use store::views::KeptSession;

/// What is asked about sessions.
#[derive(Subcommand)]
pub(crate) enum Sessions {
    /// Lists live sessions that disconnected accounts kept: they are billed, and nobody but their own account's restore
    /// claims them.
    Kept(KeptPage),
}

/// Which of them.
#[derive(Args)]
pub(crate) struct KeptPage {
    /// Only after this session, as `next` of the page before said.
    #[arg(long, allow_hyphen_values = true)]
    after: Option<String>,
    #[command(flatten)]
    size: Size,
}

pub(crate) async fn run(asked: Sessions) -> Result<ExitCode, Failure> {
    let Sessions::Kept(KeptPage { after, size }) = asked;
    let after = after.unwrap_or_default();
    let store = store()?;
    let found = store.reading(async |tx| tx.kept_sessions(&after, size.limit).await);
    show(
        &found.await?,
        size.json,
        "no disconnected account kept a session",
        |rows| {
            let rows: Vec<_> = rows.iter().map(row).collect();
            let titles = [
                "session",
                "kind",
                "health",
                "first seen",
                "account",
                "name",
                "status",
                "since",
            ];
            table(titles, &rows)
        },
    )?;
    Ok(ExitCode::SUCCESS)
}

fn row(kept: &KeptSession) -> [String; 8] {
    [
        kept.session.clone(),
        kept.kind.clone(),
        kept.health.clone(),
        utc(kept.first_seen),
        kept.account.to_string(),
        one_line(&kept.name),
        kept.status.clone(),
        utc(kept.since),
    ]
}
