//! `relink webhooks …`: what the provider is to tell us by itself, and whether it will (R-LNK-2).

mod settings;
mod standing;

use super::act::{OperationArgs, answer, attempt};
use super::table::table;
use super::{Failure, configure};
use clap::Subcommand;
use fleet::chain;
use operations::webhooks::Register;
use policy::events::{SECRET_HEADER, Source};
use provider::{NewWebhook, Unipile};
use secrecy::SecretString;
use serde_json::json;
pub(crate) use settings::webhook_secrets;
pub(crate) use standing::{Standing, Wanted, WebhookState, judge};
use std::process::ExitCode;

/// Webhooks at the provider.
#[derive(Subcommand)]
pub(crate) enum Webhooks {
    /// Lists the provider's webhooks and how they stand to this fleet; exit code 1 unless each source has a current one.
    List {
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Registers a webhook for each source that has no current one; asked again, it does nothing.
    Ensure {
        #[command(flatten)]
        how: OperationArgs,
    },
}

/// The provider, and what is wanted of it.
struct Site {
    provider: Unipile,
    wanted: Wanted,
    secret: SecretString,
}

pub(crate) async fn run(asked: &Webhooks) -> Result<ExitCode, Failure> {
    let (config, url, secret) = configure(|reader| {
        let secret = settings::webhook_secret(reader);
        (reader.provider(), settings::webhook_url(reader), secret)
    })?;
    let site = Site {
        provider: Unipile::new(config).map_err(|error| Failure::new(chain(&error)))?,
        wanted: Wanted::new(url, &secret),
        secret,
    };
    match asked {
        Webhooks::List { json } => site.list(*json).await,
        Webhooks::Ensure { how } => site.ensure(how).await,
    }
}

impl Site {
    async fn standing(&self) -> Result<Standing, Failure> {
        let all = self.provider.webhooks().await;
        let all = all.map_err(|error| Failure::new(chain(&error)))?;
        Ok(judge(&self.wanted, all))
    }

    async fn list(&self, as_json: bool) -> Result<ExitCode, Failure> {
        let found = self.standing().await?;
        if as_json {
            println!("{}", serde_json::to_string_pretty(&shown(&found))?);
        } else {
            print!("{}", lines(&found));
        }
        Ok(if found.lacking.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// The act's audit row first: a call whose answer is lost is not without one. Asked again, what it made is found.
    async fn ensure(&self, how: &OperationArgs) -> Result<ExitCode, Failure> {
        let found = self.standing().await?;
        if found.lacking.is_empty() {
            println!("each source has its webhook; nothing is registered");
            return Ok(ExitCode::SUCCESS);
        }
        let register = Register {
            sources: found.lacking.clone(),
        };
        let Some((_, mut done)) = attempt(how, &register).await? else {
            return Ok(ExitCode::FAILURE);
        };
        if !how.dry_run {
            for source in &found.lacking {
                done = done.with(source.as_str(), &self.register(*source).await?);
            }
        }
        print!("{}", answer(how.json, how.dry_run, &done));
        for old in found.in_state(WebhookState::Stale) {
            eprintln!(
                "relink: {} of {} bears another secret; when no event of before is on its way any more, take it away at the provider",
                old.id, old.source
            );
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn register(&self, source: Source) -> Result<String, Failure> {
        let name = self.wanted.name(source);
        let new = NewWebhook {
            source: source.as_str(),
            url: &self.wanted.url,
            name: &name,
            secret: (SECRET_HEADER, &self.secret),
        };
        let registered = self.provider.register_webhook(&new).await;
        registered.map_err(|error| {
            let why = chain(&error);
            Failure::new(format!(
                "register {source}: {why}; ask again, it makes what is not there"
            ))
        })
    }
}

/// Addresses of others are not shown: they may hold secrets.
fn shown(found: &Standing) -> serde_json::Value {
    let one = |(state, it): &(WebhookState, provider::RegisteredWebhook)| json!({ "id": it.id, "source": it.source, "state": state.as_str(), "name": it.name });
    let lacking: Vec<&str> = found.lacking.iter().map(|it| it.as_str()).collect();
    json!({ "webhooks": found.webhooks.iter().map(one).collect::<Vec<_>>(), "lacking": lacking })
}

fn lines(found: &Standing) -> String {
    let row = |(state, it): &(WebhookState, provider::RegisteredWebhook)| {
        [
            it.source.clone(),
            state.to_string(),
            it.name.clone(),
            it.id.clone(),
        ]
    };
    let rows: Vec<_> = found.webhooks.iter().map(row).collect();
    let mut text = table(["source", "state", "name", "id"], &rows);
    for source in &found.lacking {
        text += &format!("{source} has no current webhook: `relink webhooks ensure`\n");
    }
    text
}
