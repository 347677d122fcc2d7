//! `relink audit …`: its end, all of it, and its proof (R-AUD-1).

mod export;
mod tail;

use super::{Failure, configure};
use clap::Subcommand;
use serde_json::json;
use std::process::ExitCode;
use store::Store;

/// What is done with the audit.
#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Shows the newest changes of status, and with --follow each new one as it is committed.
    Tail(tail::Tail),
    /// Recomputes every hash, chain and pairing; exit code 1 and the rows named if anything is wrong.
    Verify {
        /// The result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes the audit of a range of time, one JSON object a line, with all that proves each hash.
    Export(export::Export),
}

pub(crate) async fn run(asked: Audit) -> Result<ExitCode, Failure> {
    match asked {
        Audit::Tail(asked) => tail::run(asked).await,
        Audit::Verify { json } => verify(json).await,
        Audit::Export(asked) => export::run(&asked).await,
    }
}

fn store() -> Result<Store, Failure> {
    let config = configure(|reader| reader.database("relink-audit"))?;
    Ok(Store::new(config)?)
}

async fn verify(as_json: bool) -> Result<ExitCode, Failure> {
    let found = store()?.verify_audit().await?;
    let lines: Vec<String> = found.findings.iter().map(ToString::to_string).collect();
    if as_json {
        println!(
            "{}",
            json!({ "ok": found.wrong == 0, "rows": found.rows, "accounts": found.accounts, "wrong": found.wrong, "findings": lines })
        );
    } else {
        println!("{} audit rows of {} accounts", found.rows, found.accounts);
        for line in &lines {
            println!("WRONG  {line}");
        }
        println!(
            "{}",
            if found.wrong == 0 {
                "the chain is intact"
            } else {
                "the audit is NOT intact"
            }
        );
    }
    Ok(if found.wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
