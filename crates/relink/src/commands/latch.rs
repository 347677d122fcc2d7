//! `relink latch …`: gate 2's latch. While it is tripped no removal is permitted and none begins; only a person clears it.

use super::Failure;
use super::act::{OperationArgs, perform, store, words};
use super::table::{one_line, utc};
use clap::Subcommand;
use operations::latch;
use std::process::ExitCode;
use store::operators::LatchRow;

/// What is done with the latch.
#[derive(Subcommand)]
pub(crate) enum Latch {
    /// Says whether it is tripped, since when and why.
    Show {
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Stops every removal at once, until a person clears it.
    Trip {
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Lets the other gates decide again.
    Clear {
        #[command(flatten)]
        how: OperationArgs,
    },
}

pub(crate) async fn run(asked: &Latch) -> Result<ExitCode, Failure> {
    match asked {
        Latch::Show { json } => show(*json).await,
        Latch::Trip { how } => perform(how, &latch::Trip {}).await,
        Latch::Clear { how } => perform(how, &latch::Clear {}).await,
    }
}

async fn show(json: bool) -> Result<ExitCode, Failure> {
    let found = store()?.reading(async |tx| tx.latch().await).await;
    let latch = found.map_err(|error| Failure::new(words(&error)))?;
    let Some(latch) = latch else {
        return Err(Failure::new(
            "the latch's row is missing: nothing is removed",
        ));
    };
    if json {
        println!("{}", serde_json::to_string_pretty(&latch)?);
    } else {
        println!("{}", said(&latch));
    }
    Ok(ExitCode::SUCCESS)
}

fn said(latch: &LatchRow) -> String {
    match (latch.tripped_at, latch.why.as_deref()) {
        (Some(since), why) => {
            format!(
                "TRIPPED since {}: {}",
                utc(since),
                one_line(why.unwrap_or("nobody said why"))
            )
        }
        (None, _) => "not tripped".to_owned(),
    }
}
