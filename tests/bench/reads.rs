//! What a poll of a case reads in a fleet of this size, in pages of the database.

use crate::Failure;
use crate::figures::Figures;
use crate::place::Place;

const CONTROL: &str = include_str!("../../crates/store/sql/cases/control.sql");
const FACTS: &str = include_str!("../../crates/store/sql/cases/facts.sql");
const LOSSES: &str = include_str!("../../crates/store/sql/accounts/check_losses.sql");
/// Cases that are open meanwhile.
const CASES: &str = "insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence)
    select id, id, session_id, status_version, relink.clock(), '{}' from relink.accounts order by id limit 100";
const NEWEST: &str = "select id::text, quote_literal(relink.clock()) from relink.cases limit 1";

/// Notes the pages that a poll reads; its single look at one account beside it counts the losses of an hour.
pub(crate) async fn measure(figures: &mut Figures, place: &Place) -> Result<(), Failure> {
    place.admin.execute(CASES, &[]).await?;
    place
        .admin
        .batch_execute("vacuum analyze relink.cases")
        .await?;
    let row = place.admin.query_one(NEWEST, &[]).await?;
    let (case, now): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let (case, now) = (format!("'{case}'::uuid"), format!("{now}::timestamptz"));
    let control = pages(place, CONTROL, &["'s-none'", "85::smallint"]).await?;
    let facts = pages(place, FACTS, &[&case, &now, "3600", "5"]).await?;
    let losses = pages(place, LOSSES, &[&now, &case]).await?;
    figures.note("poll_reads_pages", control + facts, "pages, at most 50");
    figures.note(
        "check_reads_pages",
        losses,
        "pages, with the losses of the hour",
    );
    Ok(())
}

/// Pages that a query reads with its parameters written into it, once the catalogue was read.
async fn pages(place: &Place, sql: &str, parameters: &[&str]) -> Result<f64, Failure> {
    let lines = sql.lines().filter(|it| !it.starts_with("--"));
    let mut text = lines.collect::<Vec<_>>().join("\n");
    for (number, value) in parameters.iter().enumerate().rev() {
        text = text.replace(&format!("${}", number + 1), value);
    }
    place.admin.batch_execute(&text).await?;
    let explain = format!("explain (analyze, buffers, format json) {text}");
    let plan: serde_json::Value = place.admin.query_one(&explain, &[]).await?.try_get(0)?;
    let of = |name: &str| {
        plan.pointer(&format!("/0/Plan/{name}"))
            .and_then(serde_json::Value::as_f64)
            .ok_or("a plan without buffers")
    };
    Ok(of("Shared Hit Blocks")? + of("Shared Read Blocks")?)
}
