//! `relink dead …`: what failed for good, and what a person does about it (R-Q-3).

use super::Failure;
use super::act::{OperationArgs, perform, store, words};
use super::named::Named;
use super::table::{one_line, show, table, utc};
use super::words::word;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use operations::Life;
use operations::dead::{DeadLetterSelector, Discard, LIMIT, LIMIT_MAX, Redrive};
use policy::ids::JobId;
use policy::instant::read_instant;
use policy::jobs::{KindName, Queue};
use std::process::ExitCode;
use store::dead::{DeadFilter, DeadLetter, DeadRow};
use uuid::Uuid;

/// What is done with dead letters.
#[derive(Subcommand)]
pub(crate) enum Dead {
    /// Lists them, the newest first.
    List {
        #[command(flatten)]
        filter: Filter,
        /// At most so many; all are counted.
        #[arg(long, default_value_t = LIMIT, value_parser = clap::value_parser!(u32).range(1..=i64::from(LIMIT_MAX)))]
        limit: u32,
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows one: what it was to do, every attempt and its error, and what operators did about it.
    Show {
        /// The job.
        id: Uuid,
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lets them wait again as the jobs that they are, with all their attempts before them.
    Redrive {
        #[command(flatten)]
        which: Chosen,
        /// Over how long they come due; otherwise 50 a second.
        #[arg(long)]
        spread: Option<Life>,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Gives them up: listed and counted no more, but kept.
    Discard {
        #[command(flatten)]
        which: Chosen,
        #[command(flatten)]
        how: OperationArgs,
    },
}

/// Which dead letters; all that is given must fit.
#[derive(Args)]
pub(crate) struct Filter {
    /// Of this queue.
    #[arg(long, value_parser = word::<Queue>())]
    queue: Option<Queue>,
    /// Of this kind, as `relink queues --kinds` lists them.
    #[arg(long, value_parser = word::<KindName>(), hide_possible_values = true)]
    kind: Option<KindName>,
    /// Of this workspace, by its id or name.
    #[arg(long)]
    workspace: Option<String>,
    /// Of this account, by its id or name, session or handle.
    #[arg(long)]
    account: Option<String>,
    /// Dead since then: 2026-03-01T10:00:00Z.
    #[arg(long, value_parser = read_instant)]
    since: Option<Timestamp>,
    /// Whose last error holds this text.
    #[arg(long)]
    error: Option<String>,
}

impl Filter {
    async fn filter(&self) -> Result<DeadFilter, Failure> {
        Ok(DeadFilter {
            queue: self.queue,
            kind: self.kind,
            workspace: Named::Workspace.filter(self.workspace.as_deref()).await?,
            account: Named::Account.filter(self.account.as_deref()).await?,
            since: self.since,
            error: self.error.clone(),
        })
    }
}

/// By their ids, or by a filter.
#[derive(Args)]
pub(crate) struct Chosen {
    /// The jobs.
    #[arg(conflicts_with_all = ["queue", "kind", "workspace", "account", "since", "error"])]
    ids: Vec<Uuid>,
    #[command(flatten)]
    filter: Filter,
    /// At most so many of those that fit.
    #[arg(long, default_value_t = LIMIT, value_parser = clap::value_parser!(u32).range(1..=i64::from(LIMIT_MAX)))]
    limit: u32,
}

impl Chosen {
    async fn which(&self) -> Result<DeadLetterSelector, Failure> {
        Ok(if self.ids.is_empty() {
            DeadLetterSelector::Fitting(self.filter.filter().await?, self.limit)
        } else {
            DeadLetterSelector::Jobs(self.ids.iter().copied().map(JobId).collect())
        })
    }
}

pub(crate) async fn run(asked: &Dead) -> Result<ExitCode, Failure> {
    match asked {
        Dead::List {
            filter,
            limit,
            json,
        } => list(&filter.filter().await?, *limit, *json).await,
        Dead::Show { id, json } => letter(JobId(*id), *json).await,
        Dead::Redrive { which, spread, how } => {
            let (which, spread) = (which.which().await?, *spread);
            perform(how, &Redrive { which, spread }).await
        }
        Dead::Discard { which, how } => {
            let which = which.which().await?;
            perform(how, &Discard { which }).await
        }
    }
}

async fn list(filter: &DeadFilter, limit: u32, json: bool) -> Result<ExitCode, Failure> {
    let found = store()?
        .reading(async |tx| tx.dead(filter, limit.into()).await)
        .await;
    let (rows, fit) = found.map_err(|error| Failure::new(words(&error)))?;
    show(&rows, json, "no dead letter", |rows| {
        let shown: Vec<_> = rows.iter().map(row).collect();
        let all = table(
            ["job", "kind", "died", "attempts", "fault", "error"],
            &shown,
        );
        let hidden = usize::try_from(fit.fit).unwrap_or(usize::MAX) - rows.len();
        match (hidden, fit.is_more) {
            (0, false) => all,
            (_, false) => format!("{all}… and {hidden} more\n"),
            (_, true) => {
                format!("{all}… and {hidden} more, or many: older ones were not looked at\n")
            }
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(one: &DeadRow) -> [String; 6] {
    [
        one.id.to_string(),
        one.kind.clone(),
        one.died_at.map(utc).unwrap_or_default(),
        one.attempt.to_string(),
        one.fault.clone().unwrap_or_default(),
        one.error.clone().unwrap_or_default(),
    ]
}

async fn letter(job: JobId, json: bool) -> Result<ExitCode, Failure> {
    let found = store()?.reading(async |tx| tx.dead_letter(job).await).await;
    let found = found.map_err(|error| Failure::new(words(&error)))?;
    let letter = found.ok_or_else(|| Failure::new(format!("job: there is no job {job}")))?;
    if json {
        println!("{}", serde_json::to_string_pretty(&letter)?);
    } else {
        print!("{}", said(&letter));
    }
    Ok(ExitCode::SUCCESS)
}

fn said(letter: &DeadLetter) -> String {
    let row = &letter.row;
    let account = row.account.map_or("-".to_owned(), |id| id.to_string());
    let facts = [
        ("job", row.id.to_string()),
        ("state", letter.state.clone()),
        ("kind", format!("{} on queue {}", row.kind, row.queue)),
        ("cause", row.cause.clone()),
        ("workspace", row.workspace.to_string()),
        ("account", account),
        ("asked for", utc(row.created_at)),
        ("ended", row.died_at.map_or("-".to_owned(), utc)),
        (
            "payload",
            format!("{} (version {})", letter.payload, letter.version),
        ),
    ];
    let facts = facts.map(|(name, value)| format!("{name:<9} {}\n", one_line(&value)));
    let attempts: Vec<_> = letter
        .attempts
        .iter()
        .map(|one| {
            [
                one.attempt.to_string(),
                utc(one.at),
                one.fault.clone(),
                one.worker.clone(),
                one.error.clone(),
            ]
        })
        .collect();
    let mut text = facts.concat();
    text += "\n";
    text += &table(["attempt", "at", "fault", "worker", "error"], &attempts);
    if !letter.acts.is_empty() {
        let acts = letter.acts.iter();
        let acts: Vec<_> = acts
            .map(|one| {
                [
                    utc(one.at),
                    one.actor.clone(),
                    one.action.clone(),
                    one.reason.clone(),
                ]
            })
            .collect();
        text += "\n";
        text += &table(["at", "who", "did", "why"], &acts);
    }
    text
}
