//! `relink why account …` and `relink why campaign …`: which rule says what, until when, and what would change it.
//!
//! What is shown is read in one transaction, at one instant of the database's clock.

use super::named::Named;
use super::{Failure, configure};
use clap::{Args, Subcommand};
use operations::why;
use policy::ids::{AccountId, CampaignId};
use serde::Serialize;
use std::fmt;
use std::process::ExitCode;
use store::{Store, Tx};

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
            let id = Named::Account.id_in(tx, &asked.which).await?;
            show(&why::account(tx, AccountId(id), None).await?, asked.json)
        }
        WhyCommand::Campaign(asked) => {
            let id = Named::Campaign.id_in(tx, &asked.which).await?;
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
