//! `relink recoveries`: who brought accounts back, and how fast (R-ANA-1).

use super::Failure;
use super::act::store;
use super::table::table;
use std::process::ExitCode;
use store::views::Recoveries;

pub(crate) async fn run(json: bool) -> Result<ExitCode, Failure> {
    let found = store()?.reading(async |tx| tx.recoveries().await).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else if found.is_empty() {
        println!("no account came back in the last 30 days");
    } else {
        let rows: Vec<_> = found.iter().map(row).collect();
        let titles = [
            "days",
            "kind",
            "cause",
            "returned",
            "restart",
            "provider",
            "operator",
            "owner",
            "without owner",
            "median",
        ];
        print!("{}", table(titles, &rows));
    }
    Ok(ExitCode::SUCCESS)
}

fn row(one: &Recoveries) -> [String; 10] {
    [
        one.days.to_string(),
        one.kind.clone(),
        one.cause.clone(),
        one.returned.to_string(),
        one.by_restart.to_string(),
        one.by_provider.to_string(),
        one.by_operator.to_string(),
        one.by_owner.to_string(),
        format!("{:.0} %", 100.0 * one.without_owner),
        format!("{:.0} min", one.median_s / 60.0),
    ]
}
