//! `relink audit export`: the record as others can prove it.

use crate::commands::Failure;
use crate::commands::named::Named;
use crate::commands::page::Lines;
use clap::Args;
use jiff::Timestamp;
use policy::instant::read_instant;
use serde::Serialize;
use std::process::ExitCode;
use store::Tx;
use store::views::{AuditView, OperatorActView, PAGE_MAX};

/// What of the audit.
#[derive(Args)]
pub(crate) struct Export {
    /// Only rows recorded since this instant, like 2026-11-01T00:00:00Z.
    #[arg(long, value_parser = read_instant)]
    from: Option<Timestamp>,
    /// Only rows recorded before this instant.
    #[arg(long, value_parser = read_instant)]
    to: Option<Timestamp>,
    /// Only changes of this account, by its id or name, session or handle.
    #[arg(long, conflicts_with = "operators")]
    account: Option<String>,
    /// Also what operators did, after the changes of accounts.
    #[arg(long)]
    operators: bool,
}

/// A line: of which record it is stands before its columns.
#[derive(Serialize)]
#[serde(tag = "of", rename_all = "snake_case")]
enum Line<'a> {
    Account(&'a AuditView),
    Operator(&'a OperatorActView),
}

pub(crate) async fn run(asked: &Export) -> Result<ExitCode, Failure> {
    // One snapshot: what is committed meanwhile is in no page.
    let store = super::store()?;
    let written = store.reading_snapshot(async |tx| write(tx, asked).await);
    eprintln!("relink: {} rows", written.await?);
    Ok(ExitCode::SUCCESS)
}

async fn write(tx: &Tx, asked: &Export) -> Result<u64, Failure> {
    let account = match &asked.account {
        Some(called) => Some(Named::Account.id_in(tx, called).await?),
        None => None,
    };
    let (mut out, mut written) = (Lines::new(), 0_u64);
    let range = (asked.from, asked.to);
    let mut after = 0_i64;
    loop {
        let rows = tx.audit_export(range, account, after).await?;
        for row in &rows {
            if !out.write(&serde_json::to_string(&Line::Account(row))?)? {
                return Ok(written);
            }
            written += 1;
            after = row.id;
        }
        if rows.len() < PAGE_MAX as usize {
            break;
        }
    }
    if !asked.operators {
        return Ok(written);
    }
    let mut after = None;
    loop {
        let page = tx.operator_acts(range, after, PAGE_MAX).await?;
        for row in &page.rows {
            if !out.write(&serde_json::to_string(&Line::Operator(row))?)? {
                return Ok(written);
            }
            written += 1;
        }
        if page.next.is_none() {
            break;
        }
        after = page.rows.last().map(OperatorActView::place);
    }
    Ok(written)
}
