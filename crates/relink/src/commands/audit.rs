//! `relink audit verify` (R-AUD-1).

use super::{Failure, configure};
use serde_json::json;
use std::process::ExitCode;
use store::Store;

pub(crate) async fn verify(as_json: bool) -> Result<ExitCode, Failure> {
    let config = configure(|reader| reader.database("relink-audit"))?;
    let found = Store::new(config)?.verify_audit().await?;
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
