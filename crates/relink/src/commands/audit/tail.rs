//! `relink audit tail`.

use crate::commands::Failure;
use crate::commands::named::Named;
use crate::commands::page::Lines;
use crate::commands::table::{one_line, utc};
use clap::Args;
use fleet::chain;
use jiff::Timestamp;
use policy::instant::read_instant;
use std::process::ExitCode;
use std::time::Duration;
use store::views::{AuditFilter, AuditView, Follower};
use store::{Fault, StoreError};

/// Between two looks for news: the audit rings no bell.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What of the audit.
#[derive(Args)]
pub(crate) struct Tail {
    /// Only of this account, by its id or name, session or handle.
    #[arg(long)]
    account: Option<String>,
    /// Only rows recorded since this instant, like 2026-11-20T08:00:00Z.
    #[arg(long, value_parser = read_instant)]
    since: Option<Timestamp>,
    /// Goes on with every new row until Ctrl-C, each once, as it is committed.
    #[arg(long, short)]
    follow: bool,
    /// Rows to begin with at most, 1 to 1000.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    limit: u32,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(asked: Tail) -> Result<ExitCode, Failure> {
    let store = super::store()?;
    let filter = AuditFilter {
        account: Named::Account.filter(asked.account.as_deref()).await?,
        since: asked.since,
    };
    let mut out = Lines::new();
    if !asked.follow {
        let rows = store.reading(async |tx| tx.audit_tail(&filter, asked.limit).await);
        tell(&mut out, &rows.await?, asked.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (mut follower, rows) = Follower::start(&store, &filter, asked.limit).await?;
    let mut is_read = tell(&mut out, &rows, asked.json)?;
    while is_read {
        tokio::select! {
            stopped = tokio::signal::ctrl_c() => {
                stopped?;
                break;
            }
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        is_read = match follower.news().await {
            Ok(rows) => tell(&mut out, &rows, asked.json)?,
            Err(error) => waits(&error)?,
        };
    }
    Ok(ExitCode::SUCCESS)
}

/// A server that is away comes back, and nothing that was committed meanwhile is passed over.
fn waits(error: &StoreError) -> Result<bool, Failure> {
    let said = chain(error);
    if error.fault() != Fault::Transient {
        return Err(Failure::new(said));
    }
    eprintln!("relink: {said}; looking again");
    Ok(true)
}

/// False: nobody reads any more.
fn tell(out: &mut Lines, rows: &[AuditView], as_json: bool) -> Result<bool, Failure> {
    for row in rows {
        let line = if as_json {
            serde_json::to_string(row)?
        } else {
            text(row)
        };
        if !out.write(&line)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn text(row: &AuditView) -> String {
    let from = row.from.as_deref().unwrap_or("nothing");
    let line = format!(
        "#{} {} {} v{} {from} → {} ({}) by {}",
        row.id,
        utc(row.at),
        row.account_id,
        row.version,
        row.to,
        row.cause,
        row.actor
    );
    one_line(&line)
}
