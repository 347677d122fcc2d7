//! `relink alerts …`: what operators are told, and that somebody has seen it.

use super::act::{OperationArgs, perform};
use super::page::{Size, or_dash, show};
use super::table::{table, utc};
use super::words::word;
use super::{Failure, configure};
use clap::{Args, Subcommand};
use operations::alerts::{Ack, AlertSelector};
use policy::alerts::CodeName;
use std::process::ExitCode;
use store::Store;
use store::views::{AlertFilter, AlertView, ByAge};
use uuid::Uuid;

/// What is done with alerts.
#[derive(Subcommand)]
pub(crate) enum Alerts {
    /// Lists alerts, those raised last first.
    List(List),
    /// Acknowledges open alerts. If one is raised again, that is a new one.
    Ack {
        /// Their ids.
        #[arg(required_unless_present = "code")]
        ids: Vec<Uuid>,
        /// All open ones of this code, instead of ids.
        #[arg(long, conflicts_with = "ids", value_parser = word::<CodeName>(), hide_possible_values = true)]
        code: Option<CodeName>,
        #[command(flatten)]
        how: OperationArgs,
    },
}

/// Which of them.
#[derive(Args)]
pub(crate) struct List {
    /// Only of this code, like dead_letter.
    #[arg(long, value_parser = word::<CodeName>(), hide_possible_values = true)]
    code: Option<CodeName>,
    /// Only those that nobody acknowledged.
    #[arg(long)]
    open: bool,
    /// Only after that place, as `next` of the page before said.
    #[arg(long)]
    after: Option<ByAge>,
    #[command(flatten)]
    size: Size,
}

pub(crate) async fn run(asked: Alerts) -> Result<ExitCode, Failure> {
    match asked {
        Alerts::List(asked) => list(asked).await,
        Alerts::Ack { ids, code, how } => {
            let which = code.map_or(AlertSelector::Ids(ids), AlertSelector::Code);
            perform(&how, &Ack { which }).await
        }
    }
}

async fn list(asked: List) -> Result<ExitCode, Failure> {
    let config = configure(|reader| reader.database("relink-alerts"))?;
    let filter = AlertFilter {
        code: asked.code,
        open: asked.open,
    };
    let store = Store::new(config)?;
    let found =
        store.reading(async |tx| tx.alert_views(&filter, asked.after, asked.size.limit).await);
    show(&found.await?, asked.size.json, "no such alert", |rows| {
        let rows: Vec<_> = rows.iter().map(row).collect();
        let titles = [
            "id", "code", "class", "subject", "times", "last", "state", "detail",
        ];
        table(titles, &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(alert: &AlertView) -> [String; 8] {
    let state = alert.acked_at.map_or_else(
        || "open".to_owned(),
        |at| format!("{} at {}", or_dash(alert.acked_by.as_deref()), utc(at)),
    );
    [
        alert.id.to_string(),
        alert.code.clone(),
        alert.class.clone(),
        alert.subject.clone(),
        alert.times.to_string(),
        utc(alert.last_at),
        state,
        short(&alert.detail.to_string()),
    ]
}

/// Details in full are in `--json`.
fn short(text: &str) -> String {
    const SHOWN: usize = 80;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let begin: String = text.chars().take(SHOWN).collect();
    format!("{begin}…")
}
