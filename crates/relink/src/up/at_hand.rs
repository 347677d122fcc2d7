//! The fleet at hand of operators' commands: the settings and the token with which `relink --local` reaches it.

use crate::commands::{Failure, operator};
use crate::local::Fleet;
use secrecy::{ExposeSecret, SecretString};
use servers::{Postgres, RabbitMq};
use std::path::Path;
use std::time::Duration;
use store::Config;
use store::operators::{self, NewToken, Scope};

pub(super) const DATABASE: &str = "relink";
/// Only the simulator on this machine accepts it.
pub(super) const API_KEY: &str = "local-simulator";
/// Name of the operator that acts by `relink --local`.
const OPERATOR: &str = "local";
const BY: (&str, &str) = ("relink up", "to be used by relink --local while it runs");
/// Time of the fleet's clock, which may run 600 times as fast as the machine's.
const LIFE: Duration = Duration::from_hours(24 * 366);

/// This process's fleet as operators' commands reach it, with a token handed out for them.
pub(super) async fn fleet(
    dir: &Path,
    speed: f64,
    (postgres, rabbitmq): (&Postgres, &RabbitMq),
    (provider, more): (&str, Vec<(&'static str, String)>),
) -> Result<Fleet, Failure> {
    let owner_url = postgres.url("postgres", DATABASE);
    let owner = Config::new(SecretString::from(owner_url.clone()), "relink-up");
    let settings = [
        (
            "RELINK_DATABASE_URL",
            postgres.url("relink_operator", DATABASE),
        ),
        ("RELINK_AMQP_URL", rabbitmq.amqp_url("/")),
        ("RELINK_RABBITMQ_MANAGEMENT_URL", rabbitmq.management_url()),
        ("RELINK_PROVIDER_URL", provider.to_owned()),
        ("RELINK_PROVIDER_API_KEY", API_KEY.to_owned()),
        ("RELINK_OPERATOR_TOKEN", hand_out_token(&owner).await?),
        ("RELINK_STAND_IN_CLOCK", "true".to_owned()),
    ];
    let settings = settings.into_iter().chain(more);
    let settings = settings.map(|(name, value)| (name.to_owned(), value));
    Fleet::of_this_process(dir, speed, owner_url, settings.collect())
}

/// Revokes what earlier runs handed out in data that was kept.
pub(super) async fn revoke_old_tokens(owner: &Config) -> Result<(), Failure> {
    operators::revoke(owner, OPERATOR, BY).await?;
    Ok(())
}

/// A token for this run, `rlo_…`.
async fn hand_out_token(owner: &Config) -> Result<String, Failure> {
    let (id, secret) = operator::draw_token()?;
    let token = NewToken {
        id: &id,
        secret: secret.expose_secret(),
        operator: OPERATOR,
        scopes: &[Scope::Read, Scope::Operate, Scope::Remove],
        workspace: None,
        life: LIFE,
    };
    operators::add(owner, &token, BY).await?;
    Ok(format!("rlo_{id}_{}", secret.expose_secret()))
}

/// A command to type in a second terminal, with the program as it was typed here.
pub(super) fn line() -> String {
    let program = std::env::args().next();
    let program = program.unwrap_or_else(|| "relink".to_owned());
    format!("{program} --local queues   (type it in a second terminal)")
}
