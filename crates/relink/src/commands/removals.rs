//! `relink removals …`: asking to remove a session that is gone, and what became of it (docs/removals.md).

use super::act::{OperationArgs, perform, store, words};
use super::table::{show, table, utc};
use super::{Failure, configure};
use clap::Subcommand;
use fleet::config::Reader;
use operations::removals;
use policy::ids::{RemovalId, SessionId};
use std::process::ExitCode;
use store::Store;
use store::guards::ClockKind;
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
        how: OperationArgs,
    },
    /// Gives up a removal that is not permitted yet.
    Withdraw {
        /// The removal's id.
        id: Uuid,
        #[command(flatten)]
        how: OperationArgs,
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

pub(crate) async fn run(asked: &Removals) -> Result<ExitCode, Failure> {
    match asked {
        Removals::Request { session, how } => {
            let session = SessionId(session.clone());
            perform(how, &removals::Request { session }).await
        }
        Removals::Withdraw { id, how } => {
            let removal = RemovalId(*id);
            perform(how, &removals::Withdraw { removal }).await
        }
        Removals::List { json } => list(*json).await,
        Removals::Status { id, json } => status(id.map(RemovalId), *json).await,
    }
}

/// Gate 1 of the deletion interlock, `RELINK_REMOVALS_ENABLED`, off unless it is `true`; and whether the database's
/// clock may be another than its machine's, `RELINK_STAND_IN_CLOCK`, as demonstrations install it.
pub(crate) fn settings(reader: &mut Reader<'_>) -> (bool, ClockKind) {
    let words = "true or false";
    let enabled = reader.value("RELINK_REMOVALS_ENABLED", false, words);
    let clock = if reader.value("RELINK_STAND_IN_CLOCK", false, words) {
        ClockKind::StandIn
    } else {
        ClockKind::Real
    };
    (enabled, clock)
}

async fn status(removal: Option<RemovalId>, as_json: bool) -> Result<ExitCode, Failure> {
    // The settings that a worker has too; their values here are this process's.
    let ((enabled, clock), config) =
        configure(|reader| (settings(reader), reader.database("relink-operator")))?;
    let store = Store::new(config)?;
    let read = store.reading(async |tx| removals::status(tx, removal, enabled, clock).await);
    let status = read.await.map_err(|error| Failure::new(words(&error)))?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(&status)?);
    } else {
        print!("{status}");
    }
    Ok(if status.agree {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn list(json: bool) -> Result<ExitCode, Failure> {
    let found = store()?.reading(async |tx| tx.removals().await).await;
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
