//! `relink losses`: what the team hears of losses and returns (R-WAT-7).

use super::named::Named;
use super::page::Lines;
use super::table::{one_line, utc};
use super::{Failure, configure};
use clap::Args;
use fleet::chain;
use jiff::{SignedDuration, Timestamp};
use policy::instant::read_instant;
use std::process::ExitCode;
use std::time::Duration;
use store::views::{LossFilter, LossPage, LossPlace, LossView, PAGE_MAX};
use store::{Fault, Store, StoreError};

/// Between two looks for news: flips ring no bell, and a line is due within 10 s of its flip.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Time that is shown without `--since`.
const RECENT: SignedDuration = SignedDuration::from_hours(24);

/// Part of the feed to show.
#[derive(Args)]
pub(crate) struct Losses {
    /// Only those recorded since this instant, like 2026-11-20T08:00:00Z; the last 24 hours, unless said.
    #[arg(long, value_parser = read_instant)]
    since: Option<Timestamp>,
    /// Only accounts of this workspace, by its id or name.
    #[arg(long)]
    workspace: Option<String>,
    /// Goes on with every new one until Ctrl-C, each once, as it is committed.
    #[arg(long, short)]
    follow: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(asked: Losses) -> Result<ExitCode, Failure> {
    let config = configure(|reader| reader.database("relink-losses"))?;
    let store = Store::new(config)?;
    let filter = LossFilter {
        workspace: Named::Workspace.filter(asked.workspace.as_deref()).await?,
    };
    let mut out = Lines::new();
    let mut place = begin(&store, asked.since).await?;
    loop {
        match page(&store, &filter, &place).await {
            Ok(page) => {
                if !tell(&mut out, &page.rows, asked.json)? {
                    break;
                }
                place = page.next;
                if page.has_more {
                    continue;
                }
            }
            Err(error) if asked.follow && error.fault() == Fault::Transient => {
                eprintln!("relink: {}; looking again", chain(&error));
            }
            Err(error) => return Err(error.into()),
        }
        if !asked.follow || is_stopped().await? {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Beginning of what is shown, by the database's clock.
async fn begin(store: &Store, since: Option<Timestamp>) -> Result<LossPlace, Failure> {
    if let Some(since) = since {
        return Ok(LossPlace::since(since));
    }
    let now = store.reading(async |tx| Ok::<_, StoreError>(tx.now().at));
    let recent = now.await?.checked_sub(RECENT);
    Ok(LossPlace::since(recent.unwrap_or(Timestamp::UNIX_EPOCH)))
}

async fn page(
    store: &Store,
    filter: &LossFilter,
    place: &LossPlace,
) -> Result<LossPage, StoreError> {
    let page = store.reading(async |tx| tx.loss_page(filter, place, PAGE_MAX).await);
    page.await
}

/// Waits for the next look; true on Ctrl-C.
async fn is_stopped() -> Result<bool, Failure> {
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => {
            stopped?;
            Ok(true)
        }
        () = tokio::time::sleep(LOOK_EVERY) => Ok(false),
    }
}

/// False: nobody reads any more.
fn tell(out: &mut Lines, rows: &[LossView], as_json: bool) -> Result<bool, Failure> {
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

fn text(row: &LossView) -> String {
    let until = row.until_at.map_or_else(|| row.until.to_owned(), utc);
    let then = if row.then_by == row.by {
        String::new()
    } else {
        format!(", then {}", row.then_by)
    };
    let remedy = match row.by {
        "nobody" => row.done.to_owned(),
        by => format!("{by} {}, until {until}{then}", row.done),
    };
    let line = format!(
        "{} {:<8} {} ({}) of {}: {} → {} ({}); {remedy}  {}",
        utc(row.at),
        row.news.as_str(),
        row.account,
        row.kind,
        row.workspace,
        row.from,
        row.to,
        row.cause,
        row.account_id
    );
    one_line(&line)
}
