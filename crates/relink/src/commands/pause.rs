//! `relink pause | resume | pauses`: stopping work and letting it go on (R-Q-1).

use super::Failure;
use super::act::{OperationArgs, answer, attempt, log, perform, store, words};
use super::named::Named;
use super::table::{one_line, show, table, utc};
use clap::Args;
use operations::drain::drained;
use operations::{Life, pauses};
use serde_json::json;
use std::process::ExitCode;
use store::pauses::{Mode, PauseRow, PauseScope, PauseSelector};
use uuid::Uuid;

/// What is paused, and how.
#[derive(Args)]
pub(crate) struct Pause {
    /// everything, queue, kind, workspace or account.
    scope: String,
    /// The queue's or kind's name, the workspace's or account's id or name.
    target: Option<String>,
    /// hold: runs finish, nothing else starts. drain: what has started once may also be tried again.
    #[arg(long, default_value = "hold")]
    mode: Mode,
    /// Ends by itself after so long: 30m, 2h, 1d.
    #[arg(long = "for")]
    life: Option<Life>,
    /// Waits until nothing of it runs.
    #[arg(long)]
    drain: bool,
    /// Waits at most so long; exit code 1 if something runs still.
    #[arg(long, default_value = "5m", requires = "drain")]
    timeout: Life,
    #[command(flatten)]
    how: OperationArgs,
}

/// What is resumed, and how.
#[derive(Args)]
pub(crate) struct Resume {
    /// The pause's id; or everything, queue, kind, workspace or account.
    scope: String,
    /// The queue's or kind's name, the workspace's or account's id or name.
    target: Option<String>,
    /// What was held starts little by little over so long.
    #[arg(long)]
    ramp: Option<Life>,
    #[command(flatten)]
    how: OperationArgs,
}

/// Which pauses are listed.
#[derive(Args)]
pub(crate) struct Pauses {
    /// The newest 200, also those that are over.
    #[arg(long)]
    all: bool,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn pause(asked: &Pause) -> Result<ExitCode, Failure> {
    let over = scope(&asked.scope, asked.target.as_deref()).await?;
    let (mode, life, how) = (asked.mode, asked.life, &asked.how);
    let operation = pauses::Pause {
        over: over.clone(),
        mode,
        life,
    };
    if !asked.drain || how.dry_run {
        return perform(how, &operation).await;
    }
    let Some((store, done)) = attempt(how, &operation).await? else {
        return Ok(ExitCode::FAILURE);
    };
    if !how.json {
        print!("{}", answer(false, false, &done));
    }
    let drained = drained(&store, &over, asked.timeout.0).await?;
    if how.json {
        let done = done.with_json("drained", json!(drained.is_drained()));
        let done = done.with("drain", &drained.says());
        print!("{}", answer(true, false, &done));
    } else {
        println!("{}", drained.says());
    }
    Ok(if drained.is_drained() {
        ExitCode::SUCCESS
    } else {
        log("relink: the pause holds; what runs was not waited for any longer");
        ExitCode::FAILURE
    })
}

pub(crate) async fn resume(asked: &Resume) -> Result<ExitCode, Failure> {
    let id: Result<Uuid, _> = asked.scope.parse();
    let which = match (id, asked.target.as_deref()) {
        (Ok(id), None) => PauseSelector::Id(id),
        (_, target) => PauseSelector::Scope(scope(&asked.scope, target).await?),
    };
    let ramp = asked.ramp;
    perform(&asked.how, &pauses::Resume { which, ramp }).await
}

/// Scope with its target, where workspaces and accounts go by their names too.
async fn scope(scope: &str, target: Option<&str>) -> Result<PauseScope, Failure> {
    let id = match scope {
        "workspace" => Named::Workspace.filter(target).await?,
        "account" => Named::Account.filter(target).await?,
        _ => None,
    };
    let id = id.map(|id| id.to_string());
    PauseScope::parse(scope, id.as_deref().or(target)).map_err(Failure::new)
}

pub(crate) async fn list(asked: &Pauses) -> Result<ExitCode, Failure> {
    let found = store()?
        .reading(async |tx| tx.pauses(asked.all).await)
        .await;
    let pauses = found.map_err(|error| Failure::new(words(&error)))?;
    show(&pauses, asked.json, "nothing is paused", table_of)?;
    Ok(ExitCode::SUCCESS)
}

/// Pauses for people.
pub(crate) fn table_of(pauses: &[PauseRow]) -> String {
    let rows: Vec<[String; 7]> = pauses.iter().map(row).collect();
    let titles = ["pause", "over", "mode", "state", "since", "by", "why"];
    table(titles, &rows)
}

fn row(pause: &PauseRow) -> [String; 7] {
    let lifted = pause.lifted_by.as_deref().map(one_line);
    let state = match (pause.state.as_str(), pause.ends_at, pause.lifted_at) {
        ("ramp", _, _) => {
            let until = pause.ramp_until.map(utc).unwrap_or_default();
            format!("ramp until {until}")
        }
        ("over", _, Some(at)) => format!("over: {} at {}", lifted.unwrap_or_default(), utc(at)),
        ("over", Some(at), None) => format!("over: its end at {}", utc(at)),
        (state, Some(at), _) => format!("{state} until {}", utc(at)),
        (state, None, _) => state.to_owned(),
    };
    [
        pause.id.to_string(),
        format!("{} {}", pause.scope, pause.target)
            .trim_end()
            .to_owned(),
        pause.mode.clone(),
        state,
        utc(pause.paused_at),
        match pause.origin.as_str() {
            "system" => format!("{} (system)", pause.paused_by),
            _ => pause.paused_by.clone(),
        },
        pause.why.clone(),
    ]
}
