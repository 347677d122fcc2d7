//! `relink warrant …`: two operators' permission to remove one live, inert duplicate (R-DEL-4).

use super::Failure;
use super::act::{Done, How, Refused, perform, store, words};
use super::table::{show, table, utc};
use clap::Subcommand;
use jiff::Timestamp;
use policy::ids::{SessionId, WarrantId};
use std::process::ExitCode;
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
        how: How,
    },
    /// Says yes to a warrant that another operator issued. Its removal begins to be looked at.
    Approve {
        /// The warrant's id.
        id: Uuid,
        #[command(flatten)]
        how: How,
    },
    /// Takes a warrant back; its removal is withdrawn, if it is not permitted yet.
    Revoke {
        /// The warrant's id.
        id: Uuid,
        #[command(flatten)]
        how: How,
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
        Warrant::Issue { session, how } => issue(session, how).await,
        Warrant::Approve { id, how } => approve(WarrantId(*id), how).await,
        Warrant::Revoke { id, how } => revoke(WarrantId(*id), how).await,
        Warrant::List { json } => list(*json).await,
    }
}

async fn issue(session: &str, how: &How) -> Result<ExitCode, Failure> {
    let asked = SessionId(session.to_owned());
    perform(how, &format!("warrant issue {session}"), async |tx, act| {
        let (warrant, ends_at) = tx.issue_warrant(act, &asked).await?;
        let says = format!(
            "issued a warrant for session {session}; another operator must approve it before it dies at {}",
            utc(ends_at)
        );
        Ok(Done::new(says).with("warrant", &warrant).with("ends_at", &ends_at))
    })
    .await
}

async fn approve(warrant: WarrantId, how: &How) -> Result<ExitCode, Failure> {
    perform(
        how,
        &format!("warrant approve {warrant}"),
        async |tx, act| {
            let removal = tx.approve_warrant(act, warrant).await?;
            let says = format!("approved the warrant {warrant}; its removal is requested");
            Ok(Done::new(says).with("removal", &removal))
        },
    )
    .await
}

async fn revoke(warrant: WarrantId, how: &How) -> Result<ExitCode, Failure> {
    perform(
        how,
        &format!("warrant revoke {warrant}"),
        async |tx, act| {
            if !tx.revoke_warrant(act, warrant).await? {
                let why = format!("warrant: {warrant} does not exist or is revoked already");
                return Err(Refused::new(why));
            }
            let all = tx.warrants().await?;
            let removal = all
                .into_iter()
                .find(|one| one.id == warrant.0)
                .and_then(|one| one.removal_state);
            Ok(Done::new(match removal {
                None => format!("revoked the warrant {warrant}"),
                Some(state) => format!("revoked the warrant {warrant}; its removal is {state}"),
            }))
        },
    )
    .await
}

async fn list(json: bool) -> Result<ExitCode, Failure> {
    let tx = store()?.begin().await?;
    let (now, found) = (tx.now().at, tx.warrants().await);
    tx.abandon().await;
    let warrants = found.map_err(|error| Failure::new(words(&error)))?;
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
