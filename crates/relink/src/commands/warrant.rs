//! `relink warrant …`: two operators' permission to remove one live, inert duplicate (R-DEL-4).

use super::Failure;
use super::act::{OperationArgs, perform, store, words};
use super::table::{show, table, utc};
use clap::Subcommand;
use jiff::Timestamp;
use operations::warrants;
use policy::ids::{SessionId, WarrantId};
use std::process::ExitCode;
use store::StoreError;
use store::operators::WarrantRow;
use uuid::Uuid;

/// What is done with warrants.
#[derive(Subcommand)]
pub(crate) enum Warrant {
    /// Names a session that is linked to nobody. Another operator must approve within the hour.
    Issue {
        /// The session, as the provider calls it.
        #[arg(allow_hyphen_values = true)]
        session: String,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Says yes to a warrant that another operator issued. Its removal begins to be looked at.
    Approve {
        /// The warrant's id.
        id: Uuid,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Takes a warrant back; its removal is withdrawn, if it is not permitted yet.
    Revoke {
        /// The warrant's id.
        id: Uuid,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Lists the newest 50 warrants.
    List {
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn run(warrant: &Warrant) -> Result<ExitCode, Failure> {
    match warrant {
        Warrant::Issue { session, how } => {
            let session = SessionId(session.clone());
            perform(how, &warrants::Issue { session }).await
        }
        Warrant::Approve { id, how } => {
            let warrant = WarrantId(*id);
            perform(how, &warrants::Approve { warrant }).await
        }
        Warrant::Revoke { id, how } => {
            let warrant = WarrantId(*id);
            perform(how, &warrants::Revoke { warrant }).await
        }
        Warrant::List { json } => list(*json).await,
    }
}

async fn list(json: bool) -> Result<ExitCode, Failure> {
    let store = store()?;
    let found = store.reading(async |tx| Ok((tx.now().at, tx.warrants().await?)));
    let (now, warrants) = found
        .await
        .map_err(|error: StoreError| Failure::new(words(&error)))?;
    show(&warrants, json, "no warrant was ever issued", |warrants| {
        let rows: Vec<_> = warrants.iter().map(|one| row(one, now)).collect();
        table(
            [
                "warrant", "session", "state", "issued", "dies", "removal", "reason",
            ],
            &rows,
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(warrant: &WarrantRow, now: Timestamp) -> [String; 7] {
    let by = |who: &Option<String>| who.clone().unwrap_or_default();
    let state = if warrant.revoked_at.is_some() {
        format!("revoked by {}", by(&warrant.revoked_by))
    } else if warrant.approved_at.is_some() {
        let dead = if warrant.ends_at <= now { ", dead" } else { "" };
        format!("approved by {}{dead}", by(&warrant.approved_by))
    } else if warrant.ends_at <= now {
        "dead".to_owned()
    } else {
        "waits for another operator".to_owned()
    };
    let removal = warrant.removal_id.map(|id| {
        let state = warrant.removal_state.as_deref().unwrap_or_default();
        format!("{id} {state}")
    });
    [
        warrant.id.to_string(),
        warrant.session_id.clone(),
        state,
        format!("{} by {}", utc(warrant.issued_at), warrant.issued_by),
        utc(warrant.ends_at),
        removal.unwrap_or_else(|| "-".to_owned()),
        warrant.reason.clone(),
    ]
}
