//! `relink removals …`: asking to remove a session that is gone, and what became of it (SPEC §7).

mod status;

use super::Failure;
use super::act::{Done, How, Refused, perform, store, words};
use super::table::{show, table, utc};
use clap::Subcommand;
use policy::ids::{RemovalId, SessionId};
use std::process::ExitCode;
use store::operators::RemovalLine;
use uuid::Uuid;

/// What is done about removals.
#[derive(Subcommand)]
pub(crate) enum Removals {
    /// Asks to remove a session whose case is confirmed: it is gone at the provider.
    Request {
        /// The session, as the provider calls it.
        #[arg(allow_hyphen_values = true)]
        session: String,
        #[command(flatten)]
        how: How,
    },
    /// Gives up a removal that is not permitted yet.
    Withdraw {
        /// The removal's id.
        id: Uuid,
        #[command(flatten)]
        how: How,
    },
    /// Lists the newest 50 removals, open ones first.
    List {
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows the six gates with their present values and what each would say: of one removal, or of the fleet and each
    /// open removal. Exit code 1 if the two judges, SQL and program, do not agree.
    Status {
        /// The removal's id.
        id: Option<Uuid>,
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn run(removals: &Removals) -> Result<ExitCode, Failure> {
    match removals {
        Removals::Request { session, how } => request(session, how).await,
        Removals::Withdraw { id, how } => withdraw(RemovalId(*id), how).await,
        Removals::List { json } => list(*json).await,
        Removals::Status { id, json } => status::run(id.map(RemovalId), *json).await,
    }
}

async fn request(session: &str, how: &How) -> Result<ExitCode, Failure> {
    let asked = SessionId(session.to_owned());
    perform(
        how,
        &format!("removals request {session}"),
        async |tx, act| {
            let removal = tx.request_removal(act, &asked).await?;
            let says = format!(
                "requested the removal of session {session}; a worker looks at it three times first"
            );
            Ok(Done::new(says).with("removal", &removal))
        },
    )
    .await
}

async fn withdraw(removal: RemovalId, how: &How) -> Result<ExitCode, Failure> {
    perform(
        how,
        &format!("removals withdraw {removal}"),
        async |tx, act| {
            if tx.withdraw_removal(act, removal).await? {
                return Ok(Done::new(format!("withdrawn the removal {removal}")));
            }
            let found = tx.removal(removal).await?;
            Err(Refused::new(match found {
                None => format!("there is no removal {removal}"),
                Some(found) => format!("removal {removal} is {} already", found.state),
            }))
        },
    )
    .await
}

async fn list(json: bool) -> Result<ExitCode, Failure> {
    let tx = store()?.begin().await?;
    let found = tx.removals().await;
    tx.abandon().await;
    let removals = found.map_err(|error| Failure::new(words(&error)))?;
    show(
        &removals,
        json,
        "no removal was ever requested",
        |removals| {
            let rows: Vec<_> = removals.iter().map(row).collect();
            table(
                [
                    "removal",
                    "session",
                    "state",
                    "looks",
                    "requested",
                    "rests on",
                    "reason",
                    "note",
                ],
                &rows,
            )
        },
    )?;
    Ok(ExitCode::SUCCESS)
}

fn row(removal: &RemovalLine) -> [String; 8] {
    let state = match removal.ended_at {
        Some(at) => format!("{} at {}", removal.state, utc(at)),
        None => removal.state.clone(),
    };
    [
        removal.id.to_string(),
        removal.session_id.clone(),
        state,
        removal.looks.to_string(),
        format!("{} by {}", utc(removal.requested_at), removal.requested_by),
        rests_on(removal),
        removal.reason.clone(),
        removal.note.clone(),
    ]
}

fn rests_on(removal: &RemovalLine) -> String {
    match (removal.case_id, removal.warrant_id) {
        (Some(case), _) => format!("case {case}"),
        (None, Some(warrant)) => format!("warrant {warrant}"),
        (None, None) => "nothing".to_owned(),
    }
}
