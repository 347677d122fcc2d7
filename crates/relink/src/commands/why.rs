//! `relink why account …` and `relink why campaign …`: which rule says what, until when, and what would change it.
//!
//! What is shown is read in one transaction, at one instant of the database's clock.

use super::table::one_line;
use super::{Failure, configure};
use clap::{Args, Subcommand};
use operations::why;
use policy::ids::{AccountId, CampaignId};
use serde::Serialize;
use std::fmt;
use std::process::ExitCode;
use store::why::NameMatch;
use store::{Store, Tx};
use uuid::Uuid;

/// What is asked about.
#[derive(Subcommand)]
pub(crate) enum WhyCommand {
    /// Whether an account may do each of its actions, and if not, why and until when.
    Account(WhySubject),
    /// Why a campaign does not run or does not send.
    Campaign(WhySubject),
}

/// Of which one, and how to answer.
#[derive(Args)]
pub(crate) struct WhySubject {
    /// Its id or name; for an account also its session or handle.
    which: String,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(why: &WhyCommand) -> Result<ExitCode, Failure> {
    let config = configure(|reader| reader.database("relink-why"))?;
    let store = Store::new(config)?;
    let answered = store.reading(async |tx| answer(tx, why).await);
    print!("{}", answered.await?);
    Ok(ExitCode::SUCCESS)
}

async fn answer(tx: &Tx, why: &WhyCommand) -> Result<String, Failure> {
    match why {
        WhyCommand::Account(asked) => {
            let id = one(
                "account",
                &asked.which,
                tx.find_account(&asked.which).await?,
            )?;
            show(&why::account(tx, AccountId(id), None).await?, asked.json)
        }
        WhyCommand::Campaign(asked) => {
            let found = tx.find_campaign(&asked.which).await?;
            let id = one("campaign", &asked.which, found)?;
            show(&why::campaign(tx, CampaignId(id), None).await?, asked.json)
        }
    }
}

fn show(view: &(impl Serialize + fmt::Display), as_json: bool) -> Result<String, Failure> {
    if as_json {
        return Ok(serde_json::to_string_pretty(view)? + "\n");
    }
    Ok(view.to_string())
}

/// The only one of that name, or an error that helps to name another.
pub(crate) fn one(kind: &str, called: &str, found: NameMatch) -> Result<Uuid, Failure> {
    match found {
        NameMatch::One(id) => Ok(id),
        NameMatch::Several(all) => {
            let lines = all.iter().map(|(id, name, workspace, session)| {
                let session = session.as_ref().map(|it| format!(", session {it}"));
                let session = session.unwrap_or_default();
                let named = one_line(&format!("{name}, workspace {workspace}{session}"));
                format!("\n  {id}  {named}")
            });
            let lines: String = lines.collect();
            Err(Failure::new(format!(
                "several {kind}s are called {called:?}; name one by its id:{lines}"
            )))
        }
        NameMatch::Nothing { known: 0, .. } => Err(Failure::new(format!(
            "no {kind} is called {called:?}: this database knows no {kind} at all"
        ))),
        NameMatch::Nothing { known, like } => Err(Failure::new(format!(
            "no {kind} is called {called:?}: {known} are known by id and name, such as {}",
            one_line(&like.join(", "))
        ))),
    }
}
