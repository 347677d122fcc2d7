//! `relink watch …`: losses that the mass-change breaker stopped (R-WAT-3).

use super::Failure;
use super::act::{OperationArgs, perform, store};
use super::named::Named;
use super::page::{Size, or_dash, show};
use super::table::{table, utc};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use operations::watch::{Accept, Refuse};
use policy::instant::read_instant;
use std::process::ExitCode;
use store::views::{StoppedLossView, StoppedRunView};
use uuid::Uuid;

/// What is asked about losses that were stopped.
#[derive(Subcommand)]
pub(crate) enum Watch {
    /// Lists runs that stopped losses, the newest first, and what became of these.
    List {
        /// Only before this run, as `next` of the page before said.
        #[arg(long, value_parser = read_instant)]
        after: Option<Timestamp>,
        #[command(flatten)]
        size: Size,
    },
    /// Shows what one run stopped: each account, what its session says, and who answered.
    Show {
        /// The run, as its alert names it.
        run: Timestamp,
        /// Only after this account, as `next` of the page before said.
        #[arg(long)]
        after: Option<Uuid>,
        #[command(flatten)]
        size: Size,
    },
    /// Accepts losses: those seen within the last 5 minutes are applied at once, others with the next run.
    Accept {
        #[command(flatten)]
        losses: Losses,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Refuses losses: while their sessions keep saying them, nothing is done for 24 hours.
    Refuse {
        #[command(flatten)]
        losses: Losses,
        #[command(flatten)]
        how: OperationArgs,
    },
}

/// All that a run stopped, or those of accounts.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Losses {
    /// The run, as its alert names it: all that it stopped and nobody answered.
    run: Option<Timestamp>,
    /// Of this account, by its id or name, session or handle; several may be named.
    #[arg(long = "account")]
    accounts: Vec<String>,
}

pub(crate) async fn run(asked: Watch) -> Result<ExitCode, Failure> {
    match asked {
        Watch::List { after, size } => list(after, &size).await,
        Watch::Show { run, after, size } => losses_of(run, after, &size).await,
        Watch::Accept { losses, how } => {
            let Losses { run, accounts } = losses;
            let accounts = Named::Account.ids(&accounts).await?;
            perform(&how, &Accept { run, accounts }).await
        }
        Watch::Refuse { losses, how } => {
            let Losses { run, accounts } = losses;
            let accounts = Named::Account.ids(&accounts).await?;
            perform(&how, &Refuse { run, accounts }).await
        }
    }
}

async fn list(after: Option<Timestamp>, size: &Size) -> Result<ExitCode, Failure> {
    let store = store()?;
    let found = store.reading(async |tx| tx.stopped_runs(after, size.limit).await);
    show(&found.await?, size.json, "no run stopped a loss", |rows| {
        let rows: Vec<_> = rows.iter().map(stopped_run).collect();
        let titles = [
            "run",
            "stopped",
            "open",
            "accepted",
            "refused",
            "applied",
            "withdrawn",
        ];
        table(titles, &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn stopped_run(found: &StoppedRunView) -> [String; 7] {
    [
        found.run.to_string(),
        found.stopped.to_string(),
        found.open.to_string(),
        found.accepted.to_string(),
        found.refused.to_string(),
        found.applied.to_string(),
        found.withdrawn.to_string(),
    ]
}

async fn losses_of(run: Timestamp, after: Option<Uuid>, size: &Size) -> Result<ExitCode, Failure> {
    let store = store()?;
    let found = store.reading(async |tx| tx.stopped_losses(run, after, size.limit).await);
    let nothing = "that run stopped no loss; relink watch list shows those that did";
    show(&found.await?, size.json, nothing, |rows| {
        let rows: Vec<_> = rows.iter().map(stopped_loss).collect();
        let titles = [
            "account",
            "name",
            "workspace",
            "from",
            "to",
            "says",
            "runs",
            "look",
            "state",
            "by",
            "seen",
        ];
        table(titles, &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn stopped_loss(found: &StoppedLossView) -> [String; 11] {
    let look = match found.look_agrees {
        None => "none",
        Some(true) => "agrees",
        Some(false) => "differs",
    };
    let by = match (&found.decided_by, &found.reason) {
        (Some(who), Some(why)) => format!("{who}: {why}"),
        _ => or_dash(None),
    };
    [
        found.account_id.to_string(),
        found.account.clone(),
        found.workspace.clone(),
        found.from.clone(),
        found.to.clone(),
        found.words.join(" "),
        found.runs.to_string(),
        look.to_owned(),
        found.state.clone(),
        by,
        utc(found.observed_at),
    ]
}
