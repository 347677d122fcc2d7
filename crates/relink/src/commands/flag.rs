//! `relink flag …`: gate 5. A flag allows removals for at most 4 hours and ends by itself.

use super::Failure;
use super::act::{OperationArgs, perform, store, words};
use super::table::{show, table, utc};
use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;
use operations::{Life, flags};
use std::process::ExitCode;
use store::StoreError;
use store::operators::FlagRow;

/// What is done with flags.
#[derive(Subcommand)]
pub(crate) enum Flag {
    /// Allows something for a while; an earlier flag of that name ends.
    Enable {
        /// What is allowed.
        name: Name,
        /// For how long, at most 4h: 30m, 2h, 1h30m.
        #[arg(long = "for")]
        life: Life,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Ends a flag before its time.
    Disable {
        /// What is allowed no longer.
        name: Name,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Lists the newest 50 flags.
    List {
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// The flags that there are.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Name {
    /// Removals of sessions.
    Removals,
}

impl Name {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Removals => "removals",
        }
    }
}

pub(crate) async fn run(flag: &Flag) -> Result<ExitCode, Failure> {
    match flag {
        Flag::Enable { name, life, how } => {
            let (name, life) = (name.as_str().to_owned(), *life);
            perform(how, &flags::Enable { name, life }).await
        }
        Flag::Disable { name, how } => {
            let name = name.as_str().to_owned();
            perform(how, &flags::Disable { name }).await
        }
        Flag::List { json } => list(*json).await,
    }
}

async fn list(json: bool) -> Result<ExitCode, Failure> {
    let store = store()?;
    let found = store.reading(async |tx| Ok((tx.now().at, tx.flags().await?)));
    let (now, flags) = found
        .await
        .map_err(|error: StoreError| Failure::new(words(&error)))?;
    show(&flags, json, "no flag was ever enabled", |flags| {
        let rows: Vec<_> = flags.iter().map(|flag| row(flag, now)).collect();
        table(["name", "state", "enabled", "ends", "by", "reason"], &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(flag: &FlagRow, now: Timestamp) -> [String; 6] {
    let state = match (&flag.ended_at, flag.in_force) {
        (Some(at), _) if *at < flag.ends_at => {
            format!(
                "ended by {} at {}",
                flag.ended_by.as_deref().unwrap_or("nobody"),
                utc(*at)
            )
        }
        (_, true) => format!(
            "ON, {} min left",
            flag.ends_at.duration_since(now).as_mins()
        ),
        _ => "ran out".to_owned(),
    };
    [
        flag.name.clone(),
        state,
        utc(flag.enabled_at),
        utc(flag.ends_at),
        flag.enabled_by.clone(),
        flag.reason.clone(),
    ]
}
