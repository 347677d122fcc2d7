//! Bringing a database to this build's schema. Forward only; several migrators at once do no harm.

mod embedded;
mod functions;

use crate::config::Config;
use crate::error::StoreError;
use crate::said::DriverMessage;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_postgres::Client;
use tokio_postgres::config::TargetSessionAttrs;

const ROLES: &str = include_str!("../sql/bootstrap/roles.sql");
/// Any number that nothing else locks.
const LOCK: &str = "select pg_advisory_lock(726504001)";
const HISTORY: &str = "relink.schema_history";

/// What a migration run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Names of the migrations that were applied now.
    pub applied: Vec<String>,
    /// The schema's version after it.
    pub version: i64,
}

/// Migrates. The URL's user must be able to create roles and schemas; the runtime roles must not.
pub async fn migrate(config: &Config) -> Result<Migrated, StoreError> {
    let mut client = connect(config).await?;
    // Held until the connection ends, so that a second migrator waits and then finds nothing left to do.
    run(&client, "wait for other migrators", LOCK).await?;
    run(&client, "create roles and schema", ROLES).await?;
    let known = known_version();
    if let Some(found) = version(&client).await?
        && found > known
    {
        // An older build has nothing to add to a newer schema, whether it could work with it or not.
        let needs = found;
        return Err(StoreError::NewerSchema {
            found,
            needs,
            known,
        });
    }
    run(
        &client,
        "act as the owner",
        "set role relink_owner; set search_path = relink",
    )
    .await?;
    let mut runner = embedded::runner();
    runner.set_migration_table_name(HISTORY);
    let report = runner
        .run_async(&mut client)
        .await
        .map_err(|error| StoreError::Migrate(Box::new(error)))?;
    run(
        &client,
        "let the runtime roles read the schema's version",
        "grant select on relink.schema_history to relink_worker, relink_scheduler, relink_reader, relink_operator",
    )
    .await?;
    let applied = report
        .applied_migrations()
        .iter()
        .map(|one| one.name().to_owned())
        .collect();
    Ok(Migrated {
        applied,
        version: version(&client).await?.unwrap_or(0),
    })
}

/// Creates a database if it is not there. `config` names another database of the same server.
pub async fn create_database(config: &Config, name: &str) -> Result<(), StoreError> {
    let client = connect(config).await?;
    let query = "create the database";
    let there = client
        .query_opt("select from pg_database where datname = $1", &[&name])
        .await;
    if there
        .map_err(|source| StoreError::Query {
            query,
            source: DriverMessage::of(source),
        })?
        .is_some()
    {
        return Ok(());
    }
    run(
        &client,
        query,
        &format!("create database \"{}\"", name.replace('"', "\"\"")),
    )
    .await
}

/// The newest schema version that this build knows.
pub fn known_version() -> i64 {
    let each = embedded::all().iter();
    each.map(|one| i64::from(one.version())).max().unwrap_or(0)
}

/// Version, name and checksum of each migration of this build, in their order.
pub(crate) fn known() -> Vec<(i64, String, String)> {
    let each = embedded::all().iter();
    let mut all: Vec<_> = each
        .map(|one| {
            let sum = one.checksum().to_string();
            (i64::from(one.version()), one.name().to_owned(), sum)
        })
        .collect();
    all.sort();
    all
}

/// The schema's functions, as the migrations of this build write them.
pub(crate) fn functions() -> BTreeMap<String, functions::Written> {
    let mut all: Vec<_> = embedded::all().iter().collect();
    all.sort_by_key(|one| one.version());
    functions::of(all.into_iter().filter_map(|one| one.sql()))
}

/// Refuses a schema that this build cannot work with: an older one, or a newer one that took something away since.
pub(crate) async fn check_schema(client: &Client) -> Result<(), StoreError> {
    let found = version(client).await?.unwrap_or(0);
    let known = known_version();
    if found < known {
        return Err(StoreError::OlderSchema { found, known });
    }
    if found == known {
        return Ok(());
    }
    let query = "read which builds the schema serves";
    let needs = client
        .query_one(
            "select oldest_build::bigint from relink.schema_support",
            &[],
        )
        .await;
    let needs = needs
        .map_err(|source| StoreError::Query {
            query,
            source: DriverMessage::of(source),
        })?
        .get(0);
    if known < needs {
        Err(StoreError::NewerSchema {
            found,
            needs,
            known,
        })
    } else {
        Ok(())
    }
}

async fn version(client: &Client) -> Result<Option<i64>, StoreError> {
    let query = "read the schema's version";
    let there = client
        .query_one(
            "select to_regclass('relink.schema_history') is not null",
            &[],
        )
        .await;
    if !there
        .map_err(|source| StoreError::Query {
            query,
            source: DriverMessage::of(source),
        })?
        .get::<_, bool>(0)
    {
        return Ok(None);
    }
    let found = client
        .query_one(
            "select max(version)::bigint from relink.schema_history",
            &[],
        )
        .await;
    Ok(found
        .map_err(|source| StoreError::Query {
            query,
            source: DriverMessage::of(source),
        })?
        .get(0))
}

async fn run(client: &Client, query: &'static str, text: &str) -> Result<(), StoreError> {
    client
        .batch_execute(text)
        .await
        .map_err(|source| StoreError::Query {
            query,
            source: DriverMessage::of(source),
        })
}

/// A connection of its own, outside the pool and without its statement time-out.
pub(crate) async fn connect(config: &Config) -> Result<Client, StoreError> {
    connect_to(config, TargetSessionAttrs::ReadWrite).await
}

/// As [`connect`], also to a server that takes no writes where `attributes` allow that.
pub(crate) async fn connect_to(
    config: &Config,
    attributes: TargetSessionAttrs,
) -> Result<Client, StoreError> {
    let mut parsed = config.parsed()?;
    parsed
        .options("-c client_min_messages=error -c lock_timeout=60s")
        .target_session_attrs(attributes)
        .connect_timeout(Duration::from_secs(10));
    connect_by(config, &parsed).await
}

/// A connection of its own, as `parsed` says.
pub(crate) async fn connect_by(
    config: &Config,
    parsed: &tokio_postgres::Config,
) -> Result<Client, StoreError> {
    let connected = parsed.connect(config.tls()?).await;
    let (client, connection) = connected.map_err(|source| StoreError::Query {
        query: "connect",
        source: DriverMessage::of(source),
    })?;
    // Ends by itself when the client is dropped.
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a database connection ended");
        }
    });
    Ok(client)
}

pub(crate) async fn connect_as_owner(config: &Config) -> Result<Client, StoreError> {
    let client = connect(config).await?;
    run(&client, "act as the owner", "set role relink_owner").await?;
    Ok(client)
}
