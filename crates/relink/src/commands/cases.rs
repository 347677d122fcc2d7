//! `relink cases …`: suspected-missing sessions, their polls and verdicts (R-DEL-2).

use super::act::{OperationArgs, perform};
use super::named::Named;
use super::page::{Size, or_dash, show};
use super::table::{one_line, table, utc};
use super::words::word;
use super::{Failure, configure};
use clap::{Args, Subcommand};
use operations::cases::{Confirm, Dismiss};
use policy::confirm::CaseState;
use policy::ids::CaseId;
use std::fmt::Write as _;
use std::process::ExitCode;
use store::Store;
use store::views::{ByAge, CaseDetail, CaseFilter, CaseView, PollView};
use uuid::Uuid;

/// What is asked about cases.
#[derive(Subcommand)]
pub(crate) enum Cases {
    /// Lists cases, the newest first.
    List(List),
    /// Shows one case: what was seen, each poll beside its control, the verdict.
    Show {
        /// Its id.
        id: Uuid,
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Confirms cases whose verdict is stopped: the next poll that finds the session gone makes its account missing.
    Confirm {
        /// Their ids.
        #[arg(required = true)]
        cases: Vec<Uuid>,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Ends cases whose sessions are not gone; these are not suspected again for 24 hours.
    Dismiss {
        /// Their ids.
        #[arg(required = true)]
        cases: Vec<Uuid>,
        #[command(flatten)]
        how: OperationArgs,
    },
}

/// Which of them.
#[derive(Args)]
pub(crate) struct List {
    /// Only those with this verdict, or open ones.
    #[arg(long, value_parser = word::<CaseState>())]
    verdict: Option<CaseState>,
    /// Only of this account, by its id or name, session or handle.
    #[arg(long)]
    account: Option<String>,
    /// Only after that place, as `next` of the page before said.
    #[arg(long)]
    after: Option<ByAge>,
    #[command(flatten)]
    size: Size,
}

pub(crate) async fn run(asked: Cases) -> Result<ExitCode, Failure> {
    match asked {
        Cases::Confirm { cases, how } => return perform(&how, &Confirm { cases }).await,
        Cases::Dismiss { cases, how } => return perform(&how, &Dismiss { cases }).await,
        Cases::List(asked) => {
            let account = Named::Account.filter(asked.account.as_deref()).await?;
            let state = asked.verdict;
            let filter = CaseFilter { state, account };
            let store = store()?;
            let found = store
                .reading(async |tx| tx.case_views(&filter, asked.after, asked.size.limit).await);
            show(&found.await?, asked.size.json, "no such case", |rows| {
                let rows: Vec<_> = rows.iter().map(row).collect();
                let titles = [
                    "id", "account", "session", "opened", "verdict", "closed", "polls",
                ];
                table(titles, &rows)
            })?;
        }
        Cases::Show { id, json } => {
            let store = store()?;
            let found = store.reading(async |tx| tx.case_detail(CaseId(id)).await);
            let found = found
                .await?
                .ok_or_else(|| Failure::new(format!("there is no case {id}")))?;
            if json {
                println!("{}", serde_json::to_string_pretty(&found)?);
            } else {
                print!("{}", text(&found)?);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn store() -> Result<Store, Failure> {
    let config = configure(|reader| reader.database("relink-cases"))?;
    Ok(Store::new(config)?)
}

fn row(case: &CaseView) -> [String; 7] {
    let open = match (case.stopped_at, &case.confirmed_by) {
        (_, Some(_)) => "open, confirmed",
        (Some(_), None) => "open, stopped",
        (None, None) => "open",
    };
    [
        case.id.to_string(),
        case.account.clone(),
        case.session.clone(),
        utc(case.opened_at),
        case.verdict.as_deref().unwrap_or(open).to_owned(),
        or_dash(case.closed_at.map(utc).as_deref()),
        format!("{}, {} of them count", case.polls, case.gone),
    ]
}

fn text(found: &CaseDetail) -> Result<String, std::fmt::Error> {
    let (mut text, of) = (String::new(), &found.case);
    writeln!(text, "case {} of session {}", of.id, one_line(&of.session))?;
    let name = one_line(&of.account);
    writeln!(
        text,
        "  account    {name} ({}), workspace {}",
        of.account_id, of.workspace
    )?;
    writeln!(text, "  opened     {}", utc(of.opened_at))?;
    let verdict = match (&of.verdict, of.closed_at) {
        (Some(verdict), Some(at)) => format!("{verdict}, closed {}", utc(at)),
        _ => "none yet: it is open".to_owned(),
    };
    writeln!(text, "  verdict    {verdict}")?;
    if let (Some(at), Some(why)) = (of.stopped_at, &of.stopped_why) {
        writeln!(text, "  stopped    {}: {}", utc(at), one_line(why))?;
    }
    if let Some(who) = &of.confirmed_by {
        writeln!(text, "  confirmed  by {}", one_line(who))?;
    }
    writeln!(text, "  evidence   {}", one_line(&of.evidence.to_string()))?;
    for poll in &found.all_polls {
        writeln!(text, "  poll {:<5} {}", poll.number, polled(poll))?;
    }
    Ok(text)
}

fn polled(poll: &PollView) -> String {
    let because = |why: &Option<String>| {
        let why = why.as_deref().map(one_line);
        why.map_or(String::new(), |why| format!(" ({why})"))
    };
    format!(
        "{}: {}{}; control {}: {}{}",
        utc(poll.finished_at),
        poll.answer,
        because(&poll.why),
        or_dash(poll.control_session.as_deref()),
        poll.control_answer,
        because(&poll.control_why)
    )
}
